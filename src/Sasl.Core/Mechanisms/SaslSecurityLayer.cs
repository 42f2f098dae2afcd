using System.Buffers;

namespace Sasl;

/// <summary>What protects the connection after an exchange that negotiated protection (RFC 4422 section 3.7).</summary>
/// <remarks>One direction each way, stateful, not thread-safe; wrap and unwrap may run at the same time.</remarks>
public abstract class SaslSecurityLayer : IDisposable
{
    /// <summary>The strength, in bits; 1 for integrity alone.</summary>
    public abstract int Ssf { get; }

    /// <summary>The most plaintext one sealed buffer may carry so that the peer accepts it, in octets (Cyrus: SASL_MAXOUTBUF).</summary>
    public abstract int MaxPlaintext { get; }

    /// <summary>The largest sealed buffer this side has announced that it accepts, in octets, without the length that precedes it.</summary>
    public abstract int MaxSealed { get; }

    /// <summary>Seals one piece.</summary>
    /// <param name="plaintext">At most <see cref="MaxPlaintext"/> octets.</param>
    /// <param name="output">Receives the sealed buffer, without the length that precedes it.</param>
    public abstract void Wrap(ReadOnlySpan<byte> plaintext, IBufferWriter<byte> output);

    /// <summary>Opens one sealed buffer.</summary>
    /// <param name="sealedBuffer">At most <see cref="MaxSealed"/> octets, without the length that precedes it.</param>
    /// <param name="output">Receives the plaintext.</param>
    /// <returns>False when it is forged, damaged, replayed or out of order: the connection must be closed.</returns>
    public abstract bool TryUnwrap(ReadOnlySpan<byte> sealedBuffer, IBufferWriter<byte> output);

    /// <summary>Erases the keys.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Erases the keys.</summary>
    /// <param name="disposing">True when called from <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}
