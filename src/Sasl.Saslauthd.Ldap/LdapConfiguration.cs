using System.Collections.Immutable;

namespace Sasl.Saslauthd;

/// <summary>Reads <see cref="LdapOptions"/> from <c>saslauthd.conf</c> and refuses what cannot work.</summary>
internal sealed class LdapConfiguration(SaslConfiguration file, Action<string> warn)
{
    private const int MaxSeconds = 600;
    private const int MaxEntries = 1000;
    private const int MaxDebug = 65535;

    public LdapOptions Read()
    {
        bool useSasl = file.Flag("ldap_use_sasl");
        var options = new LdapOptions
        {
            Servers = ReadServers(),
            BindDn = file["ldap_bind_dn"] ?? "",
            BindPassword = Either("ldap_bind_pw", "ldap_password") is { } password ? SaslSecret.FromText(password) : null,
            Version = file.Number("ldap_version", 3, 2, 3),
            SearchBase = file["ldap_search_base"] ?? "",
            Filter = file["ldap_filter"] ?? "(uid=%u)",
            PasswordAttribute = file["ldap_password_attr"] ?? "userPassword",
            GroupDn = file["ldap_group_dn"],
            GroupAttribute = file["ldap_group_attr"] ?? "uniqueMember",
            GroupFilter = file["ldap_group_filter"],
            GroupSearchBase = file["ldap_group_search_base"],
            GroupScope = ReadScope("ldap_group_scope"),
            GroupMatch = file.Choice("ldap_group_match_method", "attr", "attr", "filter") is "attr" ? LdapGroupMatch.Attribute : LdapGroupMatch.Filter,
            DefaultRealm = Either("ldap_default_realm", "ldap_default_domain") ?? "",
            Method = ReadMethod(useSasl),
            Timeout = TimeSpan.FromSeconds(file.Number("ldap_timeout", 5, 1, MaxSeconds)),
            SizeLimit = file.Number("ldap_size_limit", 1, 0, MaxEntries),
            TimeLimit = file.Number("ldap_time_limit", 5, 0, MaxSeconds),
            Dereference = ReadDereference(),
            Referrals = file.Flag("ldap_referrals"),
            Restart = file.Flag("ldap_restart", otherwise: true),
            Scope = ReadScope("ldap_scope"),
            UseSasl = useSasl,
            SaslId = Either("ldap_id", "ldap_sasl_authc_id") ?? "",
            SaslAuthorizationId = Either("ldap_authz_id", "ldap_sasl_authz_id") ?? "",
            SaslRealm = Either("ldap_realm", "ldap_sasl_realm") ?? "",
            SaslMechanism = Either("ldap_mech", "ldap_sasl_mech"),
            SaslSecurityProperties = file["ldap_sasl_secprops"],
            StartTls = file.Flag("ldap_start_tls"),
            CheckPeer = file.Flag("ldap_tls_check_peer", otherwise: true),
            CaFile = ReadPath("ldap_tls_cacert_file", File.Exists),
            CaDirectory = ReadPath("ldap_tls_cacert_dir", Directory.Exists),
            Ciphers = file["ldap_tls_ciphers"],
            CertificateFile = ReadPath("ldap_tls_cert", File.Exists),
            KeyFile = ReadPath("ldap_tls_key", File.Exists),
        };
        Check(options);
        WarnOf(options);
        return options;
    }

    private string? Either(string key, string alias)
    {
        if (file[key] is not null && file[alias] is not null)
            warn(file.Warning(alias, $"is another name of {key}, which is set, too; this one has no effect").ToString());
        return file[key] ?? file[alias];
    }

    private ImmutableArray<string> ReadServers()
    {
        ImmutableArray<string> servers = file.Words("ldap_servers");
        foreach (string server in servers)
        {
            if (!IsAddress(server))
                throw file.Error("ldap_servers", "accepted are addresses such as ldap://host:389/, ldaps://host/ and ldapi://%2Frun%2Fldapi, separated by white space");
        }
        return servers.IsEmpty ? ["ldap://localhost/"] : servers;
    }

    // The path of a socket stands where other addresses have their host, which Uri does not take.
    private static bool IsAddress(string server) =>
        server.StartsWith("ldapi://", StringComparison.OrdinalIgnoreCase)
            ? !server.AsSpan("ldapi://".Length).TrimEnd('/').Contains('/')
            : Uri.TryCreate(server, UriKind.Absolute, out Uri? address) && address.Scheme is ("ldap" or "ldaps");

    private LdapAuthMethod ReadMethod(bool useSasl) =>
        file.Choice("ldap_auth_method", useSasl ? "fastbind" : "bind", "bind", "custom", "fastbind") switch
        {
            "custom" => LdapAuthMethod.Custom,
            "fastbind" => LdapAuthMethod.FastBind,
            // As the original, to which a SASL bind as the user is a fast bind.
            _ => useSasl ? LdapAuthMethod.FastBind : LdapAuthMethod.Bind,
        };

