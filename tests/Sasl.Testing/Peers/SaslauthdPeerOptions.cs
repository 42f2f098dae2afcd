namespace Sasl.Testing.Peers;

/// <summary>How Debian's saslauthd is started.</summary>
public sealed record SaslauthdPeerOptions
{
    /// <summary>Who checks (-a): getpwent, shadow, pam, rimap, ldap, kerberos5. sasldb reads /etc/sasldb2 and nothing else.</summary>
    public string Mechanism { get; init; } = "getpwent";

    /// <summary>The mechanism's option (-O): host/port for rimap, a file for ldap.</summary>
    public string? Option { get; init; }

    /// <summary>What more is in its environment: where Kerberos finds its configuration and keytab.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>How many processes answer (-n).</summary>
    public int Workers { get; init; } = 5;

    /// <summary>Whether it keeps good passwords for a while (-c).</summary>
    public bool Caches { get; init; }

    /// <summary>Whether the login is put together with the realm (-r).</summary>
    public bool JoinsRealm { get; init; }

    /// <summary>The service whose PAM file there is.</summary>
    public string PamService { get; init; } = "smtp";

    /// <summary>The password of alice in PAM.</summary>
    public string PamPassword { get; init; } = WrappedAccounts.Password;
}
