namespace Sasl;

/// <summary>Which security layers may be negotiated in an exchange, after what the channel already provides is taken off.</summary>
/// <param name="MinSsf">The least strength the layer must have, in bits; 0 needs no layer.</param>
/// <param name="MaxSsf">The greatest strength the layer may have, in bits; 0 allows no layer.</param>
/// <param name="MaxBuffer">The largest sealed buffer this side accepts, in octets, to be announced to the peer.</param>
public readonly record struct SaslLayerLimits(int MinSsf, int MaxSsf, int MaxBuffer);
