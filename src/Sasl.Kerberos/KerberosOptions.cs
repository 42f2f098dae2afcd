namespace Sasl.Kerberos;

/// <summary>How Kerberos mechanisms find keys and tickets: the <c>GSSAPI</c> options of a Cyrus SASL configuration file, and a client's.</summary>
public sealed record KerberosOptions
{
    /// <summary>The defaults.</summary>
    public static KerberosOptions Default { get; } = new();

    /// <summary>The server's own keys (<c>keytab</c>): a file, or <c>TYPE:name</c>. Null for the keytab of krb5.conf or <c>KRB5_KTNAME</c>,
    /// which as a rule is <c>/etc/krb5.keytab</c>.</summary>
    public string? Keytab { get; init; }

    /// <summary>The service's Kerberos name (<c>service_principal</c>): <c>service@host</c>, or a principal such as
    /// <c>imap/mail.example.com@EXAMPLE.COM</c>. Null for the service and the host that server or client are configured with. On a server
    /// <c>*</c> lets in clients that hold a ticket for any key of the keytab.</summary>
    public string? ServicePrincipal { get; init; }

    /// <summary>Whether to speak as Active Directory's LDAP servers want it (<c>ad_compat</c>): a client that chooses encryption sets the
    /// bit for integrity too, and a server takes both for encryption. RFC 4752 allows one bit alone.</summary>
    public bool AdCompat { get; init; }

    /// <summary>Where a server keeps the tickets that clients pass on to it (<c>ccache_store</c>): a file or <c>TYPE:name</c>, in which
    /// <c>%U</c> stands for the user's name, <c>%u</c> for the number that the system has for that user, <c>%E</c> and <c>%e</c> for the
    /// name and the number of the server's own user, and <c>%p</c> for the process. Null keeps none; the application gets them all the
    /// same (<see cref="SaslServerSession.DelegatedCredential"/>).</summary>
    public string? CcacheStore { get; init; }

    /// <summary>The client's tickets: a file, or <c>TYPE:name</c>. Null for the cache of krb5.conf or <c>KRB5CCNAME</c>.</summary>
    public string? CredentialCache { get; init; }

    /// <summary>Keys by which a client gets tickets itself when its cache has none: a file, or <c>TYPE:name</c>. Null for the client keytab
    /// of krb5.conf.</summary>
    public string? ClientKeytab { get; init; }

    /// <summary>Whether a client passes its tickets on to the server, which then can act in its name everywhere. Only tickets that can be
    /// forwarded are passed on (<c>kinit -f</c>).</summary>
    public bool Delegate { get; init; }

    /// <summary>Takes a sentence for the administrator, on any thread, when this machine's own keys, tickets or configuration are the fault, or
    /// delegated tickets cannot be kept. What was said last is not said again by the same mechanism.</summary>
    public Action<string> Warn { get; init; } = static _ => { };
}
