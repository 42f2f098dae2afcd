using System.Collections.Immutable;
using Sasl.Kerberos;
using Sasl.Mechanisms;

namespace Sasl;

/// <summary>Builds a server as Cyrus SASL's <c>sasl_server_init</c> and <c>sasl_server_new</c> do: from <c>&lt;application&gt;.conf</c>, or the same keys from code.</summary>
/// <remarks>
/// Set what the application decides, register back ends of your own, then build. Back ends are made of their factories while building,
/// and only those that the configuration names.
/// </remarks>
public sealed class SaslServerBuilder
{
    /// <summary>Cyrus SASL's name for its default canonicalizer.</summary>
    public const string InternalCanonicalizer = "INTERNAL";

    /// <summary>The name that <c>pwcheck_method</c> has for checking passwords against the credential stores.</summary>
    public const string StoredPasswords = "auxprop";

    /// <summary>Makes a builder that knows the back ends of this library.</summary>
    public SaslServerBuilder() => BuiltInBackends.Register(this);

    /// <summary>Credential stores by the names that <c>auxprop_plugin</c> has for them, in any case.</summary>
    /// <remarks>Without <c>auxprop_plugin</c> all are used, in the order they were added; but the <c>sasldb</c> that every builder knows only where
    /// <c>sasldb_path</c> is set or there is no other. A factory that returns null has nothing to work
    /// with, such as a database without a statement, and is left out unless it was named. What it returns is disposed with the setup.</remarks>
    public IDictionary<string, Func<SaslBackendContext, ICredentialStore?>> Stores { get; } =
        new OrderedDictionary<string, Func<SaslBackendContext, ICredentialStore?>>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Password verifiers by the names that <c>pwcheck_method</c> has for them, in any case. <c>auxprop</c> needs no entry.</summary>
    /// <remarks>What a factory returns is disposed with the setup.</remarks>
    public IDictionary<string, Func<SaslBackendContext, IPasswordVerifier>> Verifiers { get; } =
        new OrderedDictionary<string, Func<SaslBackendContext, IPasswordVerifier>>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Canonicalizers by the names that <c>canon_user_plugin</c> has for them, in any case.</summary>
    public IDictionary<string, Func<SaslBackendContext, IUserCanonicalizer>> Canonicalizers { get; } =
        new OrderedDictionary<string, Func<SaslBackendContext, IUserCanonicalizer>>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The keys that somebody reads. Add those of your own back ends, or they are called unknown.</summary>
    public IList<SaslConfigurationKey> KnownKeys { get; } = [.. SaslConfigurationKeys.All];

    /// <summary>What may be offered, strongest first.</summary>
    /// <remarks>Left alone, it is <see cref="SaslMechanisms.Standard"/>, and with it Kerberos's where <c>mech_list</c> names one of them or a
    /// <c>keytab</c> is set. Of <see cref="KerberosMechanisms.Standard"/> in a list of one's own, those whose service has no key are not offered.</remarks>
    public ImmutableArray<SaslMechanism> Mechanisms
    {
        get => HasOwnMechanisms ? field : SaslMechanisms.Standard;
        set
        {
            field = value;
            HasOwnMechanisms = true;
        }
    }

    /// <summary>How SCRAM works; <c>scram_iteration_counter</c> comes before its iterations.</summary>
    /// <remarks>Neither concerns mechanisms in <see cref="Mechanisms"/> that the application made with options of its own
    /// (<see cref="ScramMechanisms.Create(ScramOptions)"/>).</remarks>
    public ScramOptions Scram { get; set; } = ScramOptions.Default;

    /// <summary>How DIGEST-MD5 works, where a list names it; <c>reauth_timeout</c> comes before its timeout.</summary>
    public DigestMd5Options DigestMd5 { get; set; } = DigestMd5Options.Default;

    /// <summary>How SRP works, where a list names it; <c>srp_mda</c> comes before its hash.</summary>
    public SrpOptions Srp { get; set; } = SrpOptions.Default;

    /// <summary>Which responses NTLM accepts, where a list names it.</summary>
    public NtlmOptions Ntlm { get; set; } = NtlmOptions.Default;

    /// <summary>How OTP works, where a list names it; <c>otp_mda</c> and <c>opiekeys</c> come before its hash and its file.</summary>
    public OtpOptions Otp { get; set; } = OtpOptions.Default;

    /// <summary>Where Kerberos finds keys; <c>keytab</c>, <c>service_principal</c>, <c>ad_compat</c> and <c>ccache_store</c> come before it.</summary>
    /// <remarks>It does not concern mechanisms in <see cref="Mechanisms"/> that the application made with options of its own.</remarks>
    public KerberosOptions Kerberos { get; set; } = KerberosOptions.Default;

    /// <summary>The forms in which stores may hold a password that PLAIN and LOGIN are checked against.</summary>
    public ImmutableArray<PasswordForm> PasswordForms { get; set; } =
        [.. ScramMechanisms.PasswordForms, CyrusPlainForm.Instance, PlainTextForm.Instance];

    /// <summary>Which mechanisms may be used on which channel: Cyrus SASL's security properties. <c>mech_list</c> comes before its list.</summary>
    public SaslPolicy Policy { get; set; } = SaslPolicy.Default;

