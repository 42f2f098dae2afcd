namespace Sasl.Testing.Peers;

/// <summary>One line that a peer printed, without its line end.</summary>
public readonly record struct PeerLine(PeerStream Stream, string Text);
