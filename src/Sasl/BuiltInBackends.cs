using Sasl.Saslauthd;
using Sasl.Sasldb;

namespace Sasl;

/// <summary>The back ends that every builder knows, by Cyrus SASL's names for them.</summary>
internal static class BuiltInBackends
{
    private const string SasldbName = "sasldb";
    private const string SaslauthdName = "saslauthd";
    private const string PwcheckName = "pwcheck";
    private const string AuthdaemondName = "authdaemond";
    private const string PathKey = SasldbConfiguration.PathKey;

    private const string SaslauthdPathKey = "saslauthd_path";
    private const string TimeoutKey = "saslauthd_timeout";
    private const string ConnectTimeoutKey = "saslauthd_connect_timeout";
    private const string MaxConnectionsKey = "saslauthd_max_connections";
    private const string ClientAddressKey = "saslauthd_client_address";
    private const string PwcheckPathKey = "pwcheck_path";
    private const string AuthdaemondPathKey = "authdaemond_path";
    private const string MisspelledAuthdaemondPathKey = "authdaemon_path";
    private const int DefaultTimeout = 60;
    private const int DefaultConnectTimeout = 5;
    private const int MaxTimeout = 3600;
    private const int DefaultMaxConnections = 32;
    private const int MaxMaxConnections = 10_000;

    public static void Register(SaslServerBuilder builder)
    {
        builder.Canonicalizers[SaslServerBuilder.InternalCanonicalizer] = static _ => DefaultCanonicalizer.Instance;
        builder.Stores[SasldbName] = OpenSasldb;
        builder.Verifiers[SaslauthdName] = AskSaslauthd;
        builder.Verifiers[PwcheckName] = AskPwcheck;
        builder.Verifiers[AuthdaemondName] = AskAuthdaemond;
    }

    /// <summary>Whether a store is this library's own and nobody has asked for it: the application's stores would wait for a file that nobody made.</summary>
    public static bool IsUnasked(Func<SaslBackendContext, ICredentialStore?> make, SaslConfiguration configuration) =>
        IsOurs(make) && configuration[PathKey] is null;

    /// <summary>Whether what a factory makes is ours alone, and no object of the application's.</summary>
    public static bool IsOurs(Func<SaslBackendContext, ICredentialStore?> make) => make == OpenSasldb;

    /// <summary>Whether what a factory makes is ours alone, and no object of the application's.</summary>
    public static bool IsOurs(Func<SaslBackendContext, IPasswordVerifier> make) => make == AskSaslauthd || make == AskPwcheck || make == AskAuthdaemond;

    private static SaslauthdVerifier AskSaslauthd(SaslBackendContext context)
    {
        SaslConfiguration configuration = context.Configuration;
        var options = new SaslauthdVerifierOptions
        {
            Path = configuration[SaslauthdPathKey],
            SendClientAddress = configuration.Flag(ClientAddressKey),
            Limits = new PasswordDaemonLimits
            {
                Timeout = TimeSpan.FromSeconds(configuration.Number(TimeoutKey, DefaultTimeout, 1, MaxTimeout)),
                ConnectTimeout = TimeSpan.FromSeconds(configuration.Number(ConnectTimeoutKey, DefaultConnectTimeout, 0, MaxTimeout)),
                MaxConnections = configuration.Number(MaxConnectionsKey, DefaultMaxConnections, 1, MaxMaxConnections),
            },
        };
        SaslauthdVerifier verifier = Made(SaslauthdPathKey, () => new SaslauthdVerifier(options), context);
        if (Directory.Exists(options.Path))
            context.Remark(SaslauthdPathKey, $"is a folder; {verifier.Paths[0]} is asked. Cyrus SASL takes only the socket itself");
        return verifier;
    }

    private static PwcheckVerifier AskPwcheck(SaslBackendContext context) =>
        Made(PwcheckPathKey, () => new PwcheckVerifier(context.Configuration[PwcheckPathKey] ?? PwcheckVerifier.DefaultPath), context);

    private static AuthdaemondVerifier AskAuthdaemond(SaslBackendContext context)
    {
        string key = context.Configuration[AuthdaemondPathKey] is null ? MisspelledAuthdaemondPathKey : AuthdaemondPathKey;
        return Made(key, () => new AuthdaemondVerifier(context.Configuration[key]), context);
    }

    // Logins are temporary failures until the daemon can be asked; nobody has to wait for the first one to learn it. A look does not wait.
    private static T Made<T>(string key, Func<T> make, SaslBackendContext context) where T : PasswordDaemonVerifier
    {
        T made;
        try
        {
            made = make();
        }
        catch (ArgumentException exception)
        {
            throw context.Configuration.Error(key, "no socket can have that path: it is too long", exception);
        }
        ValueTask<PasswordDaemonState> look = made.LookAsync(CancellationToken.None);
        if (look.IsCompletedSuccessfully && look.Result is { IsReady: false, Text: var text })
            context.Remark(key, text);
        return made;
    }

    private static SasldbStore OpenSasldb(SaslBackendContext context)
    {
        var store = new SasldbStore(SasldbConfiguration.Read(context));
        RemarkIfUnusable(store, context);
        return store;
    }

    // Logins are temporary failures until the file can be used; nobody has to wait for the first one to learn it. A lookup does not wait.
    private static void RemarkIfUnusable(SasldbStore store, SaslBackendContext context)
    {
        using var nothing = new PropertySet(SaslProperty.UserPassword);
        Task<bool> lookup = store.LookupAsync(new SaslUser("nobody", context.ServerName), nothing, CancellationToken.None).AsTask();
        if (lookup.Exception?.InnerException is { } unusable)
            context.Remark(PathKey, unusable.Message);
    }
}
