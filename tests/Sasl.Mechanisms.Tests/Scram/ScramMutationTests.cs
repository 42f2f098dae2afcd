using Sasl.Testing;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>Every message of every conversation, damaged in every place: nobody gets in, nothing throws, and the next attempt works.</summary>
public sealed class ScramMutationTests
{
    public static TheoryData<string> ServerSide => Files("server");

    public static TheoryData<string> ClientSide => Files("client");

    [Theory]
    [MemberData(nameof(ServerSide))]
    public async Task Server_refuses_every_damaged_message(string file)
    {
        Transcript transcript = Transcript.Named(file);
        byte[][] messages = [.. transcript.Lines.Where(static line => line.FromClient).Select(static line => line.Octets)];
        var player = new TranscriptPlayer(transcript, ScramMechanisms.Default);
        SaslServer server = player.NewServer();
        SaslServerSession session = NewSession();
        for (int i = 0; i < messages.Length; i++)
        {
            foreach (byte[] damaged in ScramMutations.Of(messages[i]))
            {
                SaslStatus status = await SayAsync(session, transcript.Mechanism, [.. messages[..i], damaged, .. messages[(i + 1)..]]);
                if (status is SaslStatus.Success && IsHostile(transcript))
                    session = NewSession();    // the damage has healed a message that was wrong before
                else
                    Assert.NotEqual(SaslStatus.Success, status);
            }
        }
        SaslStatus undamaged = await SayAsync(session, transcript.Mechanism, messages);
        Assert.Equal(transcript.Ends[0], undamaged.ToString());

        SaslServerSession NewSession() => server.CreateSession(player.Channel());
    }

    [Theory]
    [MemberData(nameof(ClientSide))]
    public async Task Client_refuses_every_damaged_message(string file)
    {
        Transcript transcript = Transcript.Named(file);
        byte[][] messages = [.. transcript.Lines.Where(static line => !line.FromClient && line.Octets.Length > 0).Select(static line => line.Octets)];
        // A damaged iteration count may be a large one, which costs time and shows nothing.
        var player = new TranscriptPlayer(transcript, ScramMechanisms.Create(new ScramOptions { MaxIterations = 9999 }));
        using SaslSecret password = player.Password();
        using SaslClient client = player.NewClient(password);
        string[] offered = transcript["offered"]?.Split(' ') ?? [transcript.Mechanism];
        Assert.Equal(SaslStatus.Success, await HearAsync(client, player.Channel(), offered, messages));    // and the keys are known
        for (int i = 0; i < messages.Length; i++)
        {
            foreach (byte[] damaged in ScramMutations.Of(messages[i]))
            {
                Assert.NotEqual(
                    SaslStatus.Success, await HearAsync(client, player.Channel(), offered, [.. messages[..i], damaged, .. messages[(i + 1)..]], messages));
            }
        }
    }

    private static async Task<SaslStatus> SayAsync(SaslServerSession session, string mechanism, byte[][] messages)
    {
        SaslReply reply = await session.StartAsync(mechanism, messages[0]);
        foreach (byte[] message in messages[1..])
        {
            if (!reply.NeedsMore)
                break;
            reply = await session.StepAsync(message);
        }
        return reply.Status;
    }

    // A session that was refused goes on with another attempt, which must succeed.
    private static async Task<SaslStatus> HearAsync(
        SaslClient client, SaslChannel channel, string[] offered, byte[][] messages, byte[][]? next = null)
    {
        using SaslClientSession session = client.CreateSession(channel);
        SaslReply reply = await session.StartAsync(offered);
        foreach (byte[] message in messages)
        {
            if (!reply.NeedsMore)
                break;
            reply = await session.StepAsync(message);
        }
        if (reply.NeedsMore)
            reply = await session.CompleteAsync();
        Assert.Equal(reply.IsSuccess, session.IsAuthenticated);
        if (next is null || reply.IsSuccess)
            return reply.Status;

        reply = await session.StartAsync(offered);
        foreach (byte[] message in next)
            reply = await session.StepAsync(message);
        Assert.Equal(SaslStatus.Success, (await session.CompleteAsync()).Status);
        return SaslStatus.Failure;
    }

    private static TheoryData<string> Files(string side) =>
        [.. Transcript.Names("scram-").Where(name => Transcript.Named(name) is var transcript && transcript.Plays(side) && IsWorthIt(transcript, side))];

    // A client derives keys for each salt it is told, so that it hears the friendly conversations only; of these it may rightly accept one
    // whose ending, an extension nobody signs, was damaged.
    private static bool IsWorthIt(Transcript transcript, string side) =>
        side == "server" || !(IsHostile(transcript) || transcript.Name.Contains("signature-with-extension", StringComparison.Ordinal));

    private static bool IsHostile(Transcript transcript) => transcript.Ends[0] is "Failure";
}
