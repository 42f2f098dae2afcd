using System.Text;

namespace Sasl.Mechanisms;

/// <summary>The challenge of RFC 2289 section 6.0 as RFC 2444 wants it.</summary>
/// <remarks>
/// <code>
/// otp-challenge = "otp-" algorithm SP sequence SP seed SP extensions
/// extensions    = "ext" *("," extension)
/// </code>
/// </remarks>
internal static class OtpChallenge
{
    private const string Prefix = "otp-";
    private const string Extended = "ext";

    public static string Write(OtpParameters parameters) => $"{Prefix}{parameters} {Extended}";

    /// <summary>Null when the octets are no challenge that this library can answer, such as one with another hash or without <c>ext</c>.</summary>
    public static OtpParameters? Parse(ReadOnlySpan<byte> challenge)
    {
        if (!Ascii.IsValid(challenge))
            return null;
        string[] words = Encoding.ASCII.GetString(challenge).Split((char[])[' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return words.Length >= 4 && words[0].StartsWith(Prefix, StringComparison.Ordinal) && words[3].Split(',')[0] == Extended
            ? OtpParameters.Parse(words[0][Prefix.Length..], words[1], words[2])
            : null;
    }
}