    /// <summary>The realm appended to names without one (Postfix: <c>smtpd_sasl_local_domain</c>); empty, the default, appends none.</summary>
    public string Realm { get; set; } = "";

    /// <summary>The server's fully qualified host name (Postfix: <c>myhostname</c>); <see cref="SaslServerOptions.DefaultServerName"/> unless set.</summary>
    public string ServerName
    {
        get => field ?? SaslServerOptions.DefaultServerName;
        set;
    }

    /// <summary>Says whether an access token is valid, for OAUTHBEARER and XOAUTH2; null, the default, takes what
    /// the configuration names (<c>oauth_issuer</c>, <c>oauth_introspection_url</c>), which may be nobody. The application disposes it, after the setup.</summary>
    public ITokenValidator? TokenValidator { get; set; }

    /// <summary>Says who may act as whom.</summary>
    public IAuthorizer Authorizer { get; set; } = SelfOnlyAuthorizer.Instance;

    /// <summary>Sees what happens, all of it: <c>log_level</c> does not concern it.</summary>
    public SaslObserver Observer { get; set; } = SaslObserver.None;

    /// <summary>Takes the lines that <c>log_level</c> lets through; null, the default, writes no log. Must be quick, thread-safe, and must not throw.</summary>
    public Action<SaslLogLevel, string>? Log { get; set; }

    /// <summary>The time.</summary>
    public TimeProvider Clock { get; set; } = TimeProvider.System;

    /// <summary>Nonces and salts.</summary>
    public SaslNonceSource Nonces { get; set; } = SaslNonceSource.Random;

    /// <summary>Where slow checks run; null makes one queue, disposed with the setup.</summary>
    public SaslWorkQueue? Work { get; set; }

    /// <summary>Whether the protocol can carry data with its success reply. SMTP and POP3 cannot.</summary>
    public bool SuccessData { get; set; }

    /// <summary>The key from which answers for users who do not exist are made, at least 32 octets; empty, the default, makes a random one for each
    /// server built. Servers of one user base should share one, and keep it over restarts (<see cref="SaslServerOptions.DecoyKey"/>).</summary>
    /// <remarks>A shorter one makes building throw an <see cref="ArgumentOutOfRangeException"/>.</remarks>
    public ReadOnlyMemory<byte> DecoyKey { get; set; }

    /// <summary>Whether a connection may bind with <c>tls-exporter</c> again after a failed exchange; false keeps strictly to RFC 9266 section 4.1.</summary>
    public bool AllowRepeatedExporterBinding { get; set; } = true;

    /// <summary>Where configuration files are looked for.</summary>
    public SaslConfigurationFinder Finder { get; set; } = new();

    /// <summary>Finds <c>&lt;application&gt;.conf</c> and builds what it says. Without a file every option has its default.</summary>
    /// <param name="service">The service's registered name, which goes to PAM, Kerberos and the like: <c>smtp</c>.</param>
    /// <param name="application">The application's name, which is looked for: <c>smtpd</c>.</param>
    /// <returns>The server and all that the factories made for it; disposing it disposes that.</returns>
    /// <exception cref="SaslConfigurationException">The configuration cannot work; the message names file and line and what would be accepted.
    /// What the factories had made is disposed.</exception>
    public SaslServerSetup Build(string service, string application)
    {
        SaslConfigurationSearch search = FinderOfKnownKeys.Find(application);
        return new ServerAssembly(this, service, search.Configuration, search).Build();
    }

    /// <summary>Builds what a configuration says.</summary>
    /// <param name="service">The service's registered name: <c>smtp</c>.</param>
    /// <param name="configuration">The options; <see cref="SaslConfiguration.Empty"/> leaves each at its default.</param>
    /// <returns>The server and all that the factories made for it; disposing it disposes that.</returns>
    /// <exception cref="SaslConfigurationException">The configuration cannot work; the message names file and line and what would be accepted.
    /// What the factories had made is disposed.</exception>
    public SaslServerSetup Build(string service, SaslConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return new ServerAssembly(this, service, configuration, search: null).Build();
    }

    /// <summary>Explains what <see cref="Build(string, string)"/> would build, as far as it gets; a broken configuration becomes <see cref="SaslExplanation.Error"/>.</summary>
    /// <remarks>Nothing is written to <see cref="Log"/>. What the application's factories return is not disposed, because it may serve a server
    /// already; a server that runs has its own explanation (<see cref="SaslServerSetup.Explanation"/>).</remarks>
    /// <param name="service">The service's registered name: <c>smtp</c>.</param>
    /// <param name="application">The application's name: <c>smtpd</c>.</param>
    public SaslExplanation Explain(string service, string application)
    {
        SaslConfigurationSearch search = FinderOfKnownKeys.Look(application);
        return search.Error is null
            ? new ServerAssembly(this, service, search.Configuration, search).Explain()
            : new SaslExplanation(service, SaslConfiguration.Empty)
            {
                Search = search,
                ServerName = ServerName.ToLowerInvariant(),
                Realm = Realm,
                Warnings = search.Warnings,
                Error = search.Error,
            };
    }

    internal bool HasOwnMechanisms { get; private set; }

    private SaslConfigurationFinder FinderOfKnownKeys => Finder with { KnownKeys = [.. KnownKeys] };
}
