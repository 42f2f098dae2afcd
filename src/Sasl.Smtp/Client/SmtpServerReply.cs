using System.Buffers;
using System.Globalization;
using System.Text;

namespace Sasl.Smtp;

/// <summary>One whole reply of a server, however many lines it has (RFC 5321 section 4.2.1).</summary>
/// <remarks><code>
/// reply = *( code "-" [text] CRLF ) code [ SP text ] CRLF       code = %x32-35 2DIGIT
/// </code></remarks>
/// <param name="Code">The code.</param>
/// <param name="Lines">How many lines it had.</param>
/// <param name="LastText">The text of the last line as octets; valid until the next line is read.</param>
/// <param name="Status">The enhanced status code (RFC 2034) that starts the last line; null when it has none.</param>
/// <param name="Text">All lines joined, fit to be shown.</param>
internal sealed record SmtpServerReply(int Code, int Lines, ReadOnlyMemory<byte> LastText, string? Status, string Text)
{
    /// <summary>The most lines one reply may have.</summary>
    public const int MaxLines = 64;

    private const int CodeLength = 3;
    private const int MaxStatusPart = 999;

    private static readonly SearchValues<byte> s_statusCharacters = SearchValues.Create("0123456789."u8);

    /// <summary>Reads one reply. Null when the connection has ended; code 0 when what came is no reply.</summary>
    public static async ValueTask<SmtpServerReply?> ReadAsync(
        Func<CancellationToken, ValueTask<ReadOnlyMemory<byte>?>> readLine, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        int code = 0;
        for (int lines = 1; lines <= MaxLines; lines++)
        {
            if (await readLine(cancellationToken).ConfigureAwait(false) is not { } line)
                return null;
            if (!TryParse(line.Span, out int thisCode, out bool isLast) || (lines > 1 && thisCode != code))
                break;
            code = thisCode;
            ReadOnlyMemory<byte> rest = line.Length > CodeLength ? line[(CodeLength + 1)..] : default;
            Append(text, rest.Span);
            if (isLast)
                return new SmtpServerReply(code, lines, rest, StatusOf(code, rest.Span), text.ToString());
        }
        return new SmtpServerReply(Code: 0, Lines: 0, default, Status: null, Text: "");
    }

    private static bool TryParse(ReadOnlySpan<byte> line, out int code, out bool isLast)
    {
        (code, isLast) = (0, false);
        if (line.Length < CodeLength || line[0] is < (byte)'2' or > (byte)'5'
            || !char.IsAsciiDigit((char)line[1]) || !char.IsAsciiDigit((char)line[2]))
        {
            return false;
        }
        if (line.Length > CodeLength && line[CodeLength] is not ((byte)' ' or (byte)'-'))
            return false;
        code = SmtpReplies.CodeOf(line);
        isLast = line.Length == CodeLength || line[CodeLength] == (byte)' ';
        return true;
    }

    // class "." 1*3DIGIT "." 1*3DIGIT, of the class that the code has.
    private static string? StatusOf(int code, ReadOnlySpan<byte> text)
    {
        int end = text.IndexOfAnyExcept(s_statusCharacters);
        ReadOnlySpan<byte> word = end < 0 ? text : text[..end];
        if (word.Length is < 5 or > 9 || (end >= 0 && text[end] != (byte)' '))
            return null;
        string status = Encoding.ASCII.GetString(word);
        string[] parts = status.Split('.');
        return parts.Length == 3 && parts[0] == (code / 100).ToString(CultureInfo.InvariantCulture)
            && IsPart(parts[1]) && IsPart(parts[2]) ? status : null;
    }

    private static bool IsPart(string part) =>
        int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= MaxStatusPart;

    private static void Append(StringBuilder text, ReadOnlySpan<byte> line)
    {
        const int max = SmtpAuthResult.MaxServerTextLength;
        if (text.Length >= max)
            return;
        if (text.Length > 0)
            text.Append(' ');
        // A character has at most four octets, so that this cuts nothing that would be kept.
        foreach (Rune rune in Encoding.UTF8.GetString(line[..Math.Min(line.Length, 4 * max)]).EnumerateRunes())
        {
            if (text.Length >= max - 1)
            {
                text.Append('…');
                return;
            }
            bool printable = rune.Value is >= ' ' and <= '~' || (rune.Value > 0xA0 && IsShown(rune));
            if (printable && rune.IsBmp)
                text.Append((char)rune.Value);
            else
                text.Append('?');
        }
    }

    // What steers a terminal or turns the direction of writing is not shown.
    private static bool IsShown(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse);
}
