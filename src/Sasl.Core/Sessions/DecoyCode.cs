using System.Security.Cryptography;

namespace Sasl;

/// <summary>HMAC-SHA-512 under one key, with the key's state kept in a few contexts of the platform. Thread-safe.</summary>
/// <remarks>
/// Every login computes one, and to set a context up costs several times the hash (docs/decisions/0032). Who finds no context that is free
/// makes one; what finds no place when it is done is thrown away.
/// </remarks>
internal sealed class DecoyCode(byte[] key)
{
    private readonly IncrementalHash?[] _free = new IncrementalHash?[Environment.ProcessorCount];

    /// <summary>Computes the code.</summary>
    /// <param name="input">What to authenticate.</param>
    /// <param name="code">Receives 64 octets.</param>
    public void Compute(ReadOnlySpan<byte> input, Span<byte> code)
    {
        ref IncrementalHash? place = ref _free[Thread.GetCurrentProcessorId() % _free.Length];
        IncrementalHash context = Interlocked.Exchange(ref place, null) ?? IncrementalHash.CreateHMAC(HashAlgorithmName.SHA512, key);
        context.AppendData(input);
        context.GetHashAndReset(code);
        Interlocked.Exchange(ref place, context)?.Dispose();
    }
}
