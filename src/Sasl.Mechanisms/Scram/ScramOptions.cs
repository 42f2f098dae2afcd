namespace Sasl.Mechanisms;

/// <summary>How much work SCRAM asks for, and how much it accepts to be asked for.</summary>
public sealed record ScramOptions
{
    /// <summary>The defaults.</summary>
    public static ScramOptions Default { get; } = new();

    /// <summary>How many iterations new passwords, and plain-text passwords in a store, get; null takes each hash's own default:
    /// 4096, and 10,000 for SHA-512 and SHA3-512.</summary>
    public int? Iterations { get; init; }

    /// <summary>The length of new salts, in octets.</summary>
    public int SaltLength { get; init; } = 16;

    /// <summary>The smallest iteration count a client accepts from a server: less, and whoever listens can try passwords quickly
    /// (RFC 7677 section 4; Cyrus SASL has the same floor).</summary>
    public int MinIterations { get; init; } = 4096;

    /// <summary>The greatest iteration count a client accepts from a server: more, and the server keeps the client busy (RFC 5802 section 9).</summary>
    public int MaxIterations { get; init; } = 1_000_000;

    /// <summary>The greatest iteration count a server accepts from its own store; a user with more cannot log in.</summary>
    public int MaxStoredIterations { get; init; } = ScramVerifier.MaxIterations;

    internal int IterationsFor(ScramHash hash) => Iterations ?? hash.DefaultIterations;

    internal void ThrowIfInvalid()
    {
        ThrowIfNotWithin(Iterations ?? 1, ScramVerifier.MaxIterations, nameof(Iterations));
        ThrowIfNotWithin(SaltLength, ScramVerifier.MaxSaltLength, nameof(SaltLength));
        ThrowIfNotWithin(MaxStoredIterations, ScramVerifier.MaxIterations, nameof(MaxStoredIterations));
        ThrowIfNotWithin(MaxIterations, ScramVerifier.MaxIterations, nameof(MaxIterations));
        ThrowIfNotWithin(MinIterations, MaxIterations, nameof(MinIterations));
    }

    private static void ThrowIfNotWithin(int value, int max, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, max, name);
    }
}
