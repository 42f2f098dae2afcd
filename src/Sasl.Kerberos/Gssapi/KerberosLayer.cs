using System.Buffers;

namespace Sasl.Kerberos;

/// <summary>The layer of GSSAPI and GSS-SPNEGO: every buffer is one token of the conversation (RFC 4752 section 3.3).</summary>
internal sealed class KerberosLayer : SaslSecurityLayer
{
    private readonly KerberosContext _context;
    private readonly bool _conceals;

    private KerberosLayer(KerberosContext context, bool conceals, int room, int ownBuffer)
    {
        _context = context;
        _conceals = conceals;
        MaxPlaintext = room;
        MaxSealed = ownBuffer;
    }

    /// <inheritdoc/>
    public override int Ssf => _conceals ? _context.Strength : 1;

    /// <inheritdoc/>
    public override int MaxPlaintext { get; }

    /// <inheritdoc/>
    public override int MaxSealed { get; }

    /// <summary>Makes one side's layer.</summary>
    /// <param name="context">The conversation, which the layer owns from now on.</param>
    /// <param name="conceals">Whether it encrypts.</param>
    /// <param name="peerBuffer">The largest sealed buffer the peer accepts.</param>
    /// <param name="ownBuffer">The largest sealed buffer this side accepts.</param>
    /// <returns>Null when the peer's buffer holds no plaintext at all.</returns>
    public static KerberosLayer? Make(KerberosContext context, bool conceals, int peerBuffer, int ownBuffer) =>
        context.FindRoom(peerBuffer, conceals) is > 0 and var room
            ? new KerberosLayer(context, conceals, room, Math.Min(ownBuffer, LayerMessage.MaxMaxBuffer))
            : null;

    /// <inheritdoc/>
    /// <exception cref="IOException">The conversation is at its end, as when its tickets have expired.</exception>
    public override void Wrap(ReadOnlySpan<byte> plaintext, IBufferWriter<byte> output) => _context.Wrap(plaintext, _conceals, output);

    /// <inheritdoc/>
    public override bool TryUnwrap(ReadOnlySpan<byte> sealedBuffer, IBufferWriter<byte> output)
    {
        // A buffer that is only signed has no place where encryption was agreed on.
        using var opened = new SecureBufferWriter();
        if (!_context.TryUnwrap(sealedBuffer, opened, out bool concealed) || (_conceals && !concealed))
            return false;
        output.Write(opened.WrittenSpan);
        return true;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _context.Dispose();
        base.Dispose(disposing);
    }
}
