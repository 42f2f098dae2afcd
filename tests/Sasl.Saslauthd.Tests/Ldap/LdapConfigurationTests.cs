using Xunit;

namespace Sasl.Saslauthd.Tests.Ldap;

public sealed class LdapConfigurationTests
{
    private readonly List<string> _warnings = [];

    [Fact]
    public void Nothing_written_gives_the_originals_defaults()
    {
        LdapOptions options = Read("");
        Assert.Equal(["ldap://localhost/"], options.Servers.ToArray());
        Assert.Equal(("", 3, "", "(uid=%u)", "userPassword"), (options.BindDn, options.Version, options.SearchBase, options.Filter, options.PasswordAttribute));
        Assert.Equal((null, "uniqueMember", LdapScope.Subtree, LdapGroupMatch.Attribute), (options.GroupDn, options.GroupAttribute, options.GroupScope, options.GroupMatch));
        Assert.Equal((LdapAuthMethod.Bind, TimeSpan.FromSeconds(5), 1, 5), (options.Method, options.Timeout, options.SizeLimit, options.TimeLimit));
        Assert.Equal((LdapDereference.Never, false, true, LdapScope.Subtree, false), (options.Dereference, options.Referrals, options.Restart, options.Scope, options.StartTls));
        Assert.True(options.CheckPeer);
        Assert.Empty(_warnings);
    }

    [Fact]
    public void Every_key_is_read()
    {
        LdapOptions options = Read("""
            ldap_servers: ldaps://a/ ldap://b:1389
            ldap_bind_dn: cn=x
            ldap_bind_pw: pw
            ldap_version: 2
            ldap_search_base: ou=%d
            ldap_filter: (mail=%u)
            ldap_password_attr: pass
            ldap_group_dn: cn=g
            ldap_group_attr: member
            ldap_group_filter: (member=%D)
            ldap_group_search_base: ou=g
            ldap_group_scope: one
            ldap_group_match_method: filter
            ldap_default_realm: r
            ldap_auth_method: custom
            ldap_timeout: 7
            ldap_size_limit: 9
            ldap_time_limit: 8
            ldap_deref: find
            ldap_referrals: yes
            ldap_restart: no
            ldap_scope: base
            ldap_use_sasl: yes
            ldap_id: i
            ldap_authz_id: u:z
            ldap_realm: sr
            ldap_mech: SCRAM-SHA-256
            ldap_sasl_secprops: noplain
            ldap_tls_check_peer: no
            ldap_tls_cacert_file: /etc/passwd
            ldap_tls_cacert_dir: /etc
            ldap_tls_ciphers: NORMAL
            ldap_tls_cert: /etc/passwd
            ldap_tls_key: /etc/group

            """);
        Assert.Equal(["ldaps://a/", "ldap://b:1389"], options.Servers.ToArray());
        Assert.Equal("pw"u8.ToArray(), options.BindPassword!.Span.ToArray());
        Assert.Equal(("cn=x", 2, "ou=%d", "(mail=%u)", "pass"), (options.BindDn, options.Version, options.SearchBase, options.Filter, options.PasswordAttribute));
        Assert.Equal(("cn=g", "member", "(member=%D)", "ou=g", LdapScope.OneLevel, LdapGroupMatch.Filter),
            (options.GroupDn, options.GroupAttribute, options.GroupFilter, options.GroupSearchBase, options.GroupScope, options.GroupMatch));
        Assert.Equal(("r", LdapAuthMethod.Custom, TimeSpan.FromSeconds(7), 9, 8), (options.DefaultRealm, options.Method, options.Timeout, options.SizeLimit, options.TimeLimit));
        Assert.Equal((LdapDereference.Finding, true, false, LdapScope.Base, true), (options.Dereference, options.Referrals, options.Restart, options.Scope, options.UseSasl));
        Assert.Equal(("i", "u:z", "sr", "SCRAM-SHA-256", "noplain"), (options.SaslId, options.SaslAuthorizationId, options.SaslRealm, options.SaslMechanism, options.SaslSecurityProperties));
        Assert.Equal((false, "/etc/passwd", "/etc", "NORMAL", "/etc/passwd", "/etc/group"),
            (options.CheckPeer, options.CaFile, options.CaDirectory, options.Ciphers, options.CertificateFile, options.KeyFile));
    }

