using System.Buffers.Binary;
using System.Globalization;

namespace Sasl.Mechanisms;

/// <summary>New seeds, as Cyrus SASL makes them: the first two characters of the host's name, and four digits.</summary>
internal static class OtpSeed
{
    private const int Letters = 2;
    private const int Numbers = 10_000;

    /// <summary>The seed with these digits.</summary>
    /// <param name="host">The host's name.</param>
    /// <param name="number">From 0 to 9999.</param>
    public static string Of(string host, int number)
    {
        string letters = string.Concat(host.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit).Take(Letters)).PadRight(Letters, 'x');
        return string.Create(CultureInfo.InvariantCulture, $"{letters}{number:D4}");
    }

    /// <summary>A seed that is not the old one.</summary>
    /// <param name="host">The host's name.</param>
    /// <param name="nonces">Where the digits come from.</param>
    /// <param name="old">The old seed.</param>
    public static string New(string host, SaslNonceSource nonces, string old)
    {
        Span<byte> octets = stackalloc byte[sizeof(uint)];
        nonces.Fill(octets);
        int number = (int)(BinaryPrimitives.ReadUInt32BigEndian(octets) % Numbers);
        string seed = Of(host, number);
        return seed == old ? Of(host, (number + 1) % Numbers) : seed;
    }
}
