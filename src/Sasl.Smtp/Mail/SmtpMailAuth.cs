using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Sasl.Smtp;

/// <summary>The <c>AUTH=</c> parameter of MAIL (RFC 4954 section 5): who submitted the message, in the words of the client.</summary>
/// <remarks><code>
/// "AUTH=" ( "&lt;&gt;" / xtext )      xtext = *( xchar / "+" 2HEXDIG )      HEXDIG in upper case (RFC 3461 section 4)
/// </code>
/// A server that offers AUTH takes it from anybody, and believes it of few: <see cref="BelieveAsync"/>.</remarks>
/// <param name="Kind">What the command says.</param>
/// <param name="Mailbox">The mailbox, decoded; null unless <paramref name="Kind"/> is a mailbox.</param>
public readonly record struct SmtpMailAuth(SmtpMailAuthKind Kind, string? Mailbox)
{
    /// <summary>The longest value, in octets as sent: what RFC 4954 section 3 adds to the length of the MAIL command.</summary>
    public const int MaxLength = 500;

    private static readonly SearchValues<byte> s_hex = SearchValues.Create("0123456789ABCDEF"u8);

    /// <summary>Reads a whole MAIL command.</summary>
    /// <param name="command">Such as <c>MAIL FROM:&lt;e=mc2@example.com&gt; AUTH=e+3Dmc2@example.com</c>, without CRLF.</param>
    public static SmtpMailAuth ParseCommand(ReadOnlySpan<byte> command)
    {
        int colon = command.IndexOf((byte)':');
        if (colon < 0)
            return Malformed;
        ReadOnlySpan<byte> rest = command[(colon + 1)..].TrimStart((byte)' ');
        int end = EndOfPath(rest);
        return end < 0 || (end < rest.Length && rest[end] != (byte)' ') ? Malformed : Parse(rest[end..]);
    }

    /// <summary>Reads the parameters of a MAIL command.</summary>
    /// <param name="parameters">What follows the path: words separated by spaces.</param>
    public static SmtpMailAuth Parse(ReadOnlySpan<byte> parameters)
    {
        SmtpMailAuth found = new(SmtpMailAuthKind.Absent, null);
        foreach (Range range in parameters.Split((byte)' '))
        {
            ReadOnlySpan<byte> word = parameters[range];
            const int keyword = 4;
            if (word.Length < keyword || !Ascii.EqualsIgnoreCase(word[..keyword], "AUTH"u8)
                || (word.Length > keyword && word[keyword] != (byte)'='))
            {
                continue;
            }
            if (found.Kind is not SmtpMailAuthKind.Absent || word.Length == keyword)
                return Malformed;
            found = Decode(word[(keyword + 1)..]);
        }
        return found;
    }

    /// <summary>Writes the parameter, for a client that passes a message on.</summary>
    /// <param name="mailbox">Who submitted the message; null or empty when unknown.</param>
    /// <returns><c>AUTH=e+3Dmc2@example.com</c> or <c>AUTH=&lt;&gt;</c>.</returns>
    /// <exception cref="ArgumentException">The mailbox has control characters, no <c>@</c>, or is too long.</exception>
    public static string Format(string? mailbox)
    {
        if (string.IsNullOrEmpty(mailbox))
            return "AUTH=<>";
        if (!IsMailbox(mailbox))
            throw new ArgumentException("A mailbox has text on both sides of an @, and no control characters.", nameof(mailbox));
        var text = new StringBuilder("AUTH=");
        foreach (byte octet in Encoding.UTF8.GetBytes(mailbox))
        {
            if (IsXchar(octet))
                text.Append((char)octet);
            else
                text.Append(CultureInfo.InvariantCulture, $"+{octet:X2}");
        }
        return text.Length - "AUTH=".Length <= MaxLength
            ? text.ToString() : throw new ArgumentException($"The mailbox takes more than {MaxLength} octets.", nameof(mailbox));
    }

    /// <summary>Decides whom to take for the submitter. Whoever is not logged in is never believed.</summary>
    /// <param name="identity">Who the client is; null when it is not logged in.</param>
    /// <param name="maySpeakFor">Says whether that client may name that mailbox: a trusted relay, or the mailbox's owner.</param>
    /// <param name="cancellationToken">Cancels waiting.</param>
    /// <returns>The mailbox; null for <c>&lt;&gt;</c>, which is also what to pass on.</returns>
    public async ValueTask<string?> BelieveAsync(
        SaslIdentity? identity,
        Func<SaslIdentity, string, CancellationToken, ValueTask<bool>> maySpeakFor,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(maySpeakFor);
        if (Mailbox is not { } mailbox || identity is null || identity.IsAnonymous)
            return null;
        return await maySpeakFor(identity, mailbox, cancellationToken).ConfigureAwait(false) ? mailbox : null;
    }

    private static SmtpMailAuth Malformed => new(SmtpMailAuthKind.Malformed, null);

    private static bool IsXchar(byte octet) => octet is >= (byte)'!' and <= (byte)'~' and not ((byte)'+' or (byte)'=');

    private static bool IsMailbox(string text)
    {
        int at = text.LastIndexOf('@');
        return at > 0 && at < text.Length - 1 && !text.Any(static character => char.IsControl(character));
    }

    private static SmtpMailAuth Decode(ReadOnlySpan<byte> xtext)
    {
        if (xtext.SequenceEqual("<>"u8))
            return new SmtpMailAuth(SmtpMailAuthKind.Nobody, null);
        if (xtext.Length > MaxLength)
            return Malformed;
        Span<byte> octets = stackalloc byte[MaxLength];
        int length = 0;
        for (int i = 0; i < xtext.Length; i++)
        {
            if (xtext[i] != (byte)'+')
            {
                if (!IsXchar(xtext[i]))
                    return Malformed;
                octets[length++] = xtext[i];
                continue;
            }
            if (i + 2 >= xtext.Length || xtext.Slice(i + 1, 2).ContainsAnyExcept(s_hex))
                return Malformed;
            octets[length++] = byte.Parse(xtext.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            i += 2;
        }
        if (!Utf8.IsValid(octets[..length]))
            return Malformed;
        string mailbox = Encoding.UTF8.GetString(octets[..length]);
        return IsMailbox(mailbox) ? new SmtpMailAuth(SmtpMailAuthKind.Mailbox, mailbox) : Malformed;
    }

    // "<" path ">", in which a quoted local part may have any of these characters; or, from careless clients, a path without brackets.
    private static int EndOfPath(ReadOnlySpan<byte> text)
    {
        bool bracketed = text.StartsWith("<"u8);
        bool quoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (quoted && text[i] == (byte)'\\')
                i++;
            else if (text[i] == (byte)'"')
                quoted = !quoted;
            else if (!quoted && bracketed && text[i] == (byte)'>')
                return i + 1;
            else if (!quoted && !bracketed && text[i] == (byte)' ')
                return i;
        }
        return bracketed || quoted ? -1 : text.Length;
    }
}
