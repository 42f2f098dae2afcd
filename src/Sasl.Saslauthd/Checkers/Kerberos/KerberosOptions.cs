using System.Collections.Immutable;

namespace Sasl.Saslauthd;

/// <summary>How <see cref="KerberosVerifier"/> asks a KDC: the <c>krb5_…</c> options of <c>saslauthd.conf</c>.</summary>
public sealed record KerberosOptions
{
    /// <summary>The host's own keys (<c>krb5_keytab</c>): a file, or <c>TYPE:name</c>. Null for the keytab of krb5.conf, which as a rule is
    /// <c>/etc/krb5.keytab</c>.</summary>
    public string? Keytab { get; init; }

    /// <summary>The service whose key in the keytab proves the KDC to be the right one (<c>krb5_verify_principal</c>).</summary>
    public string VerifyPrincipal { get; init; } = "host";

    /// <summary>The host in that service's principal (<c>krb5_servername</c>); null for this machine.</summary>
    public string? ServerName { get; init; }

    /// <summary>By service, what its users have behind the slash (<c>krb5_SERVICE_instance</c>): with <c>imap</c> and <c>mail</c>, the password of
    /// <c>alice</c> is that of the principal <c>alice/mail</c> when imap asks. The services' names are compared without regard to case.</summary>
    public ImmutableDictionary<string, string> Instances { get; init; } =
        ImmutableDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the first dot of a login means a slash, as in Kerberos 4 (<c>krb5_conv_krb4_instance</c>).</summary>
    public bool ConvertInstance { get; init; }

    /// <summary>Whether the realm is put into capitals (<c>krb5_uppercase_realm</c>).</summary>
    public bool UppercaseRealm { get; init; }

    /// <summary>The realms whose KDCs are asked beside the default realm's (<c>krb5_realms</c>). Another realm is nobody's: a peer names what it likes,
    /// and its KDC would be looked for in DNS.</summary>
    public ImmutableArray<string> Realms { get; init; } = [];

    /// <summary>The file krb5.conf; null for the system's, or the one that <c>KRB5_CONFIG</c> in the environment names.</summary>
    public string? ConfigurationFile { get; init; }

    /// <summary>Takes a sentence for the administrator, on any thread: when the KDC cannot be proved to be the right one, or Kerberos cannot be
    /// asked at all. What was said last is not said again.</summary>
    public Action<string> Warn { get; init; } = static _ => { };
}
