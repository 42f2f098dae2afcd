using Sasl.Testing;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>With Cyrus SASL's plug-in, live where it has been built, and as it was once elsewhere; three messages each way.</summary>
public sealed class PassdssPeerTests
{
    private const string ServerNonce = "Kh3vW0pq9sTzLm2cXa7u";
    private const string ClientNonce = "b8YfR1nEoJ6dVgQ5iHwC";

    public static TheoryData<int> Strengths { get; } = new(0, 1, 112);

    [Theory]
    [MemberData(nameof(Strengths))]
    public async Task Client_is_let_in_by_Cyrus_SASL_with_the_right_password_only(int ssf)
    {
        string name = $"passdss-{ssf}.cyrus-server";
        if (CyrusPlugins.Folder is null)
        {
            await new TranscriptPlayer(Transcript.Named(name + ".txt"), [SaslMechanisms.Passdss]).PlayClientAsync();
            return;
        }
        await using CyrusSample cyrus = await CyrusSample.StartAsync("PASSDSS-3DES-1");
        foreach (string password in (string[])["secret", "wrong"])
        {
            using var parties = new LayeredParties(SaslMechanisms.Passdss, clientMax: ssf, clientMin: ssf, password: password, clientNonces: new FixedNonces(ClientNonce));
            await using SamplePeer peer = CyrusPlugins.Start(SampleRole.Server, "PASSDSS-3DES-1", ssf, Path.GetDirectoryName(cyrus.Database)!);
            var talk = new CyrusTalk(peer, "PASSDSS-3DES-1", CyrusPlugins.Messages);
            using SaslClientSession client = parties.Client.CreateSession(SaslChannel.Plaintext);
            Assert.True(await talk.AsClientAsync(client) == (password == "secret"), talk.Transcript);
            if (password == "secret")
                talk.Capture(name, "plays        client", "mechanism    PASSDSS-3DES-1", "user         alice secret", $"client-nonce {ClientNonce}", $"ssf          {ssf}");
        }
    }

    [Theory]
    [MemberData(nameof(Strengths))]
    public async Task Server_lets_Cyrus_SASLs_client_in_with_the_right_password_only(int ssf)
    {
        string name = $"passdss-{ssf}.cyrus-client";
        if (CyrusPlugins.Folder is null)
        {
            await new TranscriptPlayer(Transcript.Named(name + ".txt"), [SaslMechanisms.Passdss]).PlayServerAsync();
            return;
        }
        await using CyrusSample cyrus = await CyrusSample.StartAsync("PASSDSS-3DES-1");
        foreach (string password in (string[])["secret", "wrong"])
        {
            using var parties = new LayeredParties(SaslMechanisms.Passdss, serverMax: ssf, serverMin: ssf, serverNonces: new FixedNonces(ServerNonce));
            await using SamplePeer peer = CyrusPlugins.Start(SampleRole.Client, "PASSDSS-3DES-1", ssf, Path.GetDirectoryName(cyrus.Database)!, password);
            var talk = new CyrusTalk(peer, "PASSDSS-3DES-1", CyrusPlugins.Messages);
            using SaslServerSession server = parties.Server.CreateSession(SaslChannel.Plaintext);
            Assert.True(await talk.AsServerAsync(server) == (password == "secret"), talk.Transcript);
            if (password == "secret")
                talk.Capture(name, "plays        server", "mechanism    PASSDSS-3DES-1", "user         alice secret", $"server-nonce {ServerNonce}", $"ssf          {ssf}");
        }
    }
}