    private LdapScope ReadScope(string key) => file.Choice(key, "sub", "sub", "one", "base") switch
    {
        "one" => LdapScope.OneLevel,
        "base" => LdapScope.Base,
        _ => LdapScope.Subtree,
    };

    private LdapDereference ReadDereference() => file.Choice("ldap_deref", "never", "never", "search", "find", "always") switch
    {
        "search" => LdapDereference.Searching,
        "find" => LdapDereference.Finding,
        "always" => LdapDereference.Always,
        _ => LdapDereference.Never,
    };

    private string? ReadPath(string key, Func<string, bool> exists) =>
        file[key] is not { } path || exists(path) ? file[key] : throw file.Error(key, $"it is not there ({SaslFileAccess.Describe(path)})");

    private void Check(LdapOptions options)
    {
        bool wantsGroup = options.GroupDn is not null || options.GroupFilter is not null;
        if (options.StartTls && options.Servers.Any(static server => server.StartsWith("ldaps:", StringComparison.OrdinalIgnoreCase)))
            throw file.Error("ldap_start_tls", "an ldaps server has TLS already; accepted are ldap addresses with ldap_start_tls: yes, or ldaps addresses without");
        if (options.StartTls && options.Version < 3)
            throw file.Error("ldap_version", "ldap_start_tls needs 3");
        if (wantsGroup && options.GroupMatch is LdapGroupMatch.Attribute && options.GroupDn is null)
            throw file.Error("ldap_group_filter", "it is read with ldap_group_match_method: filter only; without that every user would be let in");
        if (wantsGroup && options.GroupMatch is LdapGroupMatch.Filter && options.GroupFilter is null)
            throw file.Error("ldap_group_match_method", "filter needs ldap_group_filter");
        if (options.BindDn.Length > 0 && options.BindPassword is null && !options.UseSasl)
            throw file.Error("ldap_bind_dn", "it needs ldap_bind_pw; a bind without a password is a bind as nobody");
        bool isSaslFastBind = options is { Method: LdapAuthMethod.FastBind, UseSasl: true };
        bool needsDn = options.GroupMatch is LdapGroupMatch.Attribute
            || LdapTemplate.Uses(options.GroupFilter ?? "", 'D') || LdapTemplate.Uses(options.GroupSearchBase ?? "", 'D');
        if (isSaslFastBind && wantsGroup && needsDn)
            throw file.Error(options.GroupDn is null ? "ldap_group_filter" : "ldap_group_dn", "a SASL bind does not tell the user's DN; use ldap_group_match_method: filter without %D");
        if (isSaslFastBind && !LdapPasswordMechanisms.Covers(options.SaslMechanism))
            throw file.Error("ldap_mech", $"a SASL bind as the user needs a mechanism that proves the password: {LdapPasswordMechanisms.Accepted}");
        if (options is { Method: LdapAuthMethod.FastBind, UseSasl: false } && !LdapTemplate.Uses(options.Filter, 'u') && !LdapTemplate.Uses(options.Filter, 'U'))
            throw file.Error("ldap_filter", "with fastbind it is the user's DN and needs %u or %U, so that not all users are one");
        if (!isSaslFastBind && !LdapTemplate.Uses(options.Filter, 'u') && !LdapTemplate.Uses(options.Filter, 'U')
            && !LdapTemplate.Uses(options.SearchBase, 'u') && !LdapTemplate.Uses(options.SearchBase, 'U'))
        {
            throw file.Error("ldap_filter", "neither it nor ldap_search_base has %u or %U, so that all users would be one");
        }
        CheckTokens();
    }

    private void CheckTokens()
    {
        foreach ((string key, bool knowsDn) in ((string, bool)[])
            [("ldap_filter", false), ("ldap_search_base", false), ("ldap_group_dn", true), ("ldap_group_filter", true), ("ldap_group_search_base", true)])
        {
            if (file[key] is { } template && LdapTemplate.FindUnknown(template, knowsDn) is { } token)
                throw file.Error(key, $"'%{(token is '\0' ? "" : token)}' is not accepted; accepted are %u %U %d %1 to %9 %s %r %R {(knowsDn ? "%D " : "")}and %%");
        }
    }

    private void WarnOf(LdapOptions options)
    {
        bool inTheClear = !options.StartTls && options.Servers.Any(static server =>
            server.StartsWith("ldap:", StringComparison.OrdinalIgnoreCase) && !(Uri.TryCreate(server, UriKind.Absolute, out Uri? address) && address.IsLoopback));
        if (inTheClear && !options.UseSasl)
            warn(file.Warning("ldap_servers", "passwords go to it in the clear; set ldap_start_tls: yes, or write ldaps").ToString());
        if (!options.CheckPeer)
            warn(file.Warning("ldap_tls_check_peer", "any server is believed; whoever sits between can read the passwords").ToString());
        if (file.Number("ldap_debug", 0, -1, MaxDebug) != 0)
            warn(file.Warning("ldap_debug", "has no effect here: the LDAP library would print passwords").ToString());
    }
}
