using System.Text;
using Sasl.Testing;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>Conversations of OTP, played on both sides, damaged, and watched for what they should not show.</summary>
public sealed class OtpTranscriptTests
{
    public static TheoryData<string> ServerSide => Files("server");

    public static TheoryData<string> Friendly =>
        [.. Transcript.Names("otp-").Where(static name => Transcript.Named(name) is var transcript && transcript.Plays("server") && transcript.Ends[0] == "Success")];

    public static TheoryData<string> ClientSide => Files("client");

    [Theory]
    [MemberData(nameof(ServerSide))]
    public Task Server_says_what_the_transcript_says(string file) =>
        new TranscriptPlayer(Transcript.Named(file), [SaslMechanisms.Otp]).PlayServerAsync();

    [Theory]
    [MemberData(nameof(ClientSide))]
    public Task Client_says_what_the_transcript_says(string file) =>
        new TranscriptPlayer(Transcript.Named(file), [SaslMechanisms.Otp]).PlayClientAsync();

    [Theory]
    [MemberData(nameof(Friendly))]
    public async Task Server_lets_nobody_in_whose_message_is_damaged(string file)
    {
        Transcript transcript = Transcript.Named(file);
        byte[][] messages = [.. transcript.Lines.Where(static line => line.FromClient).Select(static line => line.Octets)];
        for (int i = 0; i < messages.Length; i++)
        {
            foreach (byte[] damaged in ScramMutations.Of(messages[i]).Where(damaged => !MeansTheSame(damaged, messages[i])))
            {
                SaslReply reply = await SayAsync(transcript, [.. messages[..i], damaged, .. messages[(i + 1)..]]);
                Assert.True(reply.Status is SaslStatus.Failure, $"{file}: {Encoding.Latin1.GetString(damaged)}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(ServerSide))]
    public async Task Diagnostics_repeat_nothing_that_was_sent_or_stored(string file)
    {
        Transcript transcript = Transcript.Named(file);
        var observer = new Everything();
        SaslReply reply = await SayAsync(transcript, [.. transcript.Lines.Where(static line => line.FromClient).Select(static line => line.Octets)], observer);

        Assert.Equal(reply.Status is SaslStatus.Failure, observer.Seen.Length > 0);
        string seen = observer.Seen.ToString();
        IEnumerable<string> secrets = transcript.Lines.Select(static line => Encoding.Latin1.GetString(line.Octets)).Concat(transcript.All("stored"))
            .SelectMany(static text => text.Split(' ', ':', '\t', '\0')).Where(static word => word.Length >= 6 && word != "cmusaslsecretOTP");
        Assert.All(secrets, word => Assert.DoesNotContain(word, seen, StringComparison.OrdinalIgnoreCase));
    }

    private static async Task<SaslReply> SayAsync(Transcript transcript, byte[][] messages, SaslObserver? observer = null)
    {
        var player = new TranscriptPlayer(transcript, [SaslMechanisms.Otp]);    // a new one each time, with a store of its own
        using SaslServerSession session = player.NewServer(observer).CreateSession(player.Channel());
        SaslReply reply = await session.StartAsync(transcript.Mechanism, messages[0]);
        foreach (byte[] message in messages[1..])
        {
            if (!reply.NeedsMore)
                break;
            reply = await session.StepAsync(message);
        }
        return reply;
    }

    // Letters have no case and blanks no number; as whom a client wants to act is its own affair, and so is a new sequence.
    private static bool MeansTheSame(byte[] damaged, byte[] message) => message.Contains((byte)0)
        ? damaged.Count(static octet => octet == 0) == 1 && AfterNul(damaged) == AfterNul(message)
        : OldPart(damaged) == OldPart(message);

    private static string AfterNul(byte[] message) => Encoding.Latin1.GetString(message.AsSpan(message.IndexOf((byte)0)));

    private static string OldPart(byte[] message)
    {
        string[] parts = Encoding.Latin1.GetString(message).ToUpperInvariant().Split(':');
        string blank = parts[0] is not ("HEX" or "INIT-HEX") && parts[0].AsSpan().ContainsAnyInRange('G', 'Z') ? " " : "";    // words need theirs
        IEnumerable<string> old = parts[0].StartsWith("INIT-", StringComparison.Ordinal) && parts.Length == 4 ? parts.Take(2) : parts;
        return string.Join(':', old.Select(part => string.Join(blank, part.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries))));
    }

    private static TheoryData<string> Files(string side) =>
        [.. Transcript.Names("otp-").Where(name => Transcript.Named(name).Plays(side))];

    private sealed class Everything : SaslObserver
    {
        public StringBuilder Seen { get; } = new();

        public override void Failed(SaslAttempt attempt, SaslError error, string diagnostic) => Seen.AppendLine(diagnostic);

        public override void BackendThrew(SaslAttempt attempt, Exception exception) => Seen.AppendLine(exception.ToString());
    }
}
