using Xunit;

namespace Sasl.Core.Tests.Configuration;

/// <summary>Warnings about keys.</summary>
public sealed class ConfigurationCheckTests
{
    [Fact]
    public void An_unknown_key_is_named_with_file_and_line() =>
        Assert.Equal(["smtpd.conf(2): frobnicate: is not a known key and has no effect"], Check("mech_list: PLAIN\nfrobnicate: yes\n"));

    [Theory]
    [InlineData("pwcheck_metod", "pwcheck_method")]
    [InlineData("mechlist", "mech_list")]
    [InlineData("saslauthd_paht", "saslauthd_path")]
    public void A_slip_of_the_finger_is_recognised(string typed, string meant) =>
        Assert.Equal([$"smtpd.conf(1): {typed}: is not a known key and has no effect; is {meant} meant?"], Check($"{typed}: x"));

    [Fact]
    public void A_key_as_Cyrus_IMAP_writes_it_is_recognised() =>
        Assert.Equal(["smtpd.conf(1): sasl_mech_list: is not a known key and has no effect; it is called mech_list outside imapd.conf"], Check("sasl_mech_list: PLAIN"));

    [Fact]
    public void A_key_that_means_nothing_here_says_why() =>
        Assert.Equal(["smtpd.conf(1): srvtab: has no effect here: KERBEROS_V4 does not exist here"], Check("srvtab: /etc/srvtab"));

    [Theory]
    [InlineData("YES", "no")]
    [InlineData("enabled", "no")]
    [InlineData("oncoming", "yes")]
    public void A_yes_or_no_that_reads_otherwise_than_it_looks_is_pointed_out(string value, string reading) =>
        Assert.Equal([$"smtpd.conf(1): ad_compat: is read as {reading}, as Cyrus SASL reads it; write yes or no"], Check($"ad_compat: {value}"));

    [Theory]
    [InlineData("yes")]
    [InlineData("no")]
    [InlineData("on")]
    [InlineData("off")]
    [InlineData("1")]
    [InlineData("0")]
    [InlineData("true")]
    [InlineData("false")]
    public void A_plain_yes_or_no_is_not_remarked_on(string value) => Assert.Empty(Check($"ad_compat: {value}"));

    [Fact]
    public void Every_key_of_Cyrus_SASL_is_known_and_one_of_our_own()
    {
        // The option table of cyrus-facts.md section 2.4, both versions.
        string[] keys =
        [
            "log_level", "pwcheck_method", "auto_transition", "mech_list", "client_mech_list", "plugin_list", "saslauthd_path",
            "authdaemond_path", "authdaemon_path", "auxprop_plugin", "canon_user_plugin", "sasldb_path", "sasldb_mapsize",
            "sasldb_maxreaders", "sql_engine", "sql_hostnames", "sql_user", "sql_passwd", "sql_database", "sql_select", "sql_insert",
            "sql_update", "sql_usessl", "sql_statement", "ldapdb_uri", "ldapdb_id", "ldapdb_mech", "ldapdb_pw", "ldapdb_rc",
            "ldapdb_starttls", "ldapdb_canon_attr", "keytab", "ad_compat", "ccache_store", "service_principal", "srvtab",
            "scram_iteration_counter", "scram_secret_generate", "otp_mda", "opiekeys", "srp_mda", "reauth_timeout", "ntlm_server", "ntlm_v2",
        ];
        string[] ours = ["saslauthd_timeout", "saslauthd_connect_timeout", "saslauthd_max_connections", "saslauthd_client_address", "pwcheck_path", "sasldb_type",
            "oauth_issuer", "oauth_audience", "oauth_scope", "oauth_username_claim", "oauth_clock_skew", "oauth_timeout", "oauth_ca_file", "oauth_openid_configuration",
            "oauth_jwks", "oauth_algorithms", "oauth_introspection_url", "oauth_introspection_cache", "oauth_introspection_client_id", "oauth_introspection_client_secret"];
        Assert.Equal(keys.Concat(ours).Order(), SaslConfigurationKeys.All.Select(static key => key.Name).Order());
        Assert.All(keys, static key => Assert.Equal(key, SaslConfigurationKeys.Find(key.ToUpperInvariant())?.Name));
    }

    [Fact]
    public void Passwords_are_known_to_be_secret() =>
        Assert.Equal(["oauth_introspection_client_secret", "sql_passwd", "ldapdb_pw"], SaslConfigurationKeys.All.Where(static key => key.IsSecret).Select(static key => key.Name));

    [Fact]
    public void A_back_end_may_add_keys_of_its_own()
    {
        var configuration = SaslConfiguration.Parse("mine: 1", "smtpd.conf");
        Assert.NotEmpty(configuration.Check());
        Assert.Empty(configuration.Check([.. SaslConfigurationKeys.All, new SaslConfigurationKey("mine", SaslConfigurationKeyKind.Text, null, "mine")]));
    }

    private static IEnumerable<string> Check(string text) =>
        SaslConfiguration.Parse(text, "smtpd.conf").Check().Select(static warning => warning.ToString());
}
