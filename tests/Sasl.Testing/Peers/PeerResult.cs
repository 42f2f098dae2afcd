namespace Sasl.Testing.Peers;

/// <summary>How a peer that ran to its end came out.</summary>
/// <param name="ExitCode">Its exit code; 128 and the signal's number when a signal ended it.</param>
/// <param name="Transcript">What it printed on both streams, in the order it arrived. It may hold the test password in base64.</param>
public sealed record PeerResult(int ExitCode, string Transcript)
{
    /// <summary>The program reported success: exit code 0.</summary>
    public bool Succeeded => ExitCode == 0;
}
