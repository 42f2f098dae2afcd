using System.Buffers;
using System.Security.Cryptography;

#pragma warning disable CA5351 // RFC 2195 is HMAC-MD5 and nothing else; the mechanism is offered only where a list names it.

namespace Sasl.Mechanisms;

/// <summary>The keyed digest of CRAM-MD5 (RFC 2195 section 2): HMAC-MD5 of the challenge under the password, as 32 lower-case hex digits.</summary>
internal static class CramMd5Digest
{
    public const int HexLength = 2 * HMACMD5.HashSizeInBytes;

    private static readonly HashContexts s_md5 = new(HashAlgorithmName.MD5, HMACMD5.HashSizeInBytes, blockSize: 64);

    public static void Compute(ReadOnlySpan<byte> password, ReadOnlySpan<byte> challenge, Span<byte> hex)
    {
        Span<byte> digest = stackalloc byte[HMACMD5.HashSizeInBytes];
        s_md5.Hmac(password, challenge, digest);
        if (Convert.TryToHexStringLower(digest, hex, out _) is false)
            throw new ArgumentException("Room for 32 hex digits is needed.", nameof(hex));
        CryptographicOperations.ZeroMemory(digest);
    }
}
