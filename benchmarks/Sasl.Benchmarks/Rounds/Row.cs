namespace Sasl.Benchmarks;

/// <summary>One line of the table.</summary>
/// <param name="Path">What was done.</param>
/// <param name="Against">The peer; empty for a limit of our own.</param>
/// <param name="Ours">Our figure, written out.</param>
/// <param name="Theirs">The peer's figure; empty without one.</param>
/// <param name="Target">The target in words; empty without one.</param>
/// <param name="IsMet">Null where nothing was to be met, or nothing could be measured.</param>
internal sealed record Row(string Path, string Against, string Ours, string Theirs, string Target, bool? IsMet)
{
    /// <summary>How many times as fast we are: median of the rounds, least and greatest; null without a peer.</summary>
    public (double Median, double Least, double Greatest)? Ratio { get; init; }

    /// <summary>The ratio that was to be reached; 0 without one.</summary>
    public double Factor { get; init; }

    /// <summary>What one operation allocates on the managed heap, in octets; null where it was not measured.</summary>
    public double? Allocated { get; init; }

    /// <summary>A line that says that a peer is not there.</summary>
    public static Row Missing(string path, string against, string target) => new(path, against, "", "**not installed**", target, null);
}
