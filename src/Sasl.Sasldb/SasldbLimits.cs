namespace Sasl.Sasldb;

/// <summary>The ranges of <see cref="SasldbOptions"/>.</summary>
internal static class SasldbLimits
{
    private const long SmallestMap = 64 * 1024;
    private const long LargestMap = 1L << 40;
    private const int MostReaders = 100_000;

    /// <summary>Checks each option and makes the path absolute.</summary>
    /// <exception cref="SaslConfigurationException">One is out of its range.</exception>
    public static SasldbOptions Check(SasldbOptions options)
    {
        if (string.IsNullOrEmpty(options.Path) || options.Path.Contains('\0', StringComparison.Ordinal))
            throw new SaslConfigurationException("sasldb_path is empty or contains NUL; it names a file, such as /etc/sasldb2");
        Require(options.MapSize, SmallestMap, LargestMap, "sasldb_mapsize");
        Require(options.MaxMapSize, options.MapSize, LargestMap, nameof(SasldbOptions.MaxMapSize));
        Require(options.MaxReaders, 1, MostReaders, "sasldb_maxreaders");
        Require((long)options.LockTimeout.TotalMilliseconds, 1, int.MaxValue, nameof(SasldbOptions.LockTimeout));
        return options with { Path = Path.GetFullPath(options.Path) };
    }

    private static void Require(long value, long least, long most, string option)
    {
        if (value < least || value > most)
            throw new SaslConfigurationException($"{option} is {value}; it must be between {least} and {most}");
    }
}
