using System.Text;
using Xunit;

namespace Sasl.Saslauthd.Tests.Ldap;

/// <summary>The values of <see cref="Known"/> are OpenSSL's, salt "SALT" or "saltsalt".</summary>
public sealed class LdapStoredPasswordTests
{
    public static TheoryData<string> Known { get; } =
    [
        "secret",
        "{CLEARTEXT}secret",
        "{MD5}Xr4ilOzQ4PCOq3aQ0qbuaQ==",
        "{SMD5}CCQT4R6k4J6Ehe4Ver4QaVNBTFQ=",
        "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
        "{SSHA}8bX4JQDfZqtTfvnQ4ssDmWb17/FTQUxU",
        "{ssha}8bX4JQDfZqtTfvnQ4ssDmWb17/FTQUxU",
        "{SHA256}K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=",
        "{SSHA512}3ShoSsYylWhYBPmYLBLPWMsdqUFmDlSSpoURtOyEFMsB8ey52xMq0+cfaTm85RotK4gvIMfY/L8x/nn7YudHOFNBTFQ=",
        "{CRYPT}$1$saltsalt$9xy1btjgzLYfb7hivXtC//",
        "{UNIX}$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1",
    ];

    [Theory]
    [MemberData(nameof(Known))]
    public void A_value_is_its_passwords_and_no_others(string stored)
    {
        byte[] value = Encoding.UTF8.GetBytes(stored);
        Assert.True(LdapStoredPassword.IsMatch(value, "secret"u8));
        foreach (string wrong in (string[])["Secret", "secre", "secret ", "secret\0", "secretSALT", "", stored])
            Assert.Equal(wrong == "secret", LdapStoredPassword.IsMatch(value, Encoding.UTF8.GetBytes(wrong)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{ARGON2}$argon2id$v=19$m=65536")]
    [InlineData("{}secret")]
    [InlineData("{SSHA}")]
    [InlineData("{SSHA}c2VjcmV0")]
    [InlineData("{SSHA}not base64 at all")]
    [InlineData("{CRYPT}$99$saltsalt$x")]
    [InlineData("{CRYPT}*")]
    [InlineData("{CRYPT}!")]
    public void CVE_2013_4122_A_stored_value_of_unknown_form_lets_nobody_in(string stored)
    {
        foreach (string password in (string[])["secret", "", stored, "*", "*0", "x"])
            Assert.NotEqual(true, LdapStoredPassword.IsMatch(Encoding.UTF8.GetBytes(stored), Encoding.UTF8.GetBytes(password)));
    }

    [Fact]
    public void A_value_that_is_longer_than_any_is_not_read() =>
        Assert.Null(LdapStoredPassword.IsMatch(new byte[LdapStoredPassword.MaxLength + 1], new byte[LdapStoredPassword.MaxLength + 1]));
}
