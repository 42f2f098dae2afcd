namespace Sasl.Testing.Peers;

/// <summary>A peer did not do what the harness asked of it. The message ends with what the peer printed.</summary>
public sealed class PeerException : Exception
{
    /// <summary>Makes one from a sentence and the peer's transcript.</summary>
    public PeerException(string sentence, string transcript)
        : base($"{sentence}\n--- what the peer printed ---\n{transcript}")
    {
    }
}
