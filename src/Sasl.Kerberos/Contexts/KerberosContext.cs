using System.Buffers;

namespace Sasl.Kerberos;

/// <summary>One side of one Kerberos conversation, by whichever library.</summary>
internal abstract class KerberosContext : IDisposable
{
    /// <summary>What the context has, once complete.</summary>
    public GssFlags Flags { get; protected set; }

    /// <summary>The strength of its confidentiality in bits, once complete.</summary>
    public int Strength { get; protected set; }

    /// <summary>Who the client is, on a server's side once complete: the principal, without its realm where that is this machine's own.</summary>
    public string Peer { get; protected set; } = "";

    /// <summary>The tickets that the client has passed on; null when it has not.</summary>
    public KerberosDelegatedCredential? Delegated { get; protected set; }

    /// <summary>Takes the peer's token and gives the next one. May wait for files and the network.</summary>
    /// <param name="input">The token; empty where a client begins.</param>
    public abstract KerberosStep Advance(ReadOnlySpan<byte> input);

    /// <summary>How much plaintext a sealed buffer carries; 0 when none fits.</summary>
    public abstract int FindRoom(int sealedSize, bool conceal);

    /// <summary>Seals.</summary>
    /// <exception cref="IOException">The context is at its end.</exception>
    public abstract void Wrap(ReadOnlySpan<byte> plain, bool conceal, IBufferWriter<byte> output);

    /// <summary>Opens.</summary>
    /// <returns>False when it is forged, damaged, replayed or out of order.</returns>
    public abstract bool TryUnwrap(ReadOnlySpan<byte> wrapped, IBufferWriter<byte> output, out bool concealed);

    /// <inheritdoc/>
    public abstract void Dispose();
}
