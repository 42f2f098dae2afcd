using System.Text;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Interop.Tests.Peers;

[Collection(PeersCollection.Name)]
public sealed class CyrusSampleTests(SharedPeers peers)
{
    [PeerTheory("sasl-sample-server", "sasl-sample-client", "saslpasswd2")]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    [InlineData("CRAM-MD5")]
    [InlineData("DIGEST-MD5")]
    [InlineData("SCRAM-SHA-1")]
    [InlineData("SCRAM-SHA-224")]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-384")]
    [InlineData("SCRAM-SHA-512")]
    public async Task Client_and_server_agree_on_the_right_password_only(string mechanism)
    {
        CyrusSample cyrus = await peers.CyrusAsync();
        CyrusSampleOptions options = new() { Mechanism = mechanism };

        SampleOutcome right = await CoupleAsync(cyrus, options);
        SampleOutcome wrong = await CoupleAsync(cyrus, options with { Password = "wrong" });

        Assert.True(right.Succeeded, right.ToString());
        Assert.Contains("Username: alice", right.Server.Transcript, StringComparison.Ordinal);
        Assert.Contains("recieved decoded message 'srv message 1'", right.Client.Transcript, StringComparison.Ordinal);
        Assert.False(wrong.Server.Succeeded, wrong.ToString());
        Assert.DoesNotContain("Username: ", wrong.Server.Transcript, StringComparison.Ordinal);
    }

    [PeerFact("sasl-sample-server", "sasl-sample-client", "saslpasswd2")]
    public async Task Anonymous_needs_no_password()
    {
        SampleOutcome outcome = await CoupleAsync(await peers.CyrusAsync(), new CyrusSampleOptions { Mechanism = "ANONYMOUS" });

        Assert.True(outcome.Succeeded, outcome.ToString());
    }

    [PeerFact("sasl-sample-server", "sasl-sample-client", "saslpasswd2")]
    public async Task A_security_layer_carries_the_messages()
    {
        SampleOutcome outcome = await CoupleAsync(await peers.CyrusAsync(), new CyrusSampleOptions { Mechanism = "DIGEST-MD5", Strength = "max=1" });

        Assert.True(outcome.Succeeded, outcome.ToString());
        Assert.Contains("SSF: 1", outcome.Client.Transcript, StringComparison.Ordinal);
    }

    [PeerFact("sasl-sample-server", "saslpasswd2")]
    public async Task The_server_can_be_driven_message_by_message()
    {
        CyrusSample cyrus = await peers.CyrusAsync();
        await using SamplePeer server = cyrus.StartServer();

        string[] offered = Encoding.ASCII.GetString((await server.ReceiveAsync())!).Split(' ');
        await server.SendAsync("PLAIN\0\0alice\0secret"u8.ToArray());
        byte[]? greeting = await server.ReceiveAsync();
        await server.SendAsync("client message 1\0"u8.ToArray());
        PeerResult result = await server.FinishAsync();

        Assert.Contains("SCRAM-SHA-512", offered);
        Assert.Equal("srv message 1\0"u8.ToArray(), greeting);
        Assert.True(result.Succeeded, result.Transcript);
    }

    [PeerFact("saslpasswd2", "sasldblistusers2")]
    public async Task The_database_lists_its_user()
    {
        CyrusSample cyrus = await peers.CyrusAsync();

        Assert.Contains("alice@localhost: userPassword", await CyrusDatabase.ListAsync(cyrus.Database), StringComparison.Ordinal);
    }

    private static async Task<SampleOutcome> CoupleAsync(CyrusSample cyrus, CyrusSampleOptions options)
    {
        await using SamplePeer server = cyrus.StartServer(options);
        await using SamplePeer client = cyrus.StartClient(options);
        return await SampleCoupling.RunAsync(server, client);
    }
}
