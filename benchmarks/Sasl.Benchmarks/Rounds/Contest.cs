namespace Sasl.Benchmarks;

/// <summary>One thing that several libraries do, timed by turns.</summary>
/// <param name="Title">What they do.</param>
/// <param name="Make">Makes the contestants; this library is the first.</param>
/// <param name="Goals">What this library wants to reach.</param>
internal sealed record Contest(string Title, Func<IEnumerable<Contestant>> Make, params Goal[] Goals)
{
    /// <summary>How many octets one operation works on, where the speed is a stream's; 0 where it is a time.</summary>
    public int Octets { get; init; }
}
