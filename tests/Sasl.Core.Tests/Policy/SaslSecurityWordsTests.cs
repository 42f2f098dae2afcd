using Xunit;

namespace Sasl.Core.Tests.Policy;

public sealed class SaslSecurityWordsTests
{
    [Theory]
    [InlineData("", SaslSecurityFlags.None)]
    [InlineData(" , \t", SaslSecurityFlags.None)]
    [InlineData("noplaintext", SaslSecurityFlags.NoPlaintext)]
    [InlineData("noactive", SaslSecurityFlags.NoActive)]
    [InlineData("nodictionary", SaslSecurityFlags.NoDictionary)]
    [InlineData("noanonymous", SaslSecurityFlags.NoAnonymous)]
    [InlineData("forward_secrecy", SaslSecurityFlags.ForwardSecrecy)]
    [InlineData("pass_credentials", SaslSecurityFlags.PassCredentials)]
    [InlineData("mutual_auth", SaslSecurityFlags.MutualAuth)]
    [InlineData("noplaintext, noanonymous", SaslSecurityFlags.NoPlaintext | SaslSecurityFlags.NoAnonymous)]
    [InlineData("NoPlaintext,NOANONYMOUS\r\n\tmutual_auth mutual_auth",
        SaslSecurityFlags.NoPlaintext | SaslSecurityFlags.NoAnonymous | SaslSecurityFlags.MutualAuth)]
    public void Postfixs_words_are_read(string words, SaslSecurityFlags flags) => Assert.Equal(flags, SaslSecurityWords.Parse(words));

    [Fact]
    public void Every_combination_is_written_as_it_is_read()
    {
        for (int bits = 0; bits <= 0x7F; bits++)
        {
            var flags = (SaslSecurityFlags)bits;
            Assert.Equal(flags, SaslSecurityWords.Parse(SaslSecurityWords.Format(flags)));
        }
        Assert.Equal("", SaslSecurityWords.Format(SaslSecurityFlags.None));
        Assert.Equal(
            "noplaintext noactive nodictionary noanonymous forward_secrecy pass_credentials mutual_auth",
            SaslSecurityWords.Format((SaslSecurityFlags)0x7F));
    }

    [Fact]
    public void A_word_that_is_unknown_is_refused_with_those_that_are_known()
    {
        SaslConfigurationException thrown = Assert.Throws<SaslConfigurationException>(static () => SaslSecurityWords.Parse("noplaintext noactiv"));
        Assert.Equal(
            "'noactiv' is not a security option; known are noplaintext, noactive, nodictionary, noanonymous, forward_secrecy, "
            + "pass_credentials, mutual_auth.",
            thrown.Message);
    }

    [Theory]
    [InlineData(SaslSecurityFlags.NoPlaintext, 0x01)]
    [InlineData(SaslSecurityFlags.NoActive, 0x02)]
    [InlineData(SaslSecurityFlags.NoDictionary, 0x04)]
    [InlineData(SaslSecurityFlags.ForwardSecrecy, 0x08)]
    [InlineData(SaslSecurityFlags.NoAnonymous, 0x10)]
    [InlineData(SaslSecurityFlags.PassCredentials, 0x20)]
    [InlineData(SaslSecurityFlags.MutualAuth, 0x40)]
    public void The_values_are_those_of_sasl_h(SaslSecurityFlags flag, int value) => Assert.Equal(value, (int)flag);
}
