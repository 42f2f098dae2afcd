using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Cli.Tests;

/// <summary><c>sasl testsaslauthd</c> beside the original, and what <c>sasl explain</c> says of saslauthd.</summary>
public sealed class TestSaslauthdTests
{
    [PeerTheory("saslauthd", "testsaslauthd")]
    [InlineData("alice", "secret", "1")]
    [InlineData("alice", "wrong", "2")]
    public async Task It_prints_and_ends_as_the_original_does(string user, string password, string repeat)
    {
        using var folder = new CliFolder();
        await using SaslauthdPeer peer = await SaslauthdPeer.StartAsync();
        string[] arguments = ["-u", user, "-p", password, "-s", "smtp", "-r", "example.com", "-f", peer.SocketPath, "-R", repeat];
        PeerResult original = await PeerProcess.RunAsync(new PeerCommand("testsaslauthd", arguments));
        CliResult ours = await folder.RunAsync("", ["testsaslauthd", .. arguments]);
        Assert.Equal(original.ExitCode, ours.ExitCode);
        Assert.Equal(original.Transcript.Trim(), ours.Output.Trim());
    }

    [PeerFact("saslauthd", "testsaslauthd")]
    public async Task Without_a_socket_it_says_what_the_original_says_and_what_to_do()
    {
        using var folder = new CliFolder();
        string path = Path.Combine(folder.Path, "mux");
        string[] arguments = ["-u", "alice", "-p", "secret", "-f", path];
        PeerResult original = await PeerProcess.RunAsync(new PeerCommand("testsaslauthd", arguments));
        CliResult ours = await folder.RunAsync("", ["testsaslauthd", .. arguments]);
        Assert.Contains("connect() :", original.Transcript, StringComparison.Ordinal);
        Assert.StartsWith("connect() : ", ours.Error, StringComparison.Ordinal);
        Assert.Contains($"saslauthd has no socket at {path}", ours.Error, StringComparison.Ordinal);
        Assert.Equal(original.ExitCode, ours.ExitCode);
    }

    [PeerFact("saslauthd")]
    public async Task A_password_that_is_not_given_is_asked_for()
    {
        using var folder = new CliFolder();
        await using SaslauthdPeer peer = await SaslauthdPeer.StartAsync();
        CliResult result = await folder.RunAsync(new TypingUser("secret"), "testsaslauthd", "-u", "alice", "-f", peer.RunDirectory, "-a", "192.0.2.1;40000");
        Assert.Equal((0, "0: OK \"Success.\"\n"), (result.ExitCode, result.Output));
    }

    [PeerFact("saslauthd")]
    public async Task Explain_shows_what_saslauthd_is_sent_and_whether_it_answers()
    {
        using var folder = new CliFolder();
        await using SaslauthdPeer peer = await SaslauthdPeer.StartAsync();
        folder.Configure("smtpd", $"pwcheck_method: saslauthd\nsaslauthd_path: {peer.SocketPath}\n");
        CliResult result = await folder.RunAsync("", "explain", "smtpd", "--user", "alice@sub@example.com");
        Assert.Contains($"  saslauthd: is sent login \"alice@sub\", realm \"example.com\", service \"smtp\"\n    {peer.SocketPath} answers\n", result.Output, StringComparison.Ordinal);
        await peer.StopAsync();
        result = await folder.RunAsync("", "explain", "smtpd", "--user", "alice");
        Assert.Contains($"is sent login \"alice\", realm \"\", service \"smtp\"\n    saslauthd has no socket at {peer.SocketPath}", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("testsaslauthd")]
    [InlineData("testsaslauthd", "-u", "alice", "-R", "0")]
    public async Task A_wrong_command_line_ends_with_1(params string[] arguments)
    {
        using var folder = new CliFolder();
        Assert.Equal(1, (await folder.RunAsync("", arguments)).ExitCode);
    }
}
