using System.Text;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>RFC 2289 appendix C.</summary>
public sealed class OtpVectorTests
{
    [Theory]
    [InlineData(OtpAlgorithm.Md4, "AbCdEfGhIjK", "alpha1", 1, "65d20d1949b5f7ab", "CHEW GRIM WU HANG BUCK SAID")]
    [InlineData(OtpAlgorithm.Md4, "AbCdEfGhIjK", "alpha1", 99, "d150c82cce6f62d1", "ROIL FREE COG HUNK WAIT COCA")]
    [InlineData(OtpAlgorithm.Md4, "OTP's are good", "correct", 0, "849c79d4f6f55388", "FOOL STEM DONE TOOL BECK NILE")]
    [InlineData(OtpAlgorithm.Md4, "OTP's are good", "correct", 99, "3f3bf4b4145fd74b", "TAG SLOW NOV MIN WOOL KENO")]
    [InlineData(OtpAlgorithm.Md4, "This is a test.", "TeSt", 0, "d1854218ebbb0b51", "ROME MUG FRED SCAN LIVE LACE")]
    [InlineData(OtpAlgorithm.Md4, "This is a test.", "TeSt", 1, "63473ef01cd0b444", "CARD SAD MINI RYE COL KIN")]
    [InlineData(OtpAlgorithm.Md4, "This is a test.", "TeSt", 99, "c5e612776e6c237a", "NOTE OUT IBIS SINK NAVE MODE")]
    [InlineData(OtpAlgorithm.Md5, "AbCdEfGhIjK", "alpha1", 1, "7cd34c1040add14b", "FACT HOOF AT FIST SITE KENT")]
    [InlineData(OtpAlgorithm.Md5, "AbCdEfGhIjK", "alpha1", 99, "5aa37a81f212146c", "BODE HOP JAKE STOW JUT RAP")]
    [InlineData(OtpAlgorithm.Md5, "OTP's are good", "correct", 0, "f205753943de4cf9", "ULAN NEW ARMY FUSE SUIT EYED")]
    [InlineData(OtpAlgorithm.Md5, "OTP's are good", "correct", 1, "ddcdac956f234937", "SKIM CULT LOB SLAM POE HOWL")]
    [InlineData(OtpAlgorithm.Md5, "OTP's are good", "correct", 99, "b203e28fa525be47", "LONG IVY JULY AJAR BOND LEE")]
    [InlineData(OtpAlgorithm.Md5, "This is a test.", "TeSt", 0, "9e876134d90499dd", "INCH SEA ANNE LONG AHEM TOUR")]
    [InlineData(OtpAlgorithm.Md5, "This is a test.", "TeSt", 1, "7965e05436f5029f", "EASE OIL FUM CURE AWRY AVIS")]
    [InlineData(OtpAlgorithm.Md5, "This is a test.", "TeSt", 99, "50fe1962c4965880", "BAIL TUFT BITS GANG CHEF THY")]
    [InlineData(OtpAlgorithm.Sha1, "AbCdEfGhIjK", "alpha1", 0, "ad85f658ebe383c9", "LEST OR HEEL SCOT ROB SUIT")]
    [InlineData(OtpAlgorithm.Sha1, "OTP's are good", "correct", 1, "82aeb52d943774e4", "FLIT DOSE ALSO MEW DRUM DEFY")]
    [InlineData(OtpAlgorithm.Sha1, "OTP's are good", "correct", 99, "4f296a74fe1567ec", "AURA ALOE HURL WING BERG WAIT")]
    [InlineData(OtpAlgorithm.Sha1, "This is a test.", "TeSt", 1, "63d936639734385b", "CART OTTO HIVE ODE VAT NUT")]
    [InlineData(OtpAlgorithm.Sha1, "This is a test.", "TeSt", 99, "87fec7768b73ccf9", "GAFF WAIT SKID GIG SKY EYED")]
    public void A_one_time_password_is_that_of_the_RFC(OtpAlgorithm algorithm, string passPhrase, string seed, int count, string hex, string words)
    {
        byte[] password = new byte[OtpHash.Length];
        OtpHash.Compute(algorithm, Encoding.ASCII.GetBytes(passPhrase), seed, count, password);

        Assert.Equal(hex, OtpText.ToHex(password));
        Assert.Equal(words, OtpText.ToWords(password));
        byte[] read = new byte[OtpHash.Length];
        Assert.True(OtpText.TryReadWords(words.ToLowerInvariant(), algorithm, read));
        Assert.Equal(password, read);
    }

    [Theory]
    [InlineData("FOWL KID MASH DEAD DUAL OAF", true)]
    [InlineData("FOWL KID MASH DEAD DUAL NUT", false)]
    [InlineData("FOWL KID MASH DEAD DUAL O", false)]
    [InlineData("FOWL KID MASH DEAD DUAL OAK", false)]
    public void The_checksum_is_checked(string words, bool fits) => Assert.Equal(fits, OtpText.TryReadWords(words, OtpAlgorithm.Md5, new byte[OtpHash.Length]));

    [Fact]
    public void The_dictionary_has_2048_words_and_finds_each_where_it_stands()
    {
        string[] words = [.. Enumerable.Range(0, 2048).Select(OtpDictionary.WordAt)];

        Assert.Equal(("A", "YOU", "ABED", "YOKE"), (words[0], words[570], words[571], words[2047]));
        Assert.Equal(Enumerable.Range(0, 2048), words.Select(OtpDictionary.IndexOf));
        Assert.Throws<IndexOutOfRangeException>(() => OtpDictionary.WordAt(2048));
        Assert.All((string[])["", "QQ", "ZZZZ", "ABCDE"], static word => Assert.True(OtpDictionary.IndexOf(word) < 0));
    }

    [Fact]
    public void Any_eight_octets_survive_the_way_through_words()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        byte[] octets = new byte[OtpHash.Length];
        byte[] read = new byte[OtpHash.Length];
        for (int i = 0; i < 1000; i++)
        {
            random.NextBytes(octets);
            Assert.True(OtpText.TryReadWords(OtpText.ToWords(octets), OtpAlgorithm.Sha1, read) && octets.AsSpan().SequenceEqual(read), $"seed {seed}");
        }
    }
}
