using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Cli.Tests;

/// <summary>Our sample programs with Debian's, in both directions.</summary>
[Collection(PeersCollection.Name)]
public sealed class CyrusSampleTests(SharedPeers peers) : IAsyncLifetime
{
    private const string Right = "secret";    // what CyrusSample sets
    private const string Wrong = "wrong";

    private readonly CliFolder _folder = new();

    public static TheoryData<string> WithPassword => [.. ((IEnumerable<object[]>)SampleTests.WithPassword).Select(static row => (string)row[0]), "NTLM"];

    public async Task InitializeAsync()
    {
        _folder.Configure("sample", $"sasldb_path: {_folder.Database}\nmech_list: PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-224 SCRAM-SHA-256 SCRAM-SHA-384 SCRAM-SHA-512 DIGEST-MD5 NTLM ANONYMOUS\n");
        CliResult set = await _folder.RunAsync(Right, "passwd", "-f", _folder.Database, "--plain", "-u", "localhost", "alice");
        Assert.Equal(0, set.ExitCode);
    }

    [PeerTheory("sasl-sample-server", "sasl-sample-client", "saslpasswd2")]
    [MemberData(nameof(WithPassword))]
    public async Task Our_client_is_let_in_by_Cyrus_SASL_with_the_right_password_only(string mechanism)
    {
        CyrusSample cyrus = await peers.CyrusAsync();

        SampleOutcome right = await AgainstTheirServerAsync(cyrus, mechanism, Right);
        SampleOutcome wrong = await AgainstTheirServerAsync(cyrus, mechanism, Wrong);

        Assert.True(right.Succeeded, right.ToString());
        Assert.Contains("Username: alice", right.Server.Transcript);
        Assert.Contains($"Using mechanism {mechanism}", right.Client.Transcript);
        Assert.Contains("received decoded message 'srv message 1'", right.Client.Transcript);
        Assert.False(wrong.Server.Succeeded, wrong.ToString());
        Assert.False(wrong.Client.Succeeded, wrong.ToString());
        Assert.DoesNotContain("Username: ", wrong.Server.Transcript);
        InteropLog.Worked(mechanism, InteropPeer.CyrusSample, OurSide.Client, "no TLS");
    }

    [PeerTheory("sasl-sample-server", "sasl-sample-client", "saslpasswd2")]
    [MemberData(nameof(WithPassword))]
    public async Task Our_server_lets_Cyrus_SASLs_client_in_with_the_right_password_only(string mechanism)
    {
        CyrusSample cyrus = await peers.CyrusAsync();

        SampleOutcome right = await AgainstTheirClientAsync(cyrus, mechanism, Right);
        SampleOutcome wrong = await AgainstTheirClientAsync(cyrus, mechanism, Wrong);

        Assert.True(right.Succeeded, right.ToString());
        Assert.Contains("Username: alice@localhost", right.Server.Transcript);
        Assert.Contains("recieved decoded message 'srv message 1'", right.Client.Transcript);
        Assert.False(wrong.Server.Succeeded, wrong.ToString());
        Assert.DoesNotContain("Username: ", wrong.Server.Transcript);
        InteropLog.Worked(mechanism, InteropPeer.CyrusSample, OurSide.Server, "no TLS");
    }

    [PeerFact("sasl-sample-server", "sasl-sample-client", "saslpasswd2")]
    public async Task Anonymous_needs_no_password_in_either_direction()
    {
        CyrusSample cyrus = await peers.CyrusAsync();

        SampleOutcome theirServer = await AgainstTheirServerAsync(cyrus, "ANONYMOUS", password: null);
        SampleOutcome theirClient = await AgainstTheirClientAsync(cyrus, "ANONYMOUS", Right);

        Assert.True(theirServer.Succeeded, theirServer.ToString());
        Assert.DoesNotContain("Password", theirServer.Client.Transcript);
        Assert.True(theirClient.Succeeded, theirClient.ToString());
        InteropLog.Worked("ANONYMOUS", InteropPeer.CyrusSample, OurSide.Client, "no TLS");
        InteropLog.Worked("ANONYMOUS", InteropPeer.CyrusSample, OurSide.Server, "no TLS");
    }

