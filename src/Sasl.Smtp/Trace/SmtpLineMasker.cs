using System.Buffers;
using System.Globalization;
using System.Text;

namespace Sasl.Smtp;

/// <summary>Makes the lines of an SMTP conversation fit for a protocol trace: what may be secret becomes <c>***</c>.</summary>
/// <remarks>
/// One for each connection, fed with every line in the order in which it is sent or received. Masked are initial responses, every line of
/// the client between AUTH and the server's last word on it, whether it waited for a challenge or not, and every line that does not start
/// with a known command: a password sent at the wrong moment is one of those. Shown are the mechanism, cancellations, empty responses and
/// what the server says. Message texts are masked from the server's 354 to the line that has only a dot. Not thread-safe.
/// </remarks>
public sealed class SmtpLineMasker
{
    /// <summary>The longest line shown, in octets; longer ones are cut and end in an ellipsis.</summary>
    public const int MaxLength = 1000;

    private const string Mask = "***";
    private const int CodeLength = 3;

    private static readonly string[] s_commands =
    [
        "HELO", "EHLO", "LHLO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "NOOP", "QUIT", "VRFY", "EXPN", "HELP", "STARTTLS", "ETRN", "TURN",
        "XCLIENT", "XFORWARD",
    ];

    private static readonly SearchValues<byte> s_endOfVerb = SearchValues.Create(" ="u8);

    private static readonly SearchValues<byte> s_upperName = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"u8);

    private static readonly SearchValues<byte> s_lowerName = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    private bool _authenticating;
    private bool _inMessage;

    /// <summary>A line of the client.</summary>
    /// <param name="line">The line, with or without CRLF.</param>
    /// <returns>What may be shown.</returns>
    public string Client(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd("\r\n"u8);
        if (_inMessage)
        {
            _inMessage = line is not [(byte)'.'];
            return _inMessage ? Mask : ".";
        }
        if (_authenticating)
            return line.IsEmpty ? "" : line is [(byte)'*'] ? "*" : Mask;

        int end = line.IndexOfAny(s_endOfVerb);
        ReadOnlySpan<byte> verb = end < 0 ? line : line[..end];
        if (Ascii.EqualsIgnoreCase(verb, "AUTH"u8))
        {
            _authenticating = true;
            return Command(line);
        }
        foreach (string command in s_commands)
        {
            if (Ascii.EqualsIgnoreCase(verb, command))
                return Show(line);
        }
        return line.IsEmpty ? "" : Mask;
    }

    /// <summary>A line of the server.</summary>
    /// <param name="line">The line, with or without CRLF.</param>
    /// <returns>What may be shown.</returns>
    public string Server(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd("\r\n"u8);
        bool isLast = line.Length <= CodeLength || line[CodeLength] != (byte)'-';
        if (isLast)
        {
            _authenticating = line.StartsWith("334"u8);
            _inMessage = line.StartsWith("354"u8);
        }
        return Show(line);
    }

    // "AUTH PLAIN ***": the mechanism is shown when it looks like one, the initial response never, except for "=" which is empty.
    private static string Command(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> rest = line["AUTH".Length..].TrimStart(" ="u8);
        char separator = line is [_, _, _, _, (byte)'=', ..] ? '=' : ' ';
        string verb = Encoding.ASCII.GetString(line[.."AUTH".Length]);
        int end = rest.IndexOf((byte)' ');
        ReadOnlySpan<byte> mechanism = end < 0 ? rest : rest[..end];
        if (mechanism.IsEmpty)
            return verb;
        string name = IsName(mechanism) ? Encoding.ASCII.GetString(mechanism) : Mask;
        string initial = end < 0 ? "" : rest[end..].Trim((byte)' ') is [(byte)'='] ? " =" : " " + Mask;
        return $"{verb}{separator}{name}{initial}";
    }

    // A response that lost its mechanism on the way is base64, which mixes upper and lower case; names do not.
    private static bool IsName(ReadOnlySpan<byte> text) =>
        text.Length <= SaslMechanism.MaxNameLength && (!text.ContainsAnyExcept(s_upperName) || !text.ContainsAnyExcept(s_lowerName));

    private static string Show(ReadOnlySpan<byte> line)
    {
        bool cut = line.Length > MaxLength;
        var text = new StringBuilder();
        foreach (byte octet in cut ? line[..MaxLength] : line)
        {
            if (octet is >= (byte)' ' and <= (byte)'~')
                text.Append((char)octet);
            else
                text.Append(CultureInfo.InvariantCulture, $"\\x{octet:x2}");
        }
        return cut ? text.Append('…').ToString() : text.ToString();
    }
}
