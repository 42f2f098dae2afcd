using System.Text;
using Xunit;

namespace Sasl.Cli.Tests;

/// <summary>Our sample programs with each other.</summary>
public sealed class SampleTests : IAsyncLifetime
{
    private static readonly string[] s_server = ["-s", "sample", "-d", "localhost", "-u", "localhost"];
    private static readonly string[] s_client = ["-s", "sample", "-n", "localhost", "-a", "alice", "-u", "alice"];

    private readonly CliFolder _folder = new();

    public static TheoryData<string> WithPassword =>
    [
        "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-224", "SCRAM-SHA-256", "SCRAM-SHA-384", "SCRAM-SHA-512",
    ];

    public async Task InitializeAsync()
    {
        _folder.Configure("sample", $"sasldb_path: {_folder.Database}\n");
        CliResult set = await _folder.RunAsync(CliFolder.Password, "passwd", "-f", _folder.Database, "--plain", "-u", "localhost", "alice");
        Assert.Equal(0, set.ExitCode);
    }

    [Theory]
    [MemberData(nameof(WithPassword))]
    public async Task The_right_password_is_let_in_and_both_messages_arrive(string mechanism)
    {
        (CliResult server, CliResult client) = await RunAsync(CliFolder.Password, ["-m", mechanism], ["-m", mechanism]);

        Assert.Equal((0, 0), (server.ExitCode, client.ExitCode));
        Assert.Contains($"Using mechanism {mechanism}\n", client.Output);
        Assert.Contains("Username: alice@localhost\nRealm: localhost\nSSF: 0\n", server.Output);
        Assert.Contains("received decoded message 'client message 1'", server.Output);
        Assert.Contains("received decoded message 'srv message 1'", client.Output);
        AssertHides(CliFolder.Password, server, client, inProtocol: mechanism is "PLAIN" or "LOGIN");
    }

