namespace Sasl.Testing.Peers;

/// <summary>Which of a peer's streams a line came from.</summary>
public enum PeerStream
{
    /// <summary>Standard output.</summary>
    Output,

    /// <summary>Standard error.</summary>
    Error,
}
