using System.Globalization;
using System.Text;

namespace Sasl.Saslauthd;

/// <summary>Makes the one line that a request leaves: Cyrus SASL's (saslauthd/saslauthd-main.c, <c>do_auth</c>), and two fields behind it.</summary>
/// <remarks>
/// <para><c>auth failure: [user=U] [service=S] [realm=R] [mech=M] [reason=WHY] [client=ADDR;PORT] [time=1.234ms]</c></para>
/// <para>No field can end the line or imitate another one: control characters, brackets and backslashes are written as <c>\xNN</c>.</para>
/// </remarks>
public static class SaslauthdLogLine
{
    /// <summary>The longest field, in characters; what is longer ends with <c>...</c>.</summary>
    public const int MaxFieldLength = 256;

    private const string UnknownReason = "Unknown";    // the original's word where a mechanism gave none

    /// <summary>The line of a request, without a line's end.</summary>
    /// <param name="record">The request.</param>
    public static string Of(SaslauthdRequestRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        bool success = record.Outcome is PasswordOutcome.Match;
        var line = new StringBuilder(success ? record.IsCached ? "auth success (cached):" : "auth success:" : "auth failure:", 192);
        Append(line, "user", record.Login);
        Append(line, "service", record.Service);
        Append(line, "realm", record.Realm);
        Append(line, "mech", record.Checker);
        if (!success)
            Append(line, "reason", record.Reason ?? WordFor(record.Outcome));
        if (record.ClientAddress is { } address)
            Append(line, "client", address);
        return line.Append(CultureInfo.InvariantCulture, $" [time={record.Duration.TotalMilliseconds:0.000}ms]").ToString();
    }

    /// <summary>A sentence of the daemon, made fit for one line.</summary>
    /// <param name="text">The sentence.</param>
    public static string OfNote(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var line = new StringBuilder(text.Length);
        foreach (char character in text)
            AppendCharacter(line, character, escapesBrackets: false);
        return line.ToString();
    }

    private static string WordFor(PasswordOutcome outcome) => outcome switch
    {
        PasswordOutcome.Unavailable => "The checker could not answer",
        PasswordOutcome.Match or PasswordOutcome.Mismatch => UnknownReason,
        PasswordOutcome.UnknownUser => "Unknown user",
        PasswordOutcome.Disabled => "Account disabled",
        PasswordOutcome.Expired => "Password expired",
    };

    private static void Append(StringBuilder line, string name, string value)
    {
        line.Append(" [").Append(name).Append('=');
        foreach (char character in value.AsSpan(0, Math.Min(value.Length, MaxFieldLength)))
            AppendCharacter(line, character, escapesBrackets: true);
        line.Append(value.Length > MaxFieldLength ? "...]" : "]");
    }

    private static void AppendCharacter(StringBuilder line, char character, bool escapesBrackets)
    {
        if (IsUnfit(character) || (escapesBrackets && character is '[' or ']' or '\\'))
            line.Append(CultureInfo.InvariantCulture, $"\\x{(int)character:x2}");
        else
            line.Append(character);
    }

    // Whatever moves a cursor, ends a line somewhere or turns the direction of writing; half a surrogate pair where a field was cut.
    private static bool IsUnfit(char character) => char.IsControl(character) || char.IsSurrogate(character)
        || char.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
