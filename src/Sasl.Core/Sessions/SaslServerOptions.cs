using System.Collections.Immutable;

namespace Sasl;

/// <summary>Everything one service's server side is configured with. Nothing here accepts anybody by default.</summary>
public sealed record SaslServerOptions
{
    private const int DefaultMaxMessageLength = 64 * 1024;

    /// <summary>This host's name: what the system calls itself where that has a dot, else the canonical name that the hosts file or the DNS
    /// has for it, else the short name.</summary>
    /// <remarks>Looked for once, when somebody reads it; that may wait for the DNS. A server whose name is set does not look.</remarks>
    public static string DefaultServerName => HostName.FullyQualified;

    /// <summary>The service's registered GSSAPI name: <c>smtp</c>, <c>imap</c>. Not the application name (<c>smtpd</c>).</summary>
    public required string Service { get; init; }

    /// <summary>The server's fully qualified host name; <see cref="DefaultServerName"/> unless set.</summary>
    public string ServerName
    {
        get => field ?? DefaultServerName;
        init;
    }

    /// <summary>The realm appended to names without one; empty, the default, appends none.</summary>
    public string Realm { get; init; } = "";

    /// <summary>What may be offered, strongest first.</summary>
    public required ImmutableArray<SaslMechanism> Mechanisms { get; init; }

    /// <summary>Which of them may be used on which channel.</summary>
    public SaslPolicy Policy { get; init; } = SaslPolicy.Default;

    /// <summary>Who says whether a password is right; null offers no mechanism that needs to know.</summary>
    public IPasswordVerifier? PasswordVerifier { get; init; }

    /// <summary>Where secrets are kept; null offers no mechanism that needs them.</summary>
    public ICredentialStore? CredentialStore { get; init; }

    /// <summary>Where exchanges may write; <see cref="CredentialStore"/> when that can be written, unless set.</summary>
    public IWritableCredentialStore? WritableStore
    {
        get => field ?? CredentialStore as IWritableCredentialStore;
        init;
    }

    /// <summary>Who says whether an access token is valid; null offers no mechanism that needs to know.</summary>
    public ITokenValidator? TokenValidator { get; init; }

    /// <summary>Turns names into users.</summary>
    public IUserCanonicalizer Canonicalizer { get; init; } = DefaultCanonicalizer.Instance;

    /// <summary>Says who may act as whom.</summary>
    public IAuthorizer Authorizer { get; init; } = SelfOnlyAuthorizer.Instance;

    /// <summary>Sees what happens.</summary>
    public SaslObserver Observer { get; init; } = SaslObserver.None;

    /// <summary>Nonces and salts.</summary>
    public SaslNonceSource Nonces { get; init; } = SaslNonceSource.Random;

    /// <summary>The time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where slow derivations run; null makes one queue for this server.</summary>
    public SaslWorkQueue? Work { get; init; }

    /// <summary>Whether the protocol can carry data with its success reply. SMTP and POP3 cannot; XMPP, LDAP and ManageSieve can.</summary>
    public bool SuccessData { get; init; }

    /// <summary>The longest message accepted from a client, in octets.</summary>
    public int MaxMessageLength { get; init; } = DefaultMaxMessageLength;

    /// <summary>The key from which answers for users who do not exist are made, at least 32 octets; empty, the default, makes a random one
    /// for this server object. Give the same key to every server of one user base, and keep it over restarts: a stranger who asks two
    /// of them for one name, or one before and after a restart, otherwise sees by the salt whether the name exists.</summary>
    public ReadOnlyMemory<byte> DecoyKey { get; init; }

    /// <summary>Whether a connection may bind with <c>tls-exporter</c> again after a failed exchange. RFC 9266 section 4.1 lets one binding
    /// value serve one exchange only; people mistype passwords, so this is allowed unless set to false.</summary>
    public bool AllowRepeatedExporterBinding { get; init; } = true;
}
