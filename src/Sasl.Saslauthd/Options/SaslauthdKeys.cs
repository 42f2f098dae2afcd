using System.Collections.Immutable;
using static Sasl.SaslConfigurationKeyKind;

namespace Sasl.Saslauthd;

/// <summary>The keys of <c>saslauthd.conf</c>. All checkers share the file, so that each knows the others' keys.</summary>
public static class SaslauthdKeys
{
    private const string LdapPackage = "Sasl.Saslauthd.Ldap";
    private const string ThisPackage = "Sasl.Saslauthd";

    /// <summary>All keys of the original, with its defaults.</summary>
    public static ImmutableArray<SaslConfigurationKey> All { get; } =
    [
        Ldap("ldap_servers", Words, "ldap://localhost/", "the servers' addresses, asked in order until one answers"),
        Ldap("ldap_bind_dn", Text, null, "the entry that searches are made as"),
        Ldap("ldap_bind_pw", Text, null, "its password") with { IsSecret = true },
        Ldap("ldap_password", Text, null, "another name of ldap_bind_pw") with { IsSecret = true },
        Ldap("ldap_version", Number, "3", "the protocol's version"),
        Ldap("ldap_search_base", Text, null, "where the search begins"),
        Ldap("ldap_filter", Text, "(uid=%u)", "the filter that finds the user, or with fastbind the DN to bind as"),
        Ldap("ldap_password_attr", Text, "userPassword", "the attribute that custom compares"),
        Ldap("ldap_group_dn", Text, null, "the group that the user has to be in"),
        Ldap("ldap_group_attr", Text, "uniqueMember", "the group's attribute that names members"),
        Ldap("ldap_group_filter", Text, null, "the filter that finds a group of the user's"),
        Ldap("ldap_group_search_base", Text, null, "where the search for groups begins; ldap_search_base where none is given"),
        Ldap("ldap_group_scope", Text, "sub", "how far the search for groups goes"),
        Ldap("ldap_group_match_method", Text, "attr", "how membership is found: attr or filter"),
        Ldap("ldap_default_realm", Text, null, "the realm of users without one"),
        Ldap("ldap_default_domain", Text, null, "another name of ldap_default_realm"),
        Ldap("ldap_auth_method", Text, "bind", "bind, custom or fastbind"),
        Ldap("ldap_timeout", Number, "5", "seconds for a connection and for an answer"),
        Ldap("ldap_size_limit", Number, "1", "how many entries a search may find"),
        Ldap("ldap_time_limit", Number, "5", "seconds that the server may search"),
        Ldap("ldap_deref", Text, "never", "when aliases are followed: search, find, always or never"),
        Ldap("ldap_referrals", Flag, "no", "whether referrals are followed"),
        Ldap("ldap_restart", Flag, "yes", "whether an interrupted wait goes on"),
        Ldap("ldap_scope", Text, "sub", "how far the search goes: sub, one or base"),
        Ldap("ldap_use_sasl", Flag, "no", "whether binds are SASL binds"),
        Ldap("ldap_id", Text, null, "the name that searches log in with by SASL"),
        Ldap("ldap_sasl_authc_id", Text, null, "another name of ldap_id"),
        Ldap("ldap_authz_id", Text, null, "the name that searches act as"),
        Ldap("ldap_sasl_authz_id", Text, null, "another name of ldap_authz_id"),
        Ldap("ldap_realm", Text, null, "the realm of SASL binds"),
        Ldap("ldap_sasl_realm", Text, null, "another name of ldap_realm"),
        Ldap("ldap_mech", Text, null, "the mechanism of SASL binds"),
        Ldap("ldap_sasl_mech", Text, null, "another name of ldap_mech"),
        Ldap("ldap_sasl_secprops", Text, null, "the security properties of SASL binds"),
        Ldap("ldap_start_tls", Flag, "no", "whether TLS begins on the plain port"),
        Ldap("ldap_tls_check_peer", Flag, null, "whether the server's certificate is checked"),
        Ldap("ldap_tls_cacert_file", FilePath, null, "the certificate authorities, as PEM"),
        Ldap("ldap_tls_cacert_dir", FilePath, null, "a folder of certificate authorities, as OpenSSL hashes it"),
        Ldap("ldap_tls_ciphers", Text, null, "the ciphers"),
        Ldap("ldap_tls_cert", FilePath, null, "our certificate, as PEM"),
        Ldap("ldap_tls_key", FilePath, null, "its key, as PEM"),
        Ldap("ldap_debug", Number, "0", "how much the LDAP library prints"),

        Kerberos("krb5_keytab", FilePath, null, "the host's keys"),
        Kerberos("krb5_verify_principal", Text, "host", "the service whose ticket proves that the KDC is the right one"),
        Kerberos("krb5_servername", Text, null, "the host in that service's principal; this machine where none is given"),
        Kerberos("krb5_conv_krb4_instance", Flag, "no", "whether user.instance means user/instance"),
        Kerberos("krb5_realms", Text, null, "realms that are asked beside the default realm, separated by white space"),
        Kerberos("krb5_uppercase_realm", Flag, "no", "whether realms are put into capitals"),

        HttpForm("httpform_host", Text, "localhost", "the web server"),
        HttpForm("httpform_port", Text, "80", "its port"),
        HttpForm("httpform_uri", Text, null, "the form's address on it"),
        HttpForm("httpform_data", Text, null, "what is posted: %u is the user, %p the password, %r the realm"),
        HttpForm("httpform_tls", Flag, "no", "whether the request goes through TLS; not in the original"),
        HttpForm("httpform_tls_cacert_file", FilePath, null, "the certificate authorities, as PEM; not in the original"),
        HttpForm("httpform_timeout", Number, "30", "seconds for the whole request; not in the original"),
    ];

    /// <summary>Finds a key.</summary>
    /// <param name="name">The key, in any case.</param>
    /// <returns>Null when no checker reads it.</returns>
    public static SaslConfigurationKey? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.FirstOrDefault(key => key.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    internal static SaslConfigurationKey KerberosInstance(string name) =>
        Kerberos(name, Text, null, "what a user of the service has behind the slash");

    private static SaslConfigurationKey Ldap(string name, SaslConfigurationKeyKind kind, string? otherwise, string meaning) =>
        Of("ldap", LdapPackage, name, kind, otherwise, meaning);

    private static SaslConfigurationKey Kerberos(string name, SaslConfigurationKeyKind kind, string? otherwise, string meaning) =>
        Of("kerberos5", ThisPackage, name, kind, otherwise, meaning);

    private static SaslConfigurationKey HttpForm(string name, SaslConfigurationKeyKind kind, string? otherwise, string meaning) =>
        Of("httpform", ThisPackage, name, kind, otherwise, meaning);

    private static SaslConfigurationKey Of(
        string checker, string package, string name, SaslConfigurationKeyKind kind, string? otherwise, string meaning) =>
        new(name, kind, otherwise, meaning) { Reader = SaslConfigurationReader.Verifier, ReaderName = checker, Package = package };
}
