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

    /// <summary>Computed by OpenSSL, where it is there, and by the platform's classes, as where it is not.</summary>
    private static IEnumerable<HashContexts> Both(HashAlgorithmName algorithm, int size, int blockSize) =>
        [new(algorithm, size, blockSize), new(algorithm, size, blockSize, library: null)];

    [Fact]
    public void OpenSSL_is_called_directly_where_the_platform_uses_it()
    {
        if (OperatingSystem.IsLinux() && SafeEvpPKeyHandle.OpenSslVersion >> 28 >= 3)
            Assert.NotEqual(0, LibCrypto.Loaded!.Fetch("SHA256"));
    }

    [Fact]
    public void A_function_that_OpenSSL_does_not_know_is_the_platforms_to_refuse()
    {
        Assert.Equal(0, LibCrypto.Loaded?.Fetch("SHA256x") ?? 0);
        Assert.ThrowsAny<CryptographicException>(() => new HashContexts(new HashAlgorithmName("SHA256x"), 32, 64).Hash("text"u8, new byte[32]));
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void Every_length_of_key_and_message_gives_the_platforms_code(string name, int size, int blockSize)
    {
        var algorithm = new HashAlgorithmName(name);
        byte[] octets = [.. Enumerable.Range(0, 1000).Select(static i => (byte)(i * 31))];
        Span<byte> code = stackalloc byte[size];
        foreach (HashContexts contexts in Both(algorithm, size, blockSize))
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

    [Theory]
    [InlineData("SHA1", 20, 64)]
    [InlineData("SHA256", 32, 64)]
    [InlineData("SHA384", 48, 128)]
    [InlineData("SHA512", 64, 128)]
    [InlineData("SHA3-512", 64, 72)]
    public void Every_length_of_password_and_salt_gives_the_platforms_key(string name, int size, int blockSize)
    {
        var algorithm = new HashAlgorithmName(name);
        byte[] octets = [.. Enumerable.Range(0, 1000).Select(static i => (byte)(i * 31))];
        byte[] key = new byte[size];
        foreach (HashContexts contexts in Both(algorithm, size, blockSize))
        foreach (int passwordLength in (int[])[0, 1, 16, blockSize - 1, blockSize, blockSize + 1, 300])
        {
            foreach ((int saltLength, int iterations) in (ReadOnlySpan<(int, int)>)[(1, 1), (16, 2), (64, 3), (1000, 100)])
            {
                contexts.Pbkdf2(octets.AsSpan(0, passwordLength), octets.AsSpan(0, saltLength), iterations, key);
                Assert.Equal(
                    Rfc2898DeriveBytes.Pbkdf2(octets.AsSpan(0, passwordLength), octets.AsSpan(0, saltLength), iterations, algorithm, size), key);
            }
        }
    }

    [Fact]
    public void A_hash_needs_its_room()
    {
        foreach (HashContexts contexts in Both(HashAlgorithmName.SHA256, 32, 64))
            Assert.ThrowsAny<ArgumentException>(() => contexts.Hash("text"u8, new byte[31]));
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