    [Theory]
    [MemberData(nameof(WithPassword))]
    public async Task A_wrong_password_is_refused_on_both_sides(string mechanism)
    {
        (CliResult server, CliResult client) = await RunAsync("wrong horse", ["-m", mechanism], ["-m", mechanism]);

        Assert.Equal((1, 1), (server.ExitCode, client.ExitCode));
        Assert.Contains("Performing SASL negotiation: InvalidCredentials", server.Output);
        Assert.DoesNotContain("Username:", server.Output);
    }

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("SCRAM-SHA-256")]
    public async Task An_initial_response_may_wait_for_the_servers_challenge(string mechanism)
    {
        (CliResult server, CliResult client) = await RunAsync(CliFolder.Password, ["-m", mechanism], ["-d", "-m", mechanism]);

        Assert.Equal((0, 0), (server.ExitCode, client.ExitCode));
        Assert.Contains($"C: {Convert.ToBase64String(Encoding.ASCII.GetBytes(mechanism))}\n", client.Output);
        Assert.Contains("S: \n", server.Output);
    }

    [Fact]
    public async Task The_servers_last_data_may_come_with_its_success()
    {
        (CliResult server, CliResult client) = await RunAsync(CliFolder.Password, ["-l", "-m", "SCRAM-SHA-256"], ["-l", "-m", "SCRAM-SHA-256"]);
        (_, CliResult without) = await RunAsync(CliFolder.Password, ["-m", "SCRAM-SHA-256"], ["-m", "SCRAM-SHA-256"]);

        Assert.Equal((0, 0), (server.ExitCode, client.ExitCode));
        Assert.DoesNotContain("C: \n", client.Output);
        Assert.Contains("C: \n", without.Output);
    }

    [Theory]
    [InlineData("ANONYMOUS", "anonymous")]
    [InlineData("EXTERNAL", "alice@localhost")]
    public async Task Nobody_is_asked_for_a_password_that_no_mechanism_needs(string mechanism, string user)
    {
        (CliResult server, CliResult client) = await RunAsync(new TypingUser(), ["-m", mechanism, "-e", "ssf=128,id=alice"], ["-m", mechanism, "-e", "ssf=128,id=alice"]);

        Assert.Equal((0, 0), (server.ExitCode, client.ExitCode));
        Assert.DoesNotContain("Password", client.Error);
        Assert.Contains($"Username: {user}", server.Output);
    }

    [Fact]
    public async Task Without_m_the_strongest_mechanism_is_used()
    {
        (CliResult server, CliResult client) = await RunAsync(CliFolder.Password, [], []);

        Assert.Equal((0, 0), (server.ExitCode, client.ExitCode));
        Assert.Contains("Using mechanism SCRAM-SHA-512\n", client.Output);
    }

    [Theory]
    [InlineData("-c", "-c", "SCRAM-SHA-256-PLUS")]
    [InlineData("-C", "-c", "SCRAM-SHA-256-PLUS")]
    [InlineData("-c", "-C", "SCRAM-SHA-256-PLUS")]
    public async Task Both_sides_bind_to_the_channel_where_both_can(string server, string client, string mechanism)
    {
        (CliResult serverEnd, CliResult clientEnd) = await RunAsync(CliFolder.Password, [server, "-m", "SCRAM-SHA-256"], [client, "-m", "SCRAM-SHA-256"]);

        Assert.Equal((0, 0), (serverEnd.ExitCode, clientEnd.ExitCode));
        Assert.Contains($"Using mechanism {mechanism}\n", clientEnd.Output);
    }

    [Fact]
    public async Task A_client_that_insists_on_binding_gives_up_where_the_server_cannot()
    {
        (CliResult server, CliResult client) = await RunAsync(new TypingUser(), [], ["-C"]);

        Assert.Equal((1, 1), (server.ExitCode, client.ExitCode));
        Assert.Contains("SCRAM-SHA-256", client.Output);
        Assert.Contains("gone away", server.Error);
    }

    [Fact]
    public async Task Flags_hide_mechanisms_from_the_client()
    {
        (CliResult server, _) = await RunAsync(CliFolder.Password, ["-f", "noplain", "-v"], ["-f", "noactive"]);

        string list = Encoding.ASCII.GetString(Convert.FromBase64String(server.Lines.First(static line => line.StartsWith("S: ", StringComparison.Ordinal))[3..]));
        Assert.DoesNotContain("PLAIN", list.Split(' '));
        Assert.Contains("Mechanisms without TLS:", server.Error);
    }

    [Fact]
    public async Task Acting_as_somebody_else_is_refused()
    {
        (CliResult server, CliResult client) = await SamplePair.RunAsync(
            _folder, new TypingUser(CliFolder.Password), s_server, ["-s", "sample", "-n", "localhost", "-a", "alice", "-u", "bob", "-m", "PLAIN"]);

        Assert.Equal((1, 1), (server.ExitCode, client.ExitCode));
        Assert.Contains("NotAuthorized", server.Output);
    }

    [Theory]
    [InlineData("C: !!!\n", "not base64")]
    [InlineData("", "gone away")]
    [InlineData("chatter\nS: UExBSU4=\n", "gone away")]
    public async Task A_client_that_breaks_the_protocol_is_told_of(string input, string complaint)
    {
        CliResult result = await _folder.RunAsync(input, ["sample-server", .. s_server]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(complaint, result.Error);
    }

    [Fact]
    public async Task A_line_without_end_is_not_collected()
    {
        CliResult result = await _folder.RunAsync("C: " + new string('A', 300_000), ["sample-server", .. s_server]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("longer than", result.Error);
    }

    [Fact]
    public async Task A_password_comes_from_standard_input_where_there_is_no_terminal()
    {
        string list = Convert.ToBase64String("PLAIN"u8);
        CliResult result = await _folder.RunAsync(
            $"S: {list}\nsecret one\nS: {Convert.ToBase64String("srv message 1\0"u8)}\n", "sample-client", "-n", "localhost", "-a", "alice", "-m", "PLAIN");

        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("Password: ", result.Error);
        Assert.Contains($"C: {Convert.ToBase64String("PLAIN\0\0alice\0secret one"u8)}\n", result.Output);
    }

    [Fact]
    public async Task A_broken_configuration_is_named_with_its_line()
    {
        _folder.Configure("sample", "no option\n");

        CliResult result = await _folder.RunAsync("", ["sample-server", .. s_server]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("sample.conf(1)", result.Error);
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    private static void AssertHides(string password, CliResult server, CliResult client, bool inProtocol)
    {
        string shown = server.Output + server.Error + client.Output + client.Error;
        Assert.DoesNotContain(password, shown);
        if (!inProtocol)
            Assert.DoesNotContain(Convert.ToBase64String(Encoding.ASCII.GetBytes(password)), shown);
    }

    private Task<(CliResult Server, CliResult Client)> RunAsync(string password, string[] server, string[] client) =>
        RunAsync(new TypingUser(password), server, client);

    private Task<(CliResult Server, CliResult Client)> RunAsync(TypingUser user, string[] server, string[] client) =>
        SamplePair.RunAsync(_folder, user, [.. s_server, .. server], [.. s_client, .. client]);
}
