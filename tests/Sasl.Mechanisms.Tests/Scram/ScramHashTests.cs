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

    // Computed by Python's hashlib and hmac; HMAC's block is SHA-3's rate, 72 octets.
    [Theory]
    [InlineData("", "a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a615b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26")]
    [InlineData("abc", "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0")]
    public void SHA3_512_hashes_as_FIPS_202_says(string text, string expected)
    {
        byte[] hash = new byte[64];
        ScramHash.Sha3_512.Hash(Encoding.ASCII.GetBytes(text), hash);
        Assert.Equal(expected, Convert.ToHexStringLower(hash));
    }

    [Theory]
    [InlineData("0b", 20, "Hi There", 1, "eb3fbd4b2eaab8f5c504bd3a41465aacec15770a7cabac531e482f860b5ec7ba47ccb2c6f2afce8f88d22b6dc61380f23a668fd3888bb80537c0a0b86407689e")]
    [InlineData("4a656665", 1, "what do ya want for nothing?", 1, "5a4bfeab6166427c7a3647b747292b8384537cdb89afb3bf5665e4c5e709350b287baec921fd7ca0ee7a0c31d022a95e1fc92ba9d77df883960275beb4e62024")]
    [InlineData("6b", 72, "x", 64, "9d14d6ba4f1891797d464f7ef96e636c82fadcf0c6444ae03d332bb0afa842b90ce1f059256f19649f45952cf5d859fa5472e23d70c63f6cd9f131e18e69b7ed")]
    [InlineData("6b", 73, "x", 200, "2774bef2872cfbdacd0af4111fdc441db364a95df6b15cbbadc13335b543074505a968c6c5965bb674b6d61b1055903787a56c156c119da8757598eb0b5a28c5")]
    public void SHA3_512_keys_as_RFC_2104_says(string key, int keyTimes, string text, int textTimes, string expected)
    {
        byte[] mac = new byte[64];
        byte[] keyOctets = Convert.FromHexString(string.Concat(Enumerable.Repeat(key, keyTimes)));
        ScramHash.Sha3_512.Hmac(keyOctets, Repeated(text, textTimes), mac);
        Assert.Equal(expected, Convert.ToHexStringLower(mac));
    }

    [Theory]
    [InlineData("password", "salt", 1, 1, "f7a2684630ec0f81f23abbf606278deeaad1a35053db3c066903d9114ed3fd6e44c23dd5bddbe4e81626880cef267ef7dcf13b183194a5530f154ec57f646e2d")]
    [InlineData("password", "salt", 1, 4096, "2bfaf2d5ceb6d10f5e262cd902488cfd4489614ecd6709e5ee395dc33f2e9ad7f89d31ad6781e90940e9e534ff44b817159ddcd3bdce3373541186b727340231")]
    [InlineData("p", "s", 100, 17, "ddb4a1367296d17ae6ac8b4520a0844e5e7da9b22f28c4616cc804c7d70d5072c3384c1d824b57403f9d1028b48d58c8a2808969907870a41a70b51f485ea083")]
    public void SHA3_512_derives_as_RFC_8018_says(string password, string salt, int times, int iterations, string expected)
    {
        byte[] key = new byte[64];
        ScramHash.Sha3_512.Hi(Repeated(password, times), Repeated(salt, times), iterations, key);
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