    [Fact]
    public void Other_names_of_keys_are_read_and_come_second()
    {
        LdapOptions options = Read("ldap_password: a\nldap_default_domain: b\nldap_sasl_authc_id: c\nldap_sasl_authz_id: d\nldap_sasl_realm: e\nldap_sasl_mech: f\nldap_mech: g\n");
        Assert.Equal(("b", "c", "d", "e", "g"), (options.DefaultRealm, options.SaslId, options.SaslAuthorizationId, options.SaslRealm, options.SaslMechanism));
        Assert.Contains("ldap_sasl_mech: is another name of ldap_mech", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", LdapAuthMethod.Bind)]
    [InlineData("ldap_use_sasl: yes\nldap_mech: SCRAM-SHA-256", LdapAuthMethod.FastBind)]
    [InlineData("ldap_use_sasl: yes\nldap_mech: digest-md5\nldap_auth_method: bind", LdapAuthMethod.FastBind)]
    [InlineData("ldap_use_sasl: yes\nldap_auth_method: custom", LdapAuthMethod.Custom)]
    [InlineData("ldap_auth_method: fastbind\nldap_filter: uid=%u,dc=x", LdapAuthMethod.FastBind)]
    public void SASL_makes_a_fast_bind_as_in_the_original(string text, LdapAuthMethod method) => Assert.Equal(method, Read(text).Method);

    [Theory]
    [InlineData("ldap_auth_method: magic", "accepted are bind, custom, fastbind")]
    [InlineData("ldap_scope: tree", "accepted are sub, one, base")]
    [InlineData("ldap_deref: yes", "accepted are never, search, find, always")]
    [InlineData("ldap_version: 4", "accepted are whole numbers from 2 to 3")]
    [InlineData("ldap_timeout: 0", "accepted are whole numbers from 1 to 600")]
    [InlineData("ldap_servers: localhost", "accepted are addresses such as ldap://host:389/")]
    [InlineData("ldap_servers: ldapi:///run/ldapi", "accepted are addresses such as ldap://host:389/")]
    [InlineData("ldap_servers: http://localhost", "accepted are addresses such as ldap://host:389/")]
    [InlineData("ldap_servers: ldaps://a\nldap_start_tls: yes", "has TLS already")]
    [InlineData("ldap_version: 2\nldap_start_tls: yes", "needs 3")]
    [InlineData("ldap_group_filter: (member=%D)", "every user would be let in")]
    [InlineData("ldap_group_match_method: filter\nldap_group_dn: cn=g", "needs ldap_group_filter")]
    [InlineData("ldap_bind_dn: cn=x", "it needs ldap_bind_pw")]
    [InlineData("ldap_use_sasl: yes\nldap_mech: PLAIN\nldap_group_dn: cn=g", "does not tell the user's DN")]
    [InlineData("ldap_use_sasl: yes", "needs a mechanism that proves the password")]
    [InlineData("ldap_use_sasl: yes\nldap_mech: EXTERNAL", "needs a mechanism that proves the password")]
    [InlineData("ldap_use_sasl: yes\nldap_mech: SCRAM-SHA-256 GSSAPI", "needs a mechanism that proves the password")]
    [InlineData("ldap_auth_method: fastbind\nldap_filter: cn=all\nldap_search_base: %u", "needs %u or %U")]
    [InlineData("ldap_filter: (uid=alice)", "all users would be one")]
    [InlineData("ldap_filter: (uid=%x%u)", "'%x' is not accepted")]
    [InlineData("ldap_filter: (uid=%u%D)", "'%D' is not accepted")]
    [InlineData("ldap_filter: (uid=%u)%", "'%' is not accepted")]
    [InlineData("ldap_tls_cacert_file: /nowhere/ca.pem", "it is not there")]
    [InlineData("ldap_tls_cert: /nowhere/ca.pem", "it is not there")]
    public void What_cannot_work_is_refused_with_its_place(string text, string expected)
    {
        SaslConfigurationException error = Assert.Throws<SaslConfigurationException>(() => Read(text));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("conf", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ldap_servers: ldap://ldap.example.com/", "in the clear")]
    [InlineData("ldap_tls_check_peer: no", "any server is believed")]
    [InlineData("ldap_debug: 1", "would print passwords")]
    public void What_is_unwise_is_a_warning(string text, string expected)
    {
        Read(text);
        Assert.Contains(expected, Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("%u|%U|%d|%1|%2|%3|%4|%s|%r|%R|%%", "bob@mail.example.com", "R", "bob@mail.example.com|bob|mail.example.com|com|example|mail||imap|R|@R|%")]
    [InlineData("%u|%U|%d|%1|%s|%r|%R", "bob", "", "bob|bob|||imap|default|@default")]
    [InlineData("(uid=%u)", "*)(uid=*", "", "(uid=\\2a\\29\\28uid=\\2a)")]
    [InlineData("(uid=%u)", "a\\b\0c\r\n\u00e9", "", "(uid=a\\5cb\\00c\\0d\\0a\u00e9)")]
    public void CVE_2002_1347_Filters_are_filled_in_with_escapes(string template, string name, string realm, string expected) =>
        Assert.Equal(expected, new LdapTemplate(new SaslUser(name, realm), "imap", "default", null).ToFilter(template));

    [Theory]
    [InlineData("alice,dc=evil", "uid=alice\\2cdc\\3devil,dc=x")]
    [InlineData(" #a+b\"<>;\\ ", "uid=\\20\\23a\\2bb\\22\\3c\\3e\\3b\\5c\\20,dc=x")]
    [InlineData("a\0b", "uid=a\\00b,dc=x")]
    [InlineData("j\u00fcrgen", "uid=j\u00fcrgen,dc=x")]
    public void DNs_are_filled_in_with_escapes(string name, string expected) =>
        Assert.Equal(expected, new LdapTemplate(new SaslUser(name, ""), "imap", "", null).ToDn("uid=%u,dc=x"));

    [Fact]
    public void The_users_DN_is_a_DN_already_and_a_value_in_a_filter()
    {
        var template = new LdapTemplate(new SaslUser("a", ""), "imap", "", "cn=a\\2c b (x),dc=y");
        Assert.Equal("cn=a\\2c b (x),dc=y", template.ToDn("%D"));
        Assert.Equal("(m=cn=a\\5c2c b \\28x\\29,dc=y)", template.ToFilter("(m=%D)"));
    }

    [Fact]
    public void CVE_2002_1347_A_long_name_is_filled_in_whole() =>
        Assert.Equal("(uid=" + string.Concat(Enumerable.Repeat("\\2a", 5000)) + ")", new LdapTemplate(new SaslUser(new string('*', 5000), ""), "", "", null).ToFilter("(uid=%u)"));

    private LdapOptions Read(string text) =>
        new LdapConfiguration(SaslConfiguration.Parse(text, "conf", SaslConfigurationSyntax.Saslauthd), _warnings.Add).Read();
}
