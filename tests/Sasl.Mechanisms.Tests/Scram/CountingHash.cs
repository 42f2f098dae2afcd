namespace Sasl.Mechanisms.Tests;

/// <summary>SHA-256 that counts what is asked of it.</summary>
internal sealed class CountingHash() : ScramHash(Sha256.Name, Sha256.Size, Sha256.DefaultIterations)
{
    /// <summary>How often each function ran, and how many iterations Hi made altogether.</summary>
    public (int Hash, int Hmac, int Hi, int Iterations) Work { get; private set; }

    public (int Hash, int Hmac, int Hi, int Iterations) TakeWork()
    {
        (int, int, int, int) work = Work;
        Work = default;
        return work;
    }

    internal override void Hash(ReadOnlySpan<byte> input, Span<byte> destination)
    {
        Work = Work with { Hash = Work.Hash + 1 };
        Sha256.Hash(input, destination);
    }

    internal override void Hmac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> input, Span<byte> destination)
    {
        Work = Work with { Hmac = Work.Hmac + 1 };
        Sha256.Hmac(key, input, destination);
    }

    internal override void Hi(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations, Span<byte> destination)
    {
        Work = Work with { Hi = Work.Hi + 1, Iterations = Work.Iterations + iterations };
        Sha256.Hi(password, salt, iterations, destination);
    }
}
