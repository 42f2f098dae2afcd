namespace Sasl.Benchmarks;

/// <summary>Somebody who does the same as the others of a contest.</summary>
/// <param name="Who">Whose library.</param>
/// <param name="Run">Does it so many times and returns how many nanoseconds that took.</param>
internal sealed record Contestant(string Who, Func<int, double> Run) : IDisposable
{
    /// <summary>Turns what the process has only once, such as libsasl2's options, to this contest; called before each sample.</summary>
    public Action? Prepare { get; init; }

    /// <summary>Frees what it holds.</summary>
    public Action? Retire { get; init; }

    /// <summary>Times an action.</summary>
    public static Contestant Of(string who, Action act) => new(who, count =>
    {
        long begun = System.Diagnostics.Stopwatch.GetTimestamp();
        for (int i = 0; i < count; i++)
            act();
        return System.Diagnostics.Stopwatch.GetElapsedTime(begun).TotalNanoseconds;
    });

    public void Dispose() => Retire?.Invoke();
}
