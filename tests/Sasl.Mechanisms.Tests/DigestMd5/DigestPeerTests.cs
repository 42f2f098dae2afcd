using Sasl.Testing;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>Message by message with Cyrus SASL, live and as it was once, with what each side then sealed.</summary>
public sealed class DigestPeerTests
{
    private const string ServerNonce = "Kh3vW0pq9sTzLm2cXa7u";
    private const string ClientNonce = "b8YfR1nEoJ6dVgQ5iHwC";

    // Debian's Cyrus SASL cannot do 3des, which would be 112: its OpenSSL 3 refuses keys of the wrong parity.
    public static TheoryData<int> Strengths { get; } = new(0, 1, 40, 55, 56, 128);

    public static TheoryData<string> Files { get; } = [.. Transcript.Names("digest-")];

    [PeerTheory("sasl-sample-server", "saslpasswd2")]
    [MemberData(nameof(Strengths))]
    public async Task Client_is_let_in_by_Cyrus_SASL_with_the_right_password_only(int ssf)
    {
        await using CyrusSample cyrus = await CyrusSample.StartAsync();
        foreach (string password in (string[])["secret", "wrong"])
        {
            using var parties = new LayeredParties(SaslMechanisms.DigestMd5, clientMax: ssf, clientMin: ssf, password: password, clientNonces: new FixedNonces(ClientNonce));
            await using SamplePeer peer = cyrus.StartServer(new CyrusSampleOptions { Service = "imap", Strength = $"min={ssf},max={ssf}" });
            var talk = new CyrusTalk(peer, DigestParties.Name);
            using SaslClientSession client = parties.Client.CreateSession(SaslChannel.Plaintext);
            Assert.True(await talk.AsClientAsync(client) == (password == "secret"), talk.Transcript);
            if (password == "secret")
                talk.Capture($"digest-{ssf}.cyrus-server", "plays        client", "mechanism    DIGEST-MD5", "user         alice secret", $"client-nonce {ClientNonce}", $"ssf          {ssf}");
        }
    }

    [PeerTheory("sasl-sample-client", "saslpasswd2")]
    [MemberData(nameof(Strengths))]
    public async Task Server_lets_Cyrus_SASLs_client_in_with_the_right_password_only(int ssf)
    {
        await using CyrusSample cyrus = await CyrusSample.StartAsync();
        foreach (string password in (string[])["secret", "wrong"])
        {
            using var parties = new LayeredParties(SaslMechanisms.DigestMd5, serverMax: ssf, serverMin: ssf, serverNonces: new FixedNonces(ServerNonce));
            await using SamplePeer peer = cyrus.StartClient(
                new CyrusSampleOptions { Mechanism = DigestParties.Name, Service = "imap", Strength = $"min={ssf},max={ssf}", ActAs = null, Password = password });
            var talk = new CyrusTalk(peer, DigestParties.Name);
            using SaslServerSession server = parties.Server.CreateSession(SaslChannel.Plaintext);
            Assert.True(await talk.AsServerAsync(server) == (password == "secret"), talk.Transcript);
            if (password == "secret")
                talk.Capture($"digest-{ssf}.cyrus-client", "plays        server", "mechanism    DIGEST-MD5", "user         alice secret", $"server-nonce {ServerNonce}", $"ssf          {ssf}");
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task What_was_said_is_said_and_answered_again(string file)
    {
        Transcript transcript = Transcript.Named(file);
        var player = new TranscriptPlayer(transcript, [SaslMechanisms.DigestMd5]);
        if (transcript.Plays("client"))
            await player.PlayClientAsync();
        if (transcript.Plays("server"))
            await player.PlayServerAsync();
    }
}
