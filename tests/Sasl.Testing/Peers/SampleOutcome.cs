namespace Sasl.Testing.Peers;

/// <summary>How a sample server and a sample client that talked to each other came out.</summary>
public sealed record SampleOutcome(PeerResult Server, PeerResult Client)
{
    /// <summary>Both ended with exit code 0.</summary>
    public bool Succeeded => Server.Succeeded && Client.Succeeded;

    /// <summary>Both transcripts as one text, for the message of an assertion.</summary>
    public override string ToString() =>
        $"server ended with {Server.ExitCode}:\n{Server.Transcript}\n\nclient ended with {Client.ExitCode}:\n{Client.Transcript}";
}
