namespace Sasl.Testing.Peers;

/// <summary>Couples two sample programs, so that each gets what the other sends.</summary>
public static class SampleCoupling
{
    /// <summary>Carries messages both ways until both programs have ended; when one ends, the other's input is closed.</summary>
    public static async Task<SampleOutcome> RunAsync(SamplePeer server, SamplePeer client)
    {
        if (server.Role != SampleRole.Server || client.Role != SampleRole.Client)
        {
            throw new ArgumentException("One program must play the server and the other the client.");
        }

        Task<PeerResult> clientEnd = CarryAsync(server, client);
        Task<PeerResult> serverEnd = CarryAsync(client, server);
        return new SampleOutcome(await serverEnd, await clientEnd);
    }

    private static async Task<PeerResult> CarryAsync(SamplePeer from, SamplePeer to)
    {
        while (await from.ReceiveAsync() is byte[] message)
        {
            await to.SendAsync(message);
        }

        return await to.FinishAsync();
    }
}
