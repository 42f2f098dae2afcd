using System.Text;
using Sasl.Testing;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>Conversations of OAUTHBEARER and XOAUTH2, from RFC 7628, from Google and with hostile peers, played on both sides and damaged.</summary>
public sealed class OAuthTranscriptTests
{
    public static TheoryData<string> ServerSide => Files("server");

    public static TheoryData<string> ClientSide => Files("client");

    [Theory]
    [MemberData(nameof(ServerSide))]
    public Task Server_says_what_the_transcript_says(string file) => Player(file).PlayServerAsync();

    [Theory]
    [MemberData(nameof(ClientSide))]
    public Task Client_says_what_the_transcript_says(string file) => Player(file).PlayClientAsync();

    /// <summary>Most of a message is names that decide nothing, so that damage there may let its sender in; but only with the token, and as its user.</summary>
    [Theory]
    [MemberData(nameof(ServerSide))]
    public async Task No_damage_makes_anybody_else_of_the_client(string file)
    {
        Transcript transcript = Transcript.Named(file);
        var player = new TranscriptPlayer(transcript, SaslMechanisms.Standard);
        SaslServer server = player.NewServer();
        string user = Transcript.Cut(transcript["grants"]!).After;
        byte[] token = Encoding.ASCII.GetBytes(Transcript.Cut(transcript["grants"]!).First);
        byte[][] messages = [.. transcript.Lines.Where(static line => line.FromClient).Select(static line => line.Octets)];
        for (int i = 0; i < messages.Length; i++)
        {
            foreach (byte[] damaged in ScramMutations.Of(messages[i]))
            {
                using SaslServerSession session = server.CreateSession(player.Channel());
                byte[][] said = [.. messages[..i], damaged, .. messages[(i + 1)..]];
                SaslReply reply = await session.StartAsync(transcript.Mechanism, said[0]);
                foreach (byte[] message in said[1..])
                {
                    if (reply.NeedsMore)
                        reply = await session.StepAsync(message);
                }
                Assert.True(reply.Status is SaslStatus.Failure or SaslStatus.Success || said.Length == 1);
                if (!reply.IsSuccess)
                    continue;
                Assert.Equal(user, session.Identity!.Authenticated.ToString());
                Assert.True(session.Identity.Authorized == session.Identity.Authenticated || transcript["may-act"] == "yes");
                Assert.True(said[0].AsSpan().IndexOf(token) > 0, "somebody got in without the token");
            }
        }
    }

    [Theory]
    [MemberData(nameof(ClientSide))]
    public async Task A_damaged_refusal_stays_a_refusal(string file)
    {
        Transcript transcript = Transcript.Named(file);
        if (transcript.Lines is not [_, { FromClient: false } refusal, _])
            return;
        var player = new TranscriptPlayer(transcript, SaslMechanisms.Standard);
        using SaslSecret password = player.Password();
        using SaslClient client = player.NewClient(password);
        foreach (byte[] damaged in ScramMutations.Of(refusal.Octets))
        {
            using SaslClientSession session = client.CreateSession(player.Channel());
            await session.StartAsync([transcript.Mechanism]);
            SaslReply answer = await session.StepAsync(damaged);
            Assert.Equal(transcript.Lines[2].Octets, answer.Message!.Value.ToArray());
            Assert.False((await session.CompleteAsync()).IsSuccess);
        }
    }

    [Theory]
    [MemberData(nameof(ServerSide))]
    public async Task Diagnostics_repeat_nothing_that_was_sent(string file)
    {
        Transcript transcript = Transcript.Named(file);
        var observer = new OAuthObserver();
        var player = new TranscriptPlayer(transcript, SaslMechanisms.Standard);
        using SaslServerSession session = player.NewServer(observer).CreateSession(player.Channel());
        bool first = true;
        foreach (TranscriptLine line in transcript.Lines.Where(static line => line.FromClient))
        {
            _ = first ? await session.StartAsync(transcript.Mechanism, line.Octets) : await session.StepAsync(line.Octets);
            first = false;
        }
        Assert.Equal(transcript.Ends[0] is "Failure", observer.Diagnostic is not null);
        foreach (string word in transcript.Lines.SelectMany(static line => Encoding.Latin1.GetString(line.Octets).Split(',', '=', ' ', '\x01')).Where(static word => word.Length > 6))
            Assert.DoesNotContain(word, observer.Diagnostic ?? "", StringComparison.Ordinal);
    }

    private static TranscriptPlayer Player(string file) => new(Transcript.Named(file), SaslMechanisms.Standard);

    private static TheoryData<string> Files(string side) => [.. Transcript.Names("oauth-").Where(name => Transcript.Named(name).Plays(side))];
}