    // Debian's Cyrus SASL cannot do 3des: its OpenSSL 3 refuses keys of the wrong parity.
    [PeerTheory("sasl-sample-server", "sasl-sample-client", "saslpasswd2")]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(55)]
    [InlineData(56)]
    [InlineData(128)]
    public async Task DIGEST_MD5_protects_messages_with_every_strength_in_both_directions(int strength)
    {
        CyrusSample cyrus = await peers.CyrusAsync();
        string limits = $"min={strength},max={strength}";
        CyrusSampleOptions options = new() { Mechanism = "DIGEST-MD5", Strength = limits };

        SampleOutcome theirServer = await AgainstTheirServerAsync(cyrus, "DIGEST-MD5", Right, options, "-b", limits);
        SampleOutcome theirClient = await AgainstTheirClientAsync(cyrus, "DIGEST-MD5", Right, options, "-b", limits);
        SampleOutcome wrong = await AgainstTheirServerAsync(cyrus, "DIGEST-MD5", Wrong, options, "-b", limits);

        Assert.True(theirServer.Succeeded, theirServer.ToString());
        Assert.Contains($"SSF: {strength}", theirServer.Server.Transcript);
        Assert.Contains("received decoded message 'srv message 1'", theirServer.Client.Transcript);
        Assert.True(theirClient.Succeeded, theirClient.ToString());
        Assert.Contains($"SSF: {strength}", theirClient.Client.Transcript);
        Assert.Contains("recieved decoded message 'srv message 1'", theirClient.Client.Transcript);
        Assert.False(wrong.Client.Succeeded, wrong.ToString());
        string protection = strength switch { 0 => "auth", 1 => "auth-int", 40 => "auth-conf rc4-40", 55 => "auth-conf des", 56 => "auth-conf rc4-56", _ => "auth-conf rc4" };
        InteropLog.Worked("DIGEST-MD5", InteropPeer.CyrusSample, OurSide.Client, protection);
        InteropLog.Worked("DIGEST-MD5", InteropPeer.CyrusSample, OurSide.Server, protection);
    }

    // With -d Cyrus SASL's two samples do not understand even each other when the client speaks first: the line protocol has no empty challenge.
    [PeerTheory("sasl-sample-server", "sasl-sample-client", "saslpasswd2")]
    [InlineData("LOGIN", true, false)]
    [InlineData("SCRAM-SHA-1", false, true)]
    [InlineData("SCRAM-SHA-256", false, true)]
    public async Task Both_ways_of_beginning_and_ending_are_understood(string mechanism, bool noInitialResponse, bool serverSendsLast)
    {
        CyrusSample cyrus = await peers.CyrusAsync();
        string[] last = serverSendsLast ? ["-l"] : [];
        string[] first = noInitialResponse ? ["-d"] : [];
        CyrusSampleOptions options = new() { Mechanism = mechanism, ServerSendsLast = serverSendsLast };

        SampleOutcome theirServer = await AgainstTheirServerAsync(cyrus, mechanism, Right, options, [.. last, .. first]);
        SampleOutcome theirClient = await AgainstTheirClientAsync(cyrus, mechanism, Right, options with { NoInitialResponse = noInitialResponse }, last);

        Assert.True(theirServer.Succeeded, theirServer.ToString());
        Assert.True(theirClient.Succeeded, theirClient.ToString());
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    private async Task<SampleOutcome> AgainstTheirServerAsync(
        CyrusSample cyrus, string mechanism, string? password, CyrusSampleOptions? options = null, params string[] more)
    {
        await using SamplePeer server = cyrus.StartServer(options ?? new CyrusSampleOptions { Mechanism = mechanism });
        PeerCommand command = CliProgram.Command(
            _folder.Path, ["sample-client", "-s", "sample", "-n", "localhost", "-a", "alice", "-u", "alice", "-m", mechanism, .. more]);
        await using SamplePeer client = SamplePeer.Start(SampleRole.Client, password is null ? command : command with
        {
            Answers = new Dictionary<string, string> { ["Password: "] = password },
        });
        return await SampleCoupling.RunAsync(server, client);
    }

    private async Task<SampleOutcome> AgainstTheirClientAsync(
        CyrusSample cyrus, string mechanism, string password, CyrusSampleOptions? options = null, params string[] more)
    {
        await using SamplePeer server = SamplePeer.Start(
            SampleRole.Server, CliProgram.Command(_folder.Path, ["sample-server", "-s", "sample", "-d", "localhost", "-u", "localhost", .. more]));
        await using SamplePeer client = cyrus.StartClient((options ?? new CyrusSampleOptions { Mechanism = mechanism }) with { Password = password });
        return await SampleCoupling.RunAsync(server, client);
    }
}
