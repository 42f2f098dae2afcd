using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Interop.Tests.Peers;

public sealed class GsaslPeerTests
{
    public static TheoryData<string> Mechanisms { get; } = [.. GsaslPeer.ServerMechanisms];

    [PeerTheory("gsasl")]
    [MemberData(nameof(Mechanisms))]
    public async Task Client_and_server_agree_on_the_right_password(string mechanism)
    {
        GsaslOptions options = new(mechanism);
        await using GsaslPeer server = await GsaslPeer.StartServerAsync(options);
        await using GsaslPeer client = await GsaslPeer.StartClientAsync(options);

        await CoupleAsync(server, client);
        (bool clientTrusted, PeerResult serverResult) = await server.FinishAsync();
        (bool serverTrusted, PeerResult clientResult) = await client.FinishAsync();

        Assert.True(clientTrusted, serverResult.Transcript);
        Assert.True(serverTrusted, clientResult.Transcript);
    }

    [PeerTheory("gsasl")]
    [MemberData(nameof(Mechanisms))]
    public async Task The_server_does_not_trust_a_client_with_a_wrong_password(string mechanism)
    {
        await using GsaslPeer server = await GsaslPeer.StartServerAsync(new GsaslOptions(mechanism));
        await using GsaslPeer client = await GsaslPeer.StartClientAsync(new GsaslOptions(mechanism) { Password = "wrong" });

        await CoupleAsync(server, client);
        (bool clientTrusted, PeerResult serverResult) = await server.FinishAsync();

        Assert.False(clientTrusted, serverResult.Transcript);
    }

    // Both programs print first; the one whose first message is not empty begins.
    private static async Task CoupleAsync(GsaslPeer server, GsaslPeer client)
    {
        byte[]? fromServer = await server.ReceiveAsync();
        byte[]? fromClient = await client.ReceiveAsync();
        if (fromClient is { Length: 0 })
        {
            await client.SendAsync(fromServer);
            fromClient = await client.ReceiveAsync();
        }

        while (fromClient is not null)
        {
            await server.SendAsync(fromClient);
            fromServer = await server.ReceiveAsync();
            if (fromServer is null)
            {
                return;
            }

            await client.SendAsync(fromServer);
            fromClient = await client.ReceiveAsync();
        }
    }
}
