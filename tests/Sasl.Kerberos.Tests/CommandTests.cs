using Sasl.Cli.Tests;
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

    [KdcFact]
    public async Task The_bench_logs_in_with_the_ticket_that_there_is_and_says_when_there_is_none()
    {
        await realm.Kdc.AddServiceAsync("smtp/localhost");
        using var parties = new Parties(service: "smtp");
        await using var server = new TestSmtpServer(parties.Server);
        string[] arguments = ["bench", "--mech", "gssapi", "--duration", "1", "--connections", "1", $"smtp://localhost:{server.Address.Split(':')[^1]}"];
        string report = await PeerProcess.RunSuccessfullyAsync(Command(arguments));
        Assert.Contains("Failures: 0", report, StringComparison.Ordinal);

        PeerResult without = await PeerProcess.RunAsync(Command(arguments) with
        {
            Environment = new Dictionary<string, string>(realm.Kdc.Environment) { ["KRB5CCNAME"] = $"FILE:{realm.At("empty")}" },
        });
        Assert.Equal(64, without.ExitCode);
        Assert.Contains("there is no Kerberos ticket (kinit)", without.Transcript, StringComparison.Ordinal);
    }

    private SamplePeer Own(SampleRole role, params string[] arguments) => SamplePeer.Start(role, Command(arguments));

    private PeerCommand Command(params string[] arguments) =>
        new(Environment.ProcessPath!, [Path.Combine(AppContext.BaseDirectory, "Sasl.Cli.dll"), .. arguments]) { Environment = realm.Kdc.Environment };
}
