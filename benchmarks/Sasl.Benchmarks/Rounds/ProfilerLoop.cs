using System.Diagnostics;

namespace Sasl.Benchmarks;

/// <summary>Does nothing but this library's part of one contest, for a profiler: <c>--loop "PLAIN, both"</c>.</summary>
internal static class ProfilerLoop
{
    private const int Each = 1_000;

    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(8);

    /// <summary>Runs the first contest whose title begins with the words.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(string words)
    {
        Contest? contest = ((IEnumerable<Contest>)[.. ExchangeContests.Whole, .. ExchangeContests.Server, .. ExchangeContests.Client, .. SessionContests.All, .. SasldbContests.All, .. LookupContests.All, .. LookupContests.Million, .. LayerContests.All])
            .FirstOrDefault(contest => contest.Title.StartsWith(words, StringComparison.OrdinalIgnoreCase));
        if (contest is null)
        {
            Console.Error.WriteLine($"No contest begins with \"{words}\".");
            return 64;
        }
        using Contestant ours = contest.Make().First();
        double best = double.MaxValue;
        for (long begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < s_long;)
            best = Math.Min(best, ours.Run(Each) / Each);
        Console.WriteLine($"{contest.Title}: at best {Show.Time(best)}");
        return 0;
    }
}
