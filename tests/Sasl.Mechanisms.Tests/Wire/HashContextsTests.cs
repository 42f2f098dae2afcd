using System.Security.Cryptography;
using Xunit;

#pragma warning disable CA5350, CA5351 // What the protocols prescribe is compared.

namespace Sasl.Mechanisms.Tests;

/// <summary>The kept contexts give what the platform's one-shot functions give.</summary>
public sealed class HashContextsTests
{
    public static TheoryData<string, int, int> Functions => new()
    {
        { "MD5", 16, 64 }, { "SHA1", 20, 64 }, { "SHA256", 32, 64 }, { "SHA384", 48, 128 }, { "SHA512", 64, 128 }, { "SHA3-512", 64, 72 },
    };

    [Theory]
    [MemberData(nameof(Functions))]
    public void Every_length_of_key_and_message_gives_the_platforms_code(string name, int size, int blockSize)
    {
        var algorithm = new HashAlgorithmName(name);
        var contexts = new HashContexts(algorithm, size, blockSize);
        byte[] octets = [.. Enumerable.Range(0, 1000).Select(static i => (byte)(i * 31))];
        Span<byte> code = stackalloc byte[size];
        foreach (int keyLength in (int[])[0, 1, 16, size, blockSize - 1, blockSize, blockSize + 1, 300])
        {
            foreach (int length in (int[])[0, 1, 40, 63, 64, 65, 150, 383, 384, 385, 1000])
            {
                contexts.Hmac(octets.AsSpan(0, keyLength), octets.AsSpan(0, length), code);
                Assert.Equal(CryptographicOperations.HmacData(algorithm, octets.AsSpan(0, keyLength), octets.AsSpan(0, length)), code.ToArray());
                contexts.Hash(octets.AsSpan(0, length), code);
                Assert.Equal(CryptographicOperations.HashData(algorithm, octets.AsSpan(0, length)), code.ToArray());
            }
        }
    }

    [Fact]
    public void Many_callers_at_once_get_their_own_codes()
    {
        var contexts = new HashContexts(HashAlgorithmName.SHA256, 32, 64);
        Parallel.For(0, 2_000, i =>
        {
            byte[] message = BitConverter.GetBytes(i);
            byte[] code = new byte[32];
            contexts.Hmac("key"u8, message, code);
            Assert.Equal(HMACSHA256.HashData("key"u8.ToArray(), message), code);
        });
    }
}
