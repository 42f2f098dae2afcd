using Sasl.Sasldb;

namespace Sasl;

/// <summary>What a configuration says of its sasldb: <c>sasldb_path</c>, <c>sasldb_type</c>, <c>sasldb_mapsize</c>, <c>sasldb_maxreaders</c>.</summary>
public static class SasldbConfiguration
{
    internal const string PathKey = "sasldb_path";

    private const string FormatKey = "sasldb_type";
    private const string MapSizeKey = "sasldb_mapsize";
    private const string MaxReadersKey = "sasldb_maxreaders";

    // Cyrus's manual says octets; its code multiplies by this (sasldb/db_lmdb.c), and a file has to mean the same to both.
    private const long MapSizeUnit = 1024;
    private const int DefaultMapSize = 1024;
    private const int MinMapSize = 64;
    private const int MaxMapSize = 1024 * 1024 * 1024;
    private const int DefaultMaxReaders = 126;
    private const int MaxMaxReaders = 100_000;

    /// <summary>Reads it. For programs that use another file than the configured one and want the rest as it is.</summary>
    /// <param name="context">The configuration, and for whom.</param>
    /// <returns>Options for a <see cref="SasldbStore"/>; the realm of names without one is the server's name where there is no realm.</returns>
    /// <exception cref="SaslConfigurationException">A value cannot be used; the message names file and line and what would be accepted.</exception>
    public static SasldbOptions Read(SaslBackendContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        SaslConfiguration configuration = context.Configuration;
        long mapSize = MapSizeUnit * configuration.Number(MapSizeKey, DefaultMapSize, MinMapSize, MaxMapSize);
        var options = new SasldbOptions
        {
            Path = configuration[PathKey] ?? SasldbOptions.DefaultPath,
            CreateFormat = ReadFormat(configuration),
            MapSize = mapSize,
            MaxReaders = configuration.Number(MaxReadersKey, DefaultMaxReaders, 1, MaxMaxReaders),
            DefaultRealm = context.Realm.Length > 0 ? context.Realm : context.ServerName,
            Warning = context.Warn,
        };
        return options with { MaxMapSize = Math.Max(options.MaxMapSize, mapSize) };
    }

    // The names of Cyrus SASL's --with-dblib, and what people call them.
    private static SasldbFormat ReadFormat(SaslConfiguration configuration) =>
        configuration.Choice(FormatKey, "lmdb", "lmdb", "berkeley", "gdbm", "bdb", "db") switch
        {
            "berkeley" or "bdb" or "db" => SasldbFormat.Berkeley,
            "gdbm" => SasldbFormat.Gdbm,
            _ => SasldbFormat.Lmdb,
        };
}
