using System.Text;
using Sasl.Testing.Layers;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Testing.Conversations;

/// <summary>One of our sessions with a <see cref="JdkPeer"/>.</summary>
public static class JdkConversation
{
    /// <summary>Our server and its client.</summary>
    /// <returns>How our side's login ended.</returns>
    public static async Task<SaslReply> ServeAsync(SaslServerSession session, string mechanism, SamplePeer client)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(mechanism);
        ArgumentNullException.ThrowIfNull(client);
        await client.SendAsync(Encoding.ASCII.GetBytes(mechanism));
        byte[] start = await client.ReceiveAsync() ?? throw Ended(client);
        Assert.StartsWith(mechanism, Encoding.ASCII.GetString(start), StringComparison.Ordinal);
        SaslReply reply = await session.StartAsync(mechanism, start.Length > mechanism.Length ? start.AsMemory(mechanism.Length + 1) : null);
        while (reply.NeedsMore)
        {
            await client.SendAsync(reply.Message!.Value.ToArray());
            reply = await client.ReceiveAsync() is { } response ? await session.StepAsync(response) : session.Abort();
        }
        return reply;
    }

    /// <summary>Our client and its server.</summary>
    /// <returns>Whether our side has logged in.</returns>
    public static async Task<bool> LogInAsync(SaslClientSession session, SamplePeer server)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(server);
        string mechanism = Encoding.ASCII.GetString(await server.ReceiveAsync() ?? throw Ended(server));
        SaslReply reply = await session.StartAsync([mechanism]);
        byte[] name = Encoding.ASCII.GetBytes(mechanism);
        await server.SendAsync(reply.Message is { } initial ? (byte[])[.. name, 0, .. initial.Span] : name);
        while (!session.IsFinished && await server.ReceiveAsync() is { } challenge)
        {
            reply = await session.StepAsync(challenge);
            if (reply.Status is SaslStatus.Failure)
                return false;
            await server.SendAsync(reply.Message!.Value.ToArray());
        }
        return session.IsFinished && (await session.CompleteAsync()).IsSuccess;
    }

    /// <summary>Several buffers each way: the program sends each back with its octets reversed. Then it has to end well.</summary>
    /// <param name="layer">Our end of the layer; null where there is none.</param>
    /// <param name="peer">The program.</param>
    public static async Task ExchangeAsync(SaslSecurityLayer? layer, SamplePeer peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        var random = new Random(6);
        foreach (int size in (int[])[1, 7, 8, 9, 16, 100, 1000, Math.Min(4000, layer?.MaxPlaintext ?? 4000)])
        {
            byte[] plain = new byte[size];
            random.NextBytes(plain);
            await peer.SendAsync(layer is null ? plain : layer.Seal(plain));
            byte[] back = await peer.ReceiveAsync() ?? throw Ended(peer);
            Assert.Equal(plain.Reverse(), layer is null ? back : layer.Open(back));
        }
        PeerResult end = await peer.FinishAsync();
        Assert.True(end.Succeeded, end.Transcript);
    }

    private static PeerException Ended(SamplePeer peer) => new("It ended too early.", peer.Transcript.ToString());
}
