namespace Sasl.Cli;

/// <summary>What the daemon was told, on the command line or in a file of defaults; null where it was told nothing.</summary>
internal sealed record DaemonFlags
{
    public string? Checker { get; init; }

    public string? Option { get; init; }

    public string? RunDirectory { get; init; }

    public int? Threads { get; init; }

    public int? CacheKilobytes { get; init; }

    public int? CacheSeconds { get; init; }

    public string? Group { get; init; }

    public string? Facility { get; init; }

    public bool Caches { get; init; }

    public bool JoinsRealm { get; init; }

    public bool Debugs { get; init; }

    public bool IsVerbose { get; init; }

    public bool IsForeground { get; init; }

    /// <summary>Flags of the original that change nothing here.</summary>
    public IReadOnlyList<string> Idle { get; init; } = [];

    /// <summary>These, and where they say nothing what the others say.</summary>
    public DaemonFlags Or(DaemonFlags others) => new()
    {
        Checker = Checker ?? others.Checker,
        Option = Option ?? others.Option,
        RunDirectory = RunDirectory ?? others.RunDirectory,
        Threads = Threads ?? others.Threads,
        CacheKilobytes = CacheKilobytes ?? others.CacheKilobytes,
        CacheSeconds = CacheSeconds ?? others.CacheSeconds,
        Group = Group ?? others.Group,
        Facility = Facility ?? others.Facility,
        Caches = Caches || others.Caches,
        JoinsRealm = JoinsRealm || others.JoinsRealm,
        Debugs = Debugs || others.Debugs,
        IsVerbose = IsVerbose || others.IsVerbose,
        IsForeground = IsForeground || others.IsForeground,
        Idle = [.. Idle.Union(others.Idle)],
    };

    /// <summary>What of it cannot be, in the original's words where it has some; null when all can.</summary>
    public string? WhyWrong() =>
        Checker is null ? $"no authentication mechanism specified; valid are: {DaemonCheckers.Names}"
        : RunDirectory is not null && !Path.IsPathRooted(RunDirectory) ? "-m requires an absolute pathname"
        : CacheKilobytes is <= 0 ? "cache size must be positive and non zero"
        : CacheKilobytes > Sasl.Saslauthd.SaslauthdCache.MaxKilobytes ? $"cache size must be at most {Sasl.Saslauthd.SaslauthdCache.MaxKilobytes} kilobytes"
        : CacheSeconds is <= 0 ? "cache timeout must be positive and non zero"
        : Threads is < 0 or > MaxThreads ? $"-n takes a number from 0 to {MaxThreads}"
        : null;

    /// <summary>The greatest number for <c>-n</c>.</summary>
    public const int MaxThreads = 1000;
}
