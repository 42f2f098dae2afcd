using System.Text;
using Sasl.Testing;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>An observer sees constants only: nothing a peer sent, nothing secret.</summary>
public sealed class ScramSilenceTests
{
    public static TheoryData<string> Files =>
        [.. Transcript.Names("scram-").Where(static name => Transcript.Named(name) is var transcript && transcript.Plays("server"))];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Diagnostics_repeat_nothing_that_was_sent(string file)
    {
        Transcript transcript = Transcript.Named(file);
        var observer = new Everything();
        var player = new TranscriptPlayer(transcript, ScramMechanisms.Default);
        using SaslServerSession session = player.NewServer(observer).CreateSession(player.Channel());
        SaslReply reply = default;
        bool first = true;
        foreach (TranscriptLine line in transcript.Lines.Where(static line => line.FromClient))
        {
            reply = first ? await session.StartAsync(transcript.Mechanism, line.Octets) : await session.StepAsync(line.Octets);
            first = false;
        }
        Assert.Equal(reply.Status is SaslStatus.Failure, observer.Seen.Length > 0);
        string seen = observer.Seen.ToString();
        Assert.DoesNotContain("pencil", seen, StringComparison.Ordinal);
        foreach (string word in transcript.Lines.SelectMany(static line => Encoding.Latin1.GetString(line.Octets).Split(',', '=')).Where(static word => word.Length > 6))
            Assert.DoesNotContain(word, seen, StringComparison.Ordinal);
    }

    private sealed class Everything : SaslObserver
    {
        public StringBuilder Seen { get; } = new();

        public override void Failed(SaslAttempt attempt, SaslError error, string diagnostic) => Seen.AppendLine(diagnostic);

        public override void BackendThrew(SaslAttempt attempt, Exception exception) => Seen.AppendLine(exception.ToString());
    }
}
