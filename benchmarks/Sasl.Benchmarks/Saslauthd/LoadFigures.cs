using System.Diagnostics;

namespace Sasl.Benchmarks;

/// <summary>What one load came to.</summary>
/// <param name="PerSecond">Logins a second.</param>
/// <param name="Median">Half of the logins took no longer, in microseconds.</param>
/// <param name="Percentile99">99 of 100 took no longer, in microseconds.</param>
/// <param name="Failures">How many were refused or broke.</param>
internal sealed record LoadFigures(double PerSecond, double Median, double Percentile99, int Failures)
{
    /// <summary>Asks from several threads, each one login after the other, bounded in count and time.</summary>
    /// <param name="clients">How many threads.</param>
    /// <param name="logins">How many logins altogether.</param>
    /// <param name="most">How long at most.</param>
    /// <param name="ask">One login.</param>
    public static LoadFigures Measure(int clients, int logins, TimeSpan most, Func<bool> ask)
    {
        var took = new double[logins];
        int begun = 0, failed = 0;
        long start = Stopwatch.GetTimestamp();
        Thread[] threads = [.. Enumerable.Range(0, clients).Select(_ => new Thread(Work))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        double[] sorted = [.. took.Where(static one => one > 0).Order()];
        return new LoadFigures(
            sorted.Length / elapsed.TotalSeconds, sorted[sorted.Length / 2], sorted[(int)(sorted.Length * 0.99)], failed);

        void Work()
        {
            for (int mine; (mine = Interlocked.Increment(ref begun) - 1) < logins && Stopwatch.GetElapsedTime(start) < most;)
            {
                long before = Stopwatch.GetTimestamp();
                if (!Try(ask))
                    Interlocked.Increment(ref failed);
                took[mine] = Stopwatch.GetElapsedTime(before).TotalMicroseconds;
            }
        }
    }

    private static bool Try(Func<bool> ask)
    {
        try
        {
            return ask();
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }
}
