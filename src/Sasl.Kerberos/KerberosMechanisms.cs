using System.Collections.Immutable;

namespace Sasl.Kerberos;

/// <summary>The Kerberos mechanisms. They need no password and no store: a client has a ticket, a server a keytab.</summary>
/// <remarks>Add them to the list of a server or client where Kerberos is used. <see cref="ForServer"/> and <see cref="ForClient"/> look first
/// whether it can be, so that nothing is offered or chosen that must fail; the reason stands in the selection report.</remarks>
public static class KerberosMechanisms
{
    /// <summary>GSS-SPNEGO's name.</summary>
    public const string SpnegoName = "GSS-SPNEGO";

    /// <summary>GSSAPI's name.</summary>
    public const string GssapiName = "GSSAPI";

    /// <summary>GS2-KRB5-PLUS's name.</summary>
    public const string Gs2PlusName = "GS2-KRB5-PLUS";

    /// <summary>GS2-KRB5's name.</summary>
    public const string Gs2Name = "GS2-KRB5";

    // What Cyrus SASL promises: AES-256.
    private const int BestStrength = 256;

    private const SaslSecurityFlags Promises = SaslSecurityFlags.NoPlaintext | SaslSecurityFlags.NoActive | SaslSecurityFlags.NoAnonymous
        | SaslSecurityFlags.MutualAuth | SaslSecurityFlags.PassCredentials;

    /// <summary>The names of all four, in the order of <see cref="Create(KerberosOptions?)"/>.</summary>
    public static ImmutableArray<string> Names { get; } = [SpnegoName, GssapiName, Gs2PlusName, Gs2Name];

    /// <summary>All four with the default options. The first use of it loads the GSS library.</summary>
    public static ImmutableArray<SaslMechanism> Standard => Defaults.All;

    /// <summary>GSS-SPNEGO, GSSAPI (RFC 4752), GS2-KRB5-PLUS and GS2-KRB5 (RFC 5801), in this order. Each is missing on a platform without a library for it.</summary>
    /// <param name="options">Where keys and tickets are; null for the defaults.</param>
    public static ImmutableArray<SaslMechanism> Create(KerberosOptions? options = null) =>
        Create(options ?? KerberosOptions.Default, KerberosBackend.Current, whyMissing: null);

    /// <summary>The same for a server, and missing with a reason where its keytab has no key for the service.</summary>
    /// <param name="service">The service's registered name: <c>imap</c>.</param>
    /// <param name="serverName">The server's host name, as clients dial it.</param>
    /// <param name="options">Where the keys are; null for the defaults.</param>
    public static ImmutableArray<SaslMechanism> ForServer(string service, string serverName, KerberosOptions? options = null)
    {
        KerberosSupport support = KerberosSupport.OfServer(service, serverName, options);
        return Create(options ?? KerberosOptions.Default, KerberosBackend.Current, support.IsAvailable ? null : support.Explanation);
    }

    /// <summary>The same for a client, and missing with a reason where it has no ticket.</summary>
    /// <param name="options">Where the tickets are; null for the defaults.</param>
    public static ImmutableArray<SaslMechanism> ForClient(KerberosOptions? options = null)
    {
        KerberosSupport support = KerberosSupport.OfClient(options);
        return Create(options ?? KerberosOptions.Default, KerberosBackend.Current, support.IsAvailable ? null : support.Explanation);
    }

    internal static ImmutableArray<SaslMechanism> Create(KerberosOptions options, KerberosBackend backend, string? whyMissing)
    {
        var warnings = new WarnOnce(options.Warn);
        whyMissing ??= backend.WhyMissing;
        return
        [
            Named(SpnegoName, whyMissing) with
            {
                MaxSsf = BestStrength,
                Server = context => new SpnegoServer(context, options, backend, warnings),
                Client = context => new SpnegoClient(context, options, backend, warnings),
            },
            Named(GssapiName, whyMissing) with
            {
                MaxSsf = BestStrength,
                AllowsProxy = true,
                Server = context => new GssapiServer(context, options, backend, warnings),
                Client = context => new GssapiClient(context, options, backend, warnings),
            },
            Gs2(plus: true, options, backend, warnings, whyMissing),
            Gs2(plus: false, options, backend, warnings, whyMissing),
        ];
    }

    // Apart, because naming a mechanism must not load a library.
    private static class Defaults
    {
        public static ImmutableArray<SaslMechanism> All { get; } = Create();
    }

    private static SaslMechanism Gs2(bool plus, KerberosOptions options, KerberosBackend backend, WarnOnce warnings, string? whyMissing) =>
        Named(plus ? Gs2PlusName : Gs2Name, whyMissing ?? backend.WhyNoGs2) with
        {
            AllowsProxy = true,
            RequiresChannelBinding = plus,
            Server = context => new Gs2Server(context, options, backend, warnings, plus),
            Client = context => new Gs2Client(context, options, backend, warnings, plus),
        };

    private static SaslMechanism Named(string name, string? whyMissing) =>
        new(name) { Security = Promises, ClientNeeds = SaslClientNeeds.ServerName, MissingOnPlatform = whyMissing };
}
