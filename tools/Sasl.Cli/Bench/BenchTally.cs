using System.Collections.Concurrent;

namespace Sasl.Cli;

/// <summary>What all connections together have seen. Thread-safe.</summary>
internal sealed class BenchTally
{
    private readonly ConcurrentDictionary<string, int> _failures = new();
    private long _logins;

    /// <summary>From AUTH to the server's verdict.</summary>
    public LatencyHistogram Auth { get; } = new();

    /// <summary>From the beginning of the connection to the server's verdict.</summary>
    public LatencyHistogram Whole { get; } = new();

    /// <summary>How many logins have succeeded.</summary>
    public long Logins => Interlocked.Read(ref _logins);

    /// <summary>How many have not.</summary>
    public long FailureCount => _failures.Values.Sum(static count => (long)count);

    /// <summary>Why, the most frequent first.</summary>
    public IEnumerable<(string Kind, int Count)> Failures =>
        _failures.OrderByDescending(static pair => pair.Value).ThenBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => (pair.Key, pair.Value));

    public void Succeeded(TimeSpan auth, TimeSpan whole)
    {
        Auth.Add(auth);
        Whole.Add(whole);
        Interlocked.Increment(ref _logins);
    }

    /// <param name="kind">Of a small set: an error's name, and never what a server said.</param>
    public void Failed(string kind) => _failures.AddOrUpdate(kind, 1, static (_, count) => count + 1);
}
