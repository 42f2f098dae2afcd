using System.Security.Cryptography;

namespace Sasl.Mechanisms;

/// <summary>The keyed digest of CRAM-MD5 (RFC 2195 section 2): HMAC-MD5 of the challenge under the password, as 32 lower-case hex digits.</summary>
internal static class CramMd5Digest
{
    public const int HexLength = 2 * ShortMd5.HashLength;

    public static void Compute(ReadOnlySpan<byte> password, ReadOnlySpan<byte> challenge, Span<byte> hex)
    {
        Span<byte> digest = stackalloc byte[ShortMd5.HashLength];
        ShortMd5.Hmac(password, challenge, digest);
        if (Convert.TryToHexStringLower(digest, hex, out _) is false)
            throw new ArgumentException("Room for 32 hex digits is needed.", nameof(hex));
        CryptographicOperations.ZeroMemory(digest);
    }
}
