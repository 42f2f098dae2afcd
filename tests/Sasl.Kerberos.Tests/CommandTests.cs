using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Kerberos.Tests;

/// <summary><c>sasl sample-server</c> and <c>sasl sample-client</c>, coupled with each other and with Cyrus SASL's.</summary>
[Collection(KdcCollection.Name)]
public sealed class CommandTests(KdcFixture realm)
{
    [KdcTheory("sasl-sample-server", "sasl-sample-client", "saslpasswd2")]
    [InlineData(KerberosMechanisms.GssapiName, 256)]
    [InlineData(KerberosMechanisms.Gs2Name, 0)]
    public async Task The_sample_commands_speak_Kerberos(string mechanism, int ssf)
    {
        await using CyrusSample cyrus = await CyrusSample.StartAsync("GSSAPI GSS-SPNEGO GS2-KRB5");
        var options = new CyrusSampleOptions { Mechanism = mechanism, Environment = realm.Kdc.Environment };
        foreach ((bool ownServer, bool ownClient) in ((bool, bool)[])[(true, true), (true, false), (false, true)])
        {
            await using SamplePeer server = ownServer ? Own(SampleRole.Server, "sample-server", "-s", "sample", "-d", "localhost", "-m", mechanism) : cyrus.StartServer(options);
            await using SamplePeer client = ownClient ? Own(SampleRole.Client, "sample-client", "-s", "sample", "-n", "localhost", "-a", "alice", "-m", mechanism) : cyrus.StartClient(options);
            SampleOutcome outcome = await SampleCoupling.RunAsync(server, client);
            Assert.True(outcome.Succeeded, outcome.ToString());
            Assert.Contains("Username: alice", outcome.Server.Transcript, StringComparison.Ordinal);
            Assert.Contains($"SSF: {ssf}", outcome.Server.Transcript, StringComparison.Ordinal);
        }
    }

    private SamplePeer Own(SampleRole role, params string[] arguments) => SamplePeer.Start(
        role, new PeerCommand(Environment.ProcessPath!, [Path.Combine(AppContext.BaseDirectory, "Sasl.Cli.dll"), .. arguments]) { Environment = realm.Kdc.Environment });
}
