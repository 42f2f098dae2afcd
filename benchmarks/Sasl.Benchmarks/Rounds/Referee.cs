namespace Sasl.Benchmarks;

/// <summary>Lets the contestants of a contest run by turns, so that whatever else the machine does falls on all of them.</summary>
/// <remarks>
/// Absolute figures move from minute to minute on a shared machine; ratios of samples taken within one round hold. The median of the rounds
/// is shown, with the least and the greatest.
/// </remarks>
internal static class Referee
{
    private const int Rounds = 61;
    private const int ForAllocation = 64;

    // Shorter than the time slice of a scheduler: most samples then are nobody else's.
    private const double SampleNanoseconds = 2e6;

    // Long enough for the compiler to have compiled what runs often a second time, on a machine whose processors others use as well.
    private const double WarmUpNanoseconds = 700e6;

    /// <summary>Runs a contest.</summary>
    /// <returns>One line for each of its goals.</returns>
    public static IEnumerable<Row> Judge(Contest contest)
    {
        Contestant[] contestants = [.. contest.Make()];
        try
        {
            int[] counts = [.. contestants.Select(WarmUp)];
            double[][] samples = [.. contestants.Select(static _ => new double[Rounds])];
            for (int round = 0; round < Rounds; round++)
            {
                for (int i = 0; i < contestants.Length; i++)
                    samples[i][round] = Sample(contestants[i], counts[i]);
            }
            double allocated = Allocated(contestants[0], Math.Min(counts[0], ForAllocation));
            return [.. contest.Goals.Select(goal => Line(contest, goal, contestants, samples, allocated))];
        }
        finally
        {
            foreach (Contestant contestant in contestants)
                contestant.Dispose();
        }
    }

    /// <summary>The middle one.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static Row Line(Contest contest, Goal goal, Contestant[] contestants, double[][] samples, double allocated)
    {
        string ours = Write(contest, Median(samples[0]));
        if (goal.Limit > 0 || goal.IsAllocation)
        {
            double figure = goal.IsAllocation ? allocated : Median(samples[0]);
            return new Row(contest.Title, "", goal.IsAllocation ? Show.Octets(allocated) : ours, "", goal.Words, figure <= goal.Limit) { Allocated = allocated };
        }
        if (goal.Recorded > 0)
            return Compare(contest, goal, ours, goal.Recorded, [.. samples[0].Select(sample => goal.Recorded / sample)], allocated);
        int peer = Array.FindIndex(contestants, one => one.Who == goal.Against);
        return peer < 0
            ? Row.Missing(contest.Title, goal.Against, goal.Words)
            : Compare(contest, goal, ours, Median(samples[peer]), [.. samples[peer].Zip(samples[0], static (theirs, our) => theirs / our)], allocated);
    }

    private static Row Compare(Contest contest, Goal goal, string ours, double theirs, double[] ratios, double allocated)
    {
        double ratio = Median(ratios);
        return new Row(contest.Title, goal.Against, ours, Write(contest, theirs), goal.Words, goal.Factor > 0 ? ratio >= goal.Factor : null)
        {
            Ratio = (ratio, ratios.Min(), ratios.Max()),
            Factor = goal.Factor,
            Allocated = allocated,
        };
    }

    private static string Write(Contest contest, double nanoseconds) =>
        contest.Octets > 0 ? Show.Speed(nanoseconds, contest.Octets) : Show.Time(nanoseconds);

    private static double Sample(Contestant contestant, int count)
    {
        contestant.Prepare?.Invoke();
        return contestant.Run(count) / count;
    }

    private static int WarmUp(Contestant contestant)
    {
        contestant.Prepare?.Invoke();
        long begun = System.Diagnostics.Stopwatch.GetTimestamp();
        int count = 1;
        double each;
        do
        {
            each = contestant.Run(count) / count;
            count = (int)Math.Clamp(SampleNanoseconds / Math.Max(each, 1), 1, 1_000_000);
        }
        while (System.Diagnostics.Stopwatch.GetElapsedTime(begun).TotalNanoseconds < WarmUpNanoseconds);
        return count;
    }

    private static double Allocated(Contestant contestant, int count)
    {
        contestant.Prepare?.Invoke();
        long before = GC.GetAllocatedBytesForCurrentThread();
        contestant.Run(count);
        return Math.Floor((GC.GetAllocatedBytesForCurrentThread() - before) / (double)count);
    }
}
