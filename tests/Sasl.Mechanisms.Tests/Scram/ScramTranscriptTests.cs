using Sasl.Testing;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>Conversations from RFCs, from other implementations and with hostile peers, played on both sides.</summary>
public sealed class ScramTranscriptTests
{
    public static TheoryData<string> ServerSide => Files("server");

    public static TheoryData<string> ClientSide => Files("client");

    [Theory]
    [MemberData(nameof(ServerSide))]
    public Task Server_says_what_the_transcript_says(string file) =>
        new TranscriptPlayer(Transcript.Named(file), ScramMechanisms.Default).PlayServerAsync();

    [Theory]
    [MemberData(nameof(ClientSide))]
    public Task Client_says_what_the_transcript_says(string file) =>
        new TranscriptPlayer(Transcript.Named(file), ScramMechanisms.Default).PlayClientAsync();

    private static TheoryData<string> Files(string side) =>
        [.. Transcript.Names("scram-").Where(name => Transcript.Named(name).Plays(side))];
}
