namespace Sasl.Testing.Layers;

/// <summary>The two ends of one negotiated layer.</summary>
/// <param name="Client">The client's end.</param>
/// <param name="Server">The server's end.</param>
public sealed record LayerPair(SaslSecurityLayer Client, SaslSecurityLayer Server);
