using System.Collections.Immutable;
using static Sasl.SaslConfigurationKeyKind;
using static Sasl.SaslConfigurationReader;

namespace Sasl;

/// <summary>Every key that Cyrus SASL 2.1.28 or its development version reads, documented there or not, and the few that this library adds.</summary>
/// <remarks>Being in the table keeps a key from being called unknown. Who writes a back end with keys of its own adds those to the builder's.</remarks>
public static class SaslConfigurationKeys
{
    private const string Sasldb = "Sasl.Sasldb";
    private const string Saslauthd = "Sasl.Saslauthd";
    private const string OAuth = "Sasl.OAuth";
    private const string Sql = "Sasl.Sql";
    private const string Ldap = "Sasl.Ldap";
    private const string Mechanisms = "Sasl.Mechanisms";
    private const string Kerberos = "Sasl.Kerberos";

    /// <summary>All of them, those of one reader together.</summary>
    public static ImmutableArray<SaslConfigurationKey> All { get; } =
    [
        Common("pwcheck_method", Words, "auxprop", "who says whether a password is right, asked in this order"),
        Common("auxprop_plugin", Words, null, "the credential stores, asked in this order; all that are registered unless set"),
        Common("mech_list", Words, null, "the mechanisms a server may offer, in this order; all that are fit for use unasked unless set"),
        Common("client_mech_list", Words, null, "the mechanisms a client may use, in this order"),
        Common("canon_user_plugin", Text, "INTERNAL", "who turns the name a client sends into a user"),
        Common("auto_transition", Text, "no", "whether a password that another verifier found right is stored as well: no, yes, noplain"),
        Common("log_level", Number, "2", "how much is written to the log, from 0, nothing, to 7"),

        Of(Store, "sasldb", Sasldb, "sasldb_path", FilePath, "/etc/sasldb2", "the credential file"),
        Of(Store, "sasldb", Sasldb, "sasldb_type", Text, "lmdb", "the form of a credential file that is made: lmdb, berkeley, gdbm"),
        Of(Store, "sasldb", Sasldb, "sasldb_mapsize", Number, "1024", "the size the file may grow to, in units of 1024 octets"),
        Of(Store, "sasldb", Sasldb, "sasldb_maxreaders", Number, "126", "how many processes may read the file at once"),

        Of(Mechanism, "SCRAM-SHA-1", Mechanisms, "scram_iteration_counter", Number, "4096", "PBKDF2 iterations of new SCRAM secrets"),
        Of(Mechanism, "SCRAM-SHA-1", Mechanisms, "scram_secret_generate", Flag, "yes", "whether SCRAM secrets are made of new passwords"),

        Of(Verifier, "saslauthd", Saslauthd, "saslauthd_path", FilePath, "/var/run/saslauthd/mux", "the socket of saslauthd, or the folder it is in"),
        Of(Verifier, "saslauthd", Saslauthd, "saslauthd_timeout", Number, "60", "how many seconds one check may take"),
        Of(Verifier, "saslauthd", Saslauthd, "saslauthd_connect_timeout", Number, "5", "for how many seconds saslauthd may take no connection"),
        Of(Verifier, "saslauthd", Saslauthd, "saslauthd_max_connections", Number, "32", "how many connections to saslauthd there are at once"),
        Of(Verifier, "saslauthd", Saslauthd, "saslauthd_client_address", Flag, "no", "whether saslauthd is told the client's address, as the development version expects"),
        Of(Verifier, "pwcheck", Saslauthd, "pwcheck_path", FilePath, "/var/pwcheck/pwcheck", "the socket of pwcheck"),
        Of(Verifier, "authdaemond", Saslauthd, "authdaemond_path", FilePath, "/run/courier/authdaemon/socket", "the socket of Courier's authdaemond"),
        Of(Verifier, "authdaemond", Saslauthd, "authdaemon_path", FilePath, null, "how Cyrus SASL's manual misspells authdaemond_path"),

        OAuthKey(null, "oauth_issuer", Text, null, "who must have issued an access token; alone it checks the signatures of JSON web tokens"),
        OAuthKey(null, "oauth_audience", Words, null, "for whom an access token must be: one of these"),
        OAuthKey(null, "oauth_scope", Words, null, "the scopes an access token must have"),
        OAuthKey(null, "oauth_username_claim", Text, "sub", "the claim that names the user"),
        OAuthKey(null, "oauth_clock_skew", Number, "60", "by how many seconds the issuer's clock may differ"),
        OAuthKey(null, "oauth_timeout", Number, "5", "how many seconds the issuer may take to answer"),
        OAuthKey(null, "oauth_ca_file", FilePath, null, "the authorities that may have issued the issuer's certificate, in PEM form"),
        OAuthKey(null, "oauth_openid_configuration", Text, null, "what a client is told whose token was refused"),
        OAuthKey("jwt", "oauth_jwks", Text, null, "the issuer's public keys: an address or a file"),
        OAuthKey("jwt", "oauth_algorithms", Words, null, "the signatures allowed"),
        OAuthKey("introspection", "oauth_introspection_url", Text, null, "where the issuer is asked about every token"),
        OAuthKey("introspection", "oauth_introspection_cache", Number, "0", "for how many seconds a token that was valid is not asked about again"),
        OAuthKey("introspection", "oauth_introspection_client_id", Text, null, "as whom the issuer is asked"),
        OAuthKey("introspection", "oauth_introspection_client_secret", Text, null, "with which secret") with { IsSecret = true },

        Of(Store, "sql", Sql, "sql_engine", Text, "mysql", "the kind of database: mysql, pgsql, sqlite, sqlite3"),
        Of(Store, "sql", Sql, "sql_hostnames", Text, null, "the database servers, separated by commas"),
        Of(Store, "sql", Sql, "sql_user", Text, null, "the user to log in to the database as"),
        Of(Store, "sql", Sql, "sql_passwd", Text, null, "that user's password") with { IsSecret = true },
        Of(Store, "sql", Sql, "sql_database", Text, null, "the database's name or file"),
        Of(Store, "sql", Sql, "sql_select", Text, null, "the statement that reads a property"),
        Of(Store, "sql", Sql, "sql_statement", Text, null, "an old name of sql_select"),
        Of(Store, "sql", Sql, "sql_insert", Text, null, "the statement that adds a property"),
        Of(Store, "sql", Sql, "sql_update", Text, null, "the statement that changes a property"),
        Of(Store, "sql", Sql, "sql_usessl", Flag, "no", "whether to connect with TLS"),

        Of(Store, "ldapdb", Ldap, "ldapdb_uri", Text, null, "the directory servers"),
        Of(Store, "ldapdb", Ldap, "ldapdb_id", Text, null, "whom to bind as"),
        Of(Store, "ldapdb", Ldap, "ldapdb_mech", Text, null, "the mechanism to bind with"),
        Of(Store, "ldapdb", Ldap, "ldapdb_pw", Text, null, "the password to bind with") with { IsSecret = true },
        Of(Store, "ldapdb", Ldap, "ldapdb_rc", FilePath, null, "an ldap.conf to use"),
        Of(Store, "ldapdb", Ldap, "ldapdb_starttls", Text, null, "whether to ask for TLS: try, demand"),
        Of(Canonicalizer, "ldapdb", Ldap, "ldapdb_canon_attr", Text, null, "the attribute that has the canonical name"),

        Of(Mechanism, "GSSAPI", Kerberos, "keytab", FilePath, null, "the server's Kerberos keys"),
        Of(Mechanism, "GSSAPI", Kerberos, "ad_compat", Flag, "no", "whether to speak GSSAPI as Active Directory does"),
        Of(Mechanism, "GSSAPI", Kerberos, "ccache_store", FilePath, null, "where delegated credentials are kept"),
        Of(Mechanism, "GSSAPI", Kerberos, "service_principal", Text, null, "the server's Kerberos name"),
        Of(Mechanism, "OTP", Mechanisms, "otp_mda", Text, "md5", "the hash of new one-time password sequences: md4, md5, sha1"),
        Of(Mechanism, "OTP", Mechanisms, "opiekeys", FilePath, null, "a file of OPIE to read one-time password sequences from that the store does not have"),
        Of(Mechanism, "SRP", Mechanisms, "srp_mda", Text, "SHA-1", "the hash SRP uses: SHA-1, RIPEMD-160, MD5"),
        Of(Mechanism, "DIGEST-MD5", Mechanisms, "reauth_timeout", Number, "0", "for how many minutes a client may log in again in one step"),
        Of(Mechanism, "NTLM", Mechanisms, "ntlm_v2", Flag, "yes", "whether clients answer with NTLMv2"),

        Ineffective("plugin_list", FilePath, "mechanisms are referenced by the program, none is loaded from a file"),
        Ineffective("ntlm_server", Text, "NTLM logins are checked against the credential store, not passed on to an SMB server"),
        Ineffective("srvtab", FilePath, "KERBEROS_V4 does not exist here"),
    ];

    /// <summary>Finds a key of Cyrus SASL's.</summary>
    /// <param name="name">The key, in any case.</param>
    /// <returns>Null when it has no such key.</returns>
    public static SaslConfigurationKey? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.FirstOrDefault(key => key.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    private static SaslConfigurationKey Common(string name, SaslConfigurationKeyKind kind, string? otherwise, string meaning) =>
        new(name, kind, otherwise, meaning);

    private static SaslConfigurationKey Of(
        SaslConfigurationReader reader, string readerName, string package, string name,
        SaslConfigurationKeyKind kind, string? otherwise, string meaning) =>
        new(name, kind, otherwise, meaning) { Reader = reader, ReaderName = readerName, Package = package };

    private static SaslConfigurationKey OAuthKey(string? readerName, string name, SaslConfigurationKeyKind kind, string? otherwise, string meaning) =>
        new(name, kind, otherwise, meaning) { Reader = SaslConfigurationReader.TokenValidator, ReaderName = readerName, Package = OAuth };

    private static SaslConfigurationKey Ineffective(string name, SaslConfigurationKeyKind kind, string why) =>
        new(name, kind, null, why) { Reader = Nobody, Package = null };
}
