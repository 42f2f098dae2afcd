using System.Text;
using Sasl.Testing.Layers;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Kerberos.Tests;

/// <summary>One of our sessions with a program that speaks as Cyrus SASL's samples do: the login, then one message each way inside the layer.</summary>
internal static class SampleTalk
{
    private static readonly byte[] s_fromServer = "srv message 1\0"u8.ToArray();
    private static readonly byte[] s_fromClient = "client message 1\0"u8.ToArray();

    /// <summary>Our server and their client.</summary>
    /// <returns>How our side's login ended. The program has ended, with 0 after a success.</returns>
    public static async Task<SaslReply> ServeAsync(SaslServerSession session, SamplePeer client)
    {
        await client.SendAsync(Encoding.ASCII.GetBytes(string.Join(' ', session.Mechanisms)));
        if (await client.ReceiveAsync() is not { } first)
            return default;
        int nul = Array.IndexOf(first, (byte)0);
        string mechanism = Encoding.ASCII.GetString(nul < 0 ? first : first[..nul]);
        SaslReply reply = await session.StartAsync(mechanism, nul < 0 ? null : first.AsMemory(nul + 1));
        while (reply.NeedsMore)
        {
            await client.SendAsync(reply.Message!.Value.ToArray());
            if (await client.ReceiveAsync() is not { } response)
                return session.Abort();
            reply = await session.StepAsync(response);
        }
        if (reply.IsSuccess)
        {
            await client.SendAsync(Seal(session.SecurityLayer, s_fromServer));
            Assert.Equal(s_fromClient, Open(session.SecurityLayer, await client.ReceiveAsync() ?? throw Ended(client)));
        }
        await EndAsync(client, reply.IsSuccess);
        return reply;
    }

    /// <summary>Our client and their server.</summary>
    /// <returns>How our side's login ended. The program has ended, with 0 after a success.</returns>
    public static async Task<SaslReply> LogInAsync(SaslClientSession session, SamplePeer server, string? only = null)
    {
        string offered = Encoding.ASCII.GetString(await server.ReceiveAsync() ?? throw Ended(server));
        SaslReply reply = await session.StartAsync(only is null ? offered.Split(' ', StringSplitOptions.RemoveEmptyEntries) : [only]);
        if (reply.Status is SaslStatus.Failure)
            return reply;
        byte[] first = [.. Encoding.ASCII.GetBytes(session.Mechanism!.Name), 0, .. reply.Message!.Value.Span];
        await server.SendAsync(first);
        while (!session.IsFinished)
        {
            if (await server.ReceiveAsync() is not { } challenge)
                return reply;
            reply = await session.StepAsync(challenge);
            if (reply.Status is SaslStatus.Failure)
                return reply;
            await server.SendAsync(reply.Message!.Value.ToArray());
        }
        if (await server.ReceiveAsync() is not { } message)
            return default;
        reply = await session.CompleteAsync();
        if (reply.IsSuccess)
        {
            Assert.Equal(s_fromServer, Open(session.SecurityLayer, message));
            await server.SendAsync(Seal(session.SecurityLayer, s_fromClient));
        }
        await EndAsync(server, reply.IsSuccess);
        return reply;
    }

    private static byte[] Seal(SaslSecurityLayer? layer, byte[] plain) => layer is null ? plain : SealedBuffers.Frame(layer.Seal(plain));

    private static byte[]? Open(SaslSecurityLayer? layer, byte[] message) => layer is null ? message : layer.Open(message[4..]);

    private static async Task EndAsync(SamplePeer peer, bool wellDone)
    {
        PeerResult end = await peer.FinishAsync();
        Assert.True(!wellDone || end.Succeeded, end.Transcript);
    }

    private static PeerException Ended(SamplePeer peer) => new("It ended too early.", peer.Transcript.ToString());
}
