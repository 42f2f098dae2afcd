using Xunit;

namespace Sasl.Saslauthd.Tests.Checkers.Kerberos;

/// <summary>The principal's name out of login, service, realm and the options of saslauthd.conf. Needs no Kerberos.</summary>
public sealed class KerberosNameTests
{
    private static readonly SaslauthdCheckerContext s_context = new() { Work = new SaslWorkQueue() };

    [Theory]
    [InlineData("alice", "", "alice")]
    [InlineData("alice", "EXAMPLE.COM", "alice@EXAMPLE.COM")]
    [InlineData("alice/admin", "EXAMPLE.COM", "alice/admin@EXAMPLE.COM")]
    [InlineData("alice.admin", "EXAMPLE.COM", "alice.admin@EXAMPLE.COM")]
    [InlineData("alice@EXAMPLE.COM", "", "alice@EXAMPLE.COM")]
    [InlineData("alice@EXAMPLE.COM", "EXAMPLE.COM", "alice@EXAMPLE.COM")]
    [InlineData("alice@OTHER.COM", "EXAMPLE.COM", null)]
    [InlineData("alice@A@EXAMPLE.COM", "", null)]
    [InlineData("al\\ice", "", null)]
    [InlineData("alice\\@OTHER.COM", "", null)]
    [InlineData("alice", "EXAMPLE.COM@OTHER.COM", null)]
    [InlineData("@EXAMPLE.COM", "", null)]
    [InlineData("/admin", "", null)]
    public void A_name_is_login_and_realm(string login, string realm, string? name) =>
        Assert.Equal(name, KerberosName.Compose(new SaslUser(login, realm), "smtp", new KerberosOptions()));

    [Theory]
    [InlineData("alice", "smtp", "alice/mail")]
    [InlineData("alice", "SMTP", "alice/mail")]
    [InlineData("alice", "imap", "alice")]
    [InlineData("alice/mail", "smtp", "alice/mail")]
    [InlineData("alice/admin", "smtp", null)]
    [InlineData("alice/admin/mail", "smtp", null)]
    [InlineData("alice/admin", "imap", "alice/admin")]
    public void A_service_may_force_its_instance(string login, string service, string? name) =>
        Assert.Equal(name, KerberosName.Compose(new SaslUser(login, ""), service, Read("krb5_smtp_instance: mail")));

    [Theory]
    [InlineData("alice.admin", "alice/admin")]
    [InlineData("alice.admin.more", "alice/admin.more")]
    [InlineData(".admin", null)]
    public void A_dot_may_mean_an_instance(string login, string? name) =>
        Assert.Equal(name, KerberosName.Compose(new SaslUser(login, ""), "smtp", Read("krb5_conv_krb4_instance: yes")));

    [Theory]
    [InlineData("alice", "example.com", "alice@EXAMPLE.COM")]
    [InlineData("Alice@example.com", "", "Alice@EXAMPLE.COM")]
    public void A_realm_may_be_put_into_capitals(string login, string realm, string? name) =>
        Assert.Equal(name, KerberosName.Compose(new SaslUser(login, realm), "smtp", Read("krb5_uppercase_realm: on")));

    [Fact]
    public void Every_key_of_the_file_is_read()
    {
        KerberosOptions options = Read(
            "krb5_keytab: FILE:/etc/mail.keytab\nkrb5_verify_principal: imap\nKRB5_SERVERNAME: mail.example.com\nkrb5_sieve_instance: filter\nkrb5_conv_krb4_instance: no");
        Assert.Equal(("FILE:/etc/mail.keytab", "imap", "mail.example.com"), (options.Keytab, options.VerifyPrincipal, options.ServerName));
        Assert.Equal([KeyValuePair.Create("sieve", "filter")], options.Instances);
        Assert.False(options.ConvertInstance);
        Assert.False(options.UppercaseRealm);
        KerberosOptions none = Read("");
        Assert.Equal((null, "host", null), (none.Keytab, none.VerifyPrincipal, none.ServerName));
    }

    [Fact]
    public void A_file_that_is_named_must_be_there() =>
        Assert.Throws<SaslConfigurationException>(() => KerberosKeys.Read(s_context with { Option = "/nonexistent/saslauthd.conf" }));

    private static KerberosOptions Read(string file) => KerberosKeys.Read(SaslConfiguration.Parse(file, syntax: SaslConfigurationSyntax.Saslauthd));
}
