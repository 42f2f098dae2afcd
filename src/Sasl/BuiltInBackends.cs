using Sasl.Sasldb;

namespace Sasl;

/// <summary>The back ends that every builder knows, by Cyrus SASL's names for them.</summary>
internal static class BuiltInBackends
{
    private const string SasldbName = "sasldb";
    private const string PathKey = "sasldb_path";
    private const string MapSizeKey = "sasldb_mapsize";
    private const string MaxReadersKey = "sasldb_maxreaders";

    // Cyrus's manual says octets; its code multiplies by this (sasldb/db_lmdb.c), and a file has to mean the same to both.
    private const long MapSizeUnit = 1024;
    private const int DefaultMapSize = 1024;
    private const int MinMapSize = 64;
    private const int MaxMapSize = 1024 * 1024 * 1024;
    private const int DefaultMaxReaders = 126;
    private const int MaxMaxReaders = 100_000;

    public static void Register(SaslServerBuilder builder)
    {
        builder.Canonicalizers[SaslServerBuilder.InternalCanonicalizer] = static _ => DefaultCanonicalizer.Instance;
        builder.Stores[SasldbName] = OpenSasldb;
    }

    /// <summary>Whether a store is this library's own and nobody has asked for it: the application's stores would wait for a file that nobody made.</summary>
    public static bool IsUnasked(Func<SaslBackendContext, ICredentialStore?> make, SaslConfiguration configuration) =>
        IsOurs(make) && configuration[PathKey] is null;

    /// <summary>Whether what a factory makes is ours alone, and no object of the application's.</summary>
    public static bool IsOurs(Func<SaslBackendContext, ICredentialStore?> make) => make == OpenSasldb;

    private static SasldbStore OpenSasldb(SaslBackendContext context)
    {
        SaslConfiguration configuration = context.Configuration;
        long mapSize = MapSizeUnit * configuration.Number(MapSizeKey, DefaultMapSize, MinMapSize, MaxMapSize);
        var options = new SasldbOptions
        {
            Path = configuration[PathKey] ?? SasldbOptions.DefaultPath,
            MapSize = mapSize,
            MaxReaders = configuration.Number(MaxReadersKey, DefaultMaxReaders, 1, MaxMaxReaders),
            DefaultRealm = context.Realm.Length > 0 ? context.Realm : context.ServerName,
            Warning = context.Warn,
        };
        var store = new SasldbStore(options with { MaxMapSize = Math.Max(options.MaxMapSize, mapSize) });
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
