namespace Sasl.Benchmarks;

/// <summary>What is to be reached against one peer, or in itself.</summary>
/// <param name="Against">The peer; empty for a limit of our own.</param>
/// <param name="Words">The target as the issue words it.</param>
internal sealed record Goal(string Against, string Words)
{
    /// <summary>How many times as fast as the peer.</summary>
    public double Factor { get; private init; }

    /// <summary>How many nanoseconds, or octets where <see cref="IsAllocation"/>, at most.</summary>
    public double Limit { get; private init; }

    /// <summary>Whether the limit is one of memory.</summary>
    public bool IsAllocation { get; private init; }

    /// <summary>The peer's figure where it cannot run here, from ../shared/performance.md; 0 where it runs.</summary>
    public double Recorded { get; private init; }

    /// <summary>So many times as fast as a peer.</summary>
    public static Goal Times(string against, double factor) => new(against, $"≥ {Show.Number(factor)}×") { Factor = factor };

    /// <summary>As fast as a peer, which is a floor, within a share.</summary>
    public static Goal Within(string against, double percent) => new(against, $"within {percent} %") { Factor = 1 / (1 + (percent / 100)) };

    /// <summary>At most so long.</summary>
    public static Goal NoLonger(double nanoseconds) => new("", $"≤ {Show.Time(nanoseconds)}") { Limit = nanoseconds };

    /// <summary>At most so much allocated.</summary>
    public static Goal NoMore(int octets) => new("", octets == 0 ? "0 B" : $"≤ {octets:N0} B") { Limit = octets, IsAllocation = true };

    /// <summary>Faster than a figure that was recorded on a machine like this.</summary>
    public static Goal FasterThan(string against, double nanoseconds) => new(against, "faster") { Factor = 1, Recorded = nanoseconds };

    /// <summary>No target; the figure is shown.</summary>
    public static Goal Shown(string against) => new(against, "");
}
