using System.Buffers;
using System.Buffers.Binary;

namespace Sasl.Kerberos;

/// <summary>What is inside the last two messages of GSSAPI: layers and a size, and from the client as whom it wants to act.</summary>
/// <remarks>
/// <code>
/// offer  = layers size             ; RFC 4752 section 3.1
/// choice = layer size [ authzid ]  ; UTF-8, without a NUL
/// layers = OCTET
/// size   = 3OCTET                  ; the largest sealed buffer that the sender accepts, network order; without a layer 0, and not read
/// </code>
/// </remarks>
/// <param name="Layers">What is offered or chosen.</param>
/// <param name="MaxBuffer">The largest sealed buffer that the sender accepts, in octets.</param>
internal readonly record struct LayerMessage(LayerBits Layers, int MaxBuffer)
{
    /// <summary>Octets before the name.</summary>
    public const int Length = 4;

    /// <summary>The largest size that can be said.</summary>
    public const int MaxMaxBuffer = 0xffffff;

    private const int SizeBits = 24;

    /// <summary>Reads the first four octets.</summary>
    public static LayerMessage Parse(ReadOnlySpan<byte> message)
    {
        uint word = BinaryPrimitives.ReadUInt32BigEndian(message);
        return new LayerMessage((LayerBits)(word >> SizeBits), (int)(word & MaxMaxBuffer));
    }

    /// <summary>Writes them.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        BinaryPrimitives.WriteUInt32BigEndian(output.GetSpan(Length), ((uint)Layers << SizeBits) | (uint)MaxBuffer);
        output.Advance(Length);
    }

    /// <summary>The layers that this side's policy and the conversation allow. Cyrus SASL's rule: encryption has one strength, which must lie within the bounds.</summary>
    public static LayerBits Allowed(SaslLayerLimits limits, KerberosContext context)
    {
        const GssFlags Ordered = GssFlags.Mutual | GssFlags.Sequence | GssFlags.Integrity;
        LayerBits bits = limits.MinSsf == 0 ? LayerBits.NoLayer : LayerBits.Nothing;
        // Without sequence protection a replayed buffer would open.
        if (limits.MaxBuffer <= 0 || (context.Flags & Ordered) != Ordered)
            return bits;
        if (limits is { MinSsf: <= 1, MaxSsf: >= 1 })
            bits |= LayerBits.Integrity;
        if (context.Flags.HasFlag(GssFlags.Confidentiality) && limits.MinSsf <= context.Strength && limits.MaxSsf >= context.Strength)
            bits |= LayerBits.Confidentiality;
        return bits;
    }

    /// <summary>The size to announce.</summary>
    public static int SizeFor(LayerBits layers, SaslLayerLimits limits) =>
        (layers & ~LayerBits.NoLayer) == 0 ? 0 : Math.Min(limits.MaxBuffer, MaxMaxBuffer);
}
