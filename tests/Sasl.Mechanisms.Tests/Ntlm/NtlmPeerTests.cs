using Sasl.Testing;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>Message by message with Cyrus SASL, live and as it was once.</summary>
public sealed class NtlmPeerTests
{
    private const string Nonce = "Kh3vW0pq";

    [PeerTheory("sasl-sample-server", "sasl-sample-client", "saslpasswd2")]
    [InlineData(NtlmVersions.V1)]
    [InlineData(NtlmVersions.V2)]
    [InlineData(NtlmVersions.Lm)]
    public async Task Client_is_let_in_by_Cyrus_SASL_with_the_right_password_only(NtlmVersions version)
    {
        await using CyrusSample cyrus = await CyrusSample.StartAsync();
        foreach (string password in (string[])["secret", "wrong"])
        {
            using var parties = new NtlmParties(new NtlmOptions { Response = version }, password: password, clientNonces: new FixedNonces(Nonce));
            await using SamplePeer peer = cyrus.StartServer();
            var talk = new CyrusTalk(peer, NtlmParties.Name);
            using SaslClientSession client = parties.Client.CreateSession(SaslChannel.Plaintext);
            Assert.True(await talk.AsClientAsync(client) == (password == "secret"), talk.Transcript);
            if (password == "secret")
                talk.Capture($"ntlm-{version.ToString().ToLowerInvariant()}.cyrus-server", "plays        client", "mechanism    NTLM", "user         alice secret", $"client-nonce {Nonce}", "clock        1577836800");
        }
        InteropLog.Worked(NtlmParties.Name, InteropPeer.CyrusSample, OurSide.Client, version is NtlmVersions.Lm ? "LM" : $"NTLM{version.ToString().ToLowerInvariant()}");
    }

    // The sample client reads no configuration, so that it never does what ntlm_v2 says.
    [PeerFact("sasl-sample-server", "sasl-sample-client", "saslpasswd2")]
    public async Task Server_lets_Cyrus_SASLs_client_in_with_the_right_password_only()
    {
        await using CyrusSample cyrus = await CyrusSample.StartAsync();
        foreach (string password in (string[])["secret", "wrong"])
        {
            using var parties = new NtlmParties(serverNonces: new FixedNonces(Nonce));
            await using SamplePeer peer = cyrus.StartClient(new CyrusSampleOptions { Mechanism = NtlmParties.Name, Password = password });
            var talk = new CyrusTalk(peer, NtlmParties.Name);
            using SaslServerSession server = parties.Server.CreateSession(SaslChannel.Plaintext);
            Assert.True(await talk.AsServerAsync(server) == (password == "secret"), talk.Transcript);
            if (password == "secret")
                talk.Capture("ntlm-v1.cyrus-client", "plays        server", "mechanism    NTLM", "user         alice secret", $"server-nonce {Nonce}");
        }
        InteropLog.Worked(NtlmParties.Name, InteropPeer.CyrusSample, OurSide.Server, "NTLMv1");
    }

    [Theory]
    [InlineData("ntlm-v1.cyrus-server.txt", NtlmVersions.V1)]
    [InlineData("ntlm-v2.cyrus-server.txt", NtlmVersions.V2)]
    [InlineData("ntlm-lm.cyrus-server.txt", NtlmVersions.Lm)]
    [InlineData("ntlm-v1.cyrus-client.txt", NtlmVersions.V2)]
    public async Task What_Cyrus_SASL_said_and_accepted_is_answered_and_said(string name, NtlmVersions version)
    {
        Transcript transcript = Transcript.Named(name);
        var player = new TranscriptPlayer(transcript, [NtlmParties.With(new NtlmOptions { Response = version })]);
        if (transcript.Plays("client"))
            await player.PlayClientAsync();
        if (transcript.Plays("server"))
            await player.PlayServerAsync();
    }
}
