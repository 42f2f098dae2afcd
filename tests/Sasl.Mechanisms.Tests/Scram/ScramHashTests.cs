using System.Text;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>SHA-224 is built here on a digest from a package; the others are the platform's. All have to compute what the standards say.</summary>
public sealed class ScramHashTests
{
    public static TheoryData<string> Names => [.. ScramHash.All.Select(static hash => hash.Name)];

    [Theory]
    [InlineData("", "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f")]
    [InlineData("abc", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7")]
    public void SHA_224_hashes_as_FIPS_180_4_says(string text, string expected)
    {
        byte[] hash = new byte[28];
        ScramHash.Sha224.Hash(Encoding.ASCII.GetBytes(text), hash);
        Assert.Equal(expected, Convert.ToHexStringLower(hash));
    }

    // RFC 4231 cases 1, 2 and 6; then the empty text, a key of one block, and one octet more. The last three are Python's.
    [Theory]
    [InlineData("0b", 20, "Hi There", 1, "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22")]
    [InlineData("4a656665", 1, "what do ya want for nothing?", 1, "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44")]
    [InlineData("aa", 131, "Test Using Larger Than Block-Size Key - Hash Key First", 1, "95e9a0db962095adaebe9b2d6f0dbce2d499f112f2d2b7273fa6870e")]
    [InlineData("", 0, "", 0, "5ce14f72894662213e2748d2a6ba234b74263910cedde2f5a9271524")]
    [InlineData("6b", 64, "x", 64, "41560f4345d864c2e6050cfc097eb34b210878dd1cab618ceee55678")]
    [InlineData("6b", 65, "x", 200, "d0ba768e2b1521dacf6a7b93403a43c039bb7c542fec35b7cf012c2f")]
    public void SHA_224_keys_as_RFC_2104_says(string key, int keyTimes, string text, int textTimes, string expected)
    {
        byte[] mac = new byte[28];
        byte[] keyOctets = Convert.FromHexString(string.Concat(Enumerable.Repeat(key, keyTimes)));
        ScramHash.Sha224.Hmac(keyOctets, Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(text, textTimes))), mac);
        Assert.Equal(expected, Convert.ToHexStringLower(mac));
    }

    [Theory]
    [InlineData("password", "salt", 1, 1, "3c198cbdb9464b7857966bd05b7bc92bc1cc4e6e63155d4e490557fd")]
    [InlineData("password", "salt", 1, 4096, "218c453bf90635bd0a21a75d172703ff6108ef603f65bb821aedade1")]
    [InlineData("p", "s", 100, 17, "5cdd64b8999fed3c24a0710d055b9e15543a77064141dd000b45a32f")]
    public void SHA_224_derives_as_RFC_8018_says(string password, string salt, int times, int iterations, string expected)
    {
        byte[] key = new byte[28];
        ScramHash.Sha224.Hi(Repeated(password, times), Repeated(salt, times), iterations, key);
        Assert.Equal(expected, Convert.ToHexStringLower(key));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void One_iteration_is_one_HMAC_of_the_salt_and_a_one(string name)
    {
        ScramHash hash = ScramHash.All.Single(hash => hash.Name == name);
        byte[] derived = new byte[hash.Size], mac = new byte[hash.Size];
        hash.Hi("pencil"u8, "salt"u8, 1, derived);
        hash.Hmac("pencil"u8, "salt\0\0\0\u0001"u8, mac);
        Assert.Equal(mac, derived);
    }

    private static byte[] Repeated(string text, int times) => Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(text, times)));
}
