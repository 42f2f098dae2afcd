using System.Buffers.Binary;

namespace Sasl.Mechanisms;

/// <summary>What a side offers or has chosen: layers, and the largest sealed buffer it accepts; an octet and three.</summary>
internal readonly record struct PassdssProtection(PassdssLayers Layers, int Buffer)
{
    /// <summary>The length of both in messages.</summary>
    public const int Length = 4;

    /// <summary>The strength of the layer that encrypts, in bits.</summary>
    public const int PrivacySsf = 112;

    /// <summary>Below this many octets there are no layers, and what a peer says is no size: Cyrus SASL 2.1.28 sends what happens to lie in memory, and reads 0.</summary>
    public const int MinBuffer = 32;

    private const int MaxBuffer = 0xffffff;

    /// <summary>What a policy allows.</summary>
    public static PassdssProtection Of(SaslLayerLimits limits)
    {
        PassdssLayers layers = limits.MinSsf <= 0 ? PassdssLayers.NoLayer : 0;
        if (limits.MaxBuffer >= MinBuffer && limits.MinSsf <= 1 && limits.MaxSsf >= 1)
            layers |= PassdssLayers.Integrity;
        if (limits.MaxBuffer >= MinBuffer && limits.MinSsf <= PrivacySsf && limits.MaxSsf >= PrivacySsf)
            layers |= PassdssLayers.Privacy;
        return new PassdssProtection(layers, Math.Min(limits.MaxBuffer, MaxBuffer));
    }

    /// <summary>Reads four octets.</summary>
    public static PassdssProtection Read(ReadOnlySpan<byte> octets) =>
        new((PassdssLayers)octets[0], (int)(BinaryPrimitives.ReadUInt32BigEndian(octets) & MaxBuffer));

    /// <summary>The strongest layer of two offers; nothing when they share none.</summary>
    public PassdssLayers Strongest(PassdssProtection other) => (Layers & other.Layers) switch
    {
        var shared when shared.HasFlag(PassdssLayers.Privacy) => PassdssLayers.Privacy,
        var shared when shared.HasFlag(PassdssLayers.Integrity) => PassdssLayers.Integrity,
        var shared => shared & PassdssLayers.NoLayer,
    };

    /// <summary>Writes four octets.</summary>
    public byte[] Write()
    {
        byte[] octets = new byte[Length];
        BinaryPrimitives.WriteUInt32BigEndian(octets, ((uint)Layers << 24) | (uint)Buffer);
        return octets;
    }

    /// <summary>How large a buffer may be that goes to a peer: no larger than it says, nor than this side takes itself, since Cyrus SASL does not know what it says.</summary>
    public int LimitFor(PassdssProtection peer) => peer.Buffer < MinBuffer ? Buffer : Math.Min(peer.Buffer, Buffer);
}
