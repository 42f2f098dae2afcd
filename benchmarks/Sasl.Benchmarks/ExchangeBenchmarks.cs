using BenchmarkDotNet.Attributes;

namespace Sasl.Benchmarks;

/// <summary>Whole exchanges in memory, both halves, each library by itself: sessions created, authenticated and disposed.</summary>
[MemoryDiagnoser]
[ShortRunJob]
public class ExchangeBenchmarks
{
    private Contestant _contestant = null!;

    /// <summary>The mechanism; SCRAM with stored keys and, on our side, the client's keys cached.</summary>
    [Params("PLAIN", "LOGIN", "ANONYMOUS", "EXTERNAL", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256")]
    public string Mechanism { get; set; } = "";

    private Party.Kept Kept => Mechanism.StartsWith("SCRAM", StringComparison.Ordinal) ? Party.Kept.KeysAndCache : Party.Kept.PlainText;

    /// <summary>Prepares.</summary>
    [GlobalSetup(Target = nameof(ThisLibrary))]
    public void SetUpOurs() => Set(Party.Ours(Mechanism, Kept, static duel => duel.Whole));

    /// <summary>Prepares.</summary>
    [GlobalSetup(Target = nameof(CyrusSasl))]
    public void SetUpCyrus() => Set(Party.Cyrus(Mechanism, Kept, static duel => duel.Whole));

    /// <summary>Prepares.</summary>
    [GlobalSetup(Target = nameof(GnuSasl))]
    public void SetUpGnu() => Set(Party.Gnu(Mechanism, Kept, static duel => duel.Whole));

    /// <summary>libsasl2.</summary>
    [Benchmark(Baseline = true)]
    public double CyrusSasl() => _contestant.Run(1);

    /// <summary>libgsasl.</summary>
    [Benchmark]
    public double GnuSasl() => _contestant.Run(1);

    /// <summary>This library.</summary>
    [Benchmark]
    public double ThisLibrary() => _contestant.Run(1);

    /// <summary>Disposes.</summary>
    [GlobalCleanup]
    public void CleanUp() => _contestant.Dispose();

    private void Set(Contestant contestant)
    {
        _contestant = contestant;
        contestant.Prepare?.Invoke();
    }
}
