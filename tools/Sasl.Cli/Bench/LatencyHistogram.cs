using System.Numerics;

namespace Sasl.Cli;

/// <summary>Counts how long things took, in a memory that does not grow: to within 2 %, up to an hour. Thread-safe.</summary>
internal sealed class LatencyHistogram
{
    // A power of two of microseconds is cut into so many equal parts; below the first one each microsecond has its own.
    private const int Parts = 64;
    private const int PartBits = 6;
    private const int Powers = 33;

    private readonly long[] _counts = new long[Parts * Powers];
    private long _greatest;

    /// <summary>How many were counted.</summary>
    public long Count => _counts.Sum();

    /// <summary>The longest.</summary>
    public TimeSpan Max => TimeSpan.FromMicroseconds(Interlocked.Read(ref _greatest));

    /// <summary>Counts one.</summary>
    public void Add(TimeSpan took)
    {
        long microseconds = Math.Max(0, (long)took.TotalMicroseconds);
        Interlocked.Increment(ref _counts[Math.Min(IndexOf(microseconds), _counts.Length - 1)]);
        long seen = Interlocked.Read(ref _greatest);
        while (microseconds > seen)
            seen = Interlocked.CompareExchange(ref _greatest, microseconds, seen) is var before && before == seen ? microseconds : before;
    }

    /// <summary>The time that this share of all took no longer than.</summary>
    /// <param name="share">From 0 to 1.</param>
    /// <returns>Zero when nothing was counted.</returns>
    public TimeSpan Percentile(double share)
    {
        long wanted = (long)Math.Ceiling(Count * share), passed = 0;
        for (int i = 0; i < _counts.Length && wanted > 0; i++)
        {
            passed += _counts[i];
            if (passed >= wanted)
                return TimeSpan.FromMicroseconds(Math.Min(EndOf(i), Interlocked.Read(ref _greatest)));
        }
        return TimeSpan.Zero;
    }

    private static int IndexOf(long microseconds)
    {
        if (microseconds < Parts)
            return (int)microseconds;
        int power = BitOperations.Log2((ulong)microseconds) - PartBits;
        return (Parts * (power + 1)) + (int)((microseconds >> power) - Parts);
    }

    // The greatest number of microseconds that is counted there.
    private static long EndOf(int index)
    {
        if (index < Parts)
            return index;
        int power = (index / Parts) - 1;
        return ((long)(Parts + (index % Parts) + 1) << power) - 1;
    }
}
