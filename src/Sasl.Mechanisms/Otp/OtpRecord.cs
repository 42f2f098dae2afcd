using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>What a server keeps of a user's sequence: the last one-time password that was used, and when a lock ends.</summary>
/// <remarks>
/// Cyrus SASL's form of <c>cmusaslsecretOTP</c>, with tabs between:
/// <code>
/// record = algorithm TAB 4DIGIT TAB seed TAB 16HEXDIG TAB 20DIGIT     ; the last is the end of the lock in seconds of the Unix epoch, or 0
/// </code>
/// Its older form has NULs between and ends with eight octets of password and a <c>time_t</c>; it is read, and written in the new one.
/// </remarks>
/// <param name="Parameters">The number that was used last.</param>
/// <param name="Password">The one-time password of that number.</param>
/// <param name="LockedUntil">When another login may begin; the epoch where none is under way.</param>
internal sealed record OtpRecord(OtpParameters Parameters, ReadOnlyMemory<byte> Password, DateTimeOffset LockedUntil)
{
    private const int LongestRecord = 128;
    private const int LongestTime = 20;

    // Tells seconds from rubbish: the year 9999.
    private const long MaxTime = 253402300799;

    /// <summary>The record in Cyrus SASL's form.</summary>
    public byte[] ToOctets() => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{OtpHash.NameOf(Parameters.Algorithm)}\t{Parameters.Sequence:D4}\t{Parameters.Seed}\t{OtpText.ToHex(Password.Span)}\t{LockedUntil.ToUnixTimeSeconds():D20}"));

    /// <summary>Whether an answer is the next one-time password of the sequence.</summary>
    public bool IsFollowedBy(ReadOnlySpan<byte> answer)
    {
        Span<byte> hash = stackalloc byte[OtpHash.Length];
        OtpHash.Next(Parameters.Algorithm, answer, hash);
        return CryptographicOperations.FixedTimeEquals(hash, Password.Span);
    }

    /// <summary>Null when the octets are not a record.</summary>
    public static OtpRecord? Parse(ReadOnlySpan<byte> octets)
    {
        if (octets.Length > LongestRecord)
            return null;
        if (octets.Contains((byte)0))
            return ParseBinary(octets);
        string[] fields = Encoding.ASCII.GetString(octets).Split('\t');
        byte[] password = new byte[OtpHash.Length];
        return fields.Length == 5
            && OtpParameters.Parse(fields[0], fields[1], fields[2]) is { } parameters
            && OtpText.TryReadHex(fields[3], password)
            && fields[4].Length <= LongestTime && long.TryParse(fields[4], NumberStyles.None, CultureInfo.InvariantCulture, out long time) && time <= MaxTime
                ? new OtpRecord(parameters, password, DateTimeOffset.FromUnixTimeSeconds(time))
                : null;
    }

    // The lock's time is of the machine's own size and byte order, and at most five minutes old: it is not read.
    private static OtpRecord? ParseBinary(ReadOnlySpan<byte> octets)
    {
        string[] fields = Encoding.Latin1.GetString(octets).Split('\0', 4);    // the last has NULs of its own
        if (fields.Length < 4 || fields[3].Length is not (OtpHash.Length + sizeof(int) or OtpHash.Length + sizeof(long)))
            return null;
        return OtpParameters.Parse(fields[0], fields[1], fields[2]) is { } parameters
            ? new OtpRecord(parameters, octets[^fields[3].Length..][..OtpHash.Length].ToArray(), DateTimeOffset.UnixEpoch)
            : null;
    }
}
