using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Cli.Tests;

/// <summary>The built program in a process of its own: exit codes as a shell sees them.</summary>
public sealed class ProgramTests : IDisposable
{
    private readonly CliFolder _folder = new();

    [Fact]
    public async Task The_program_sets_lists_and_explains()
    {
        _folder.Configure("saslpasswd", $"sasldb_path: {_folder.Database}\n");
        _folder.Configure("smtpd", $"sasldb_path: {_folder.Database}\n");

        PeerResult set = await CliProgram.RunAsync(_folder.Path, CliFolder.Password + "\n", "passwd", "-c", "-u", "example.com", "alice");
        PeerResult users = await CliProgram.RunAsync(_folder.Path, "", "users");
        PeerResult explained = await CliProgram.RunAsync(_folder.Path, "", "explain", "--user", "alice@example.com");

        Assert.True(set.Succeeded, set.Transcript);
        Assert.Equal("", set.Transcript);
        Assert.StartsWith("alice@example.com: authPassword", users.Transcript);
        Assert.Contains($"the environment variable SASL_CONF_PATH", explained.Transcript);
        Assert.Contains("has authPassword", explained.Transcript);
        Assert.All([set, users, explained], static result => Assert.DoesNotContain(CliFolder.Password, result.Transcript));
    }

    [Theory]
    [InlineData(64)]
    [InlineData(64, "nosuch")]
    [InlineData(1, "passwd")]
    [InlineData(1, "passwd", "--plian")]
    [InlineData(1, "users", "one", "two")]
    [InlineData(1, "mechs", "--nosuch")]
    [InlineData(1, "sample-server", "--listen", "65536")]
    [InlineData(64, "explain", "--nosuch")]
    [InlineData(64, "smtp-auth")]
    [InlineData(0, "--version")]
    [InlineData(0, "--help")]
    public async Task A_command_line_that_cannot_be_read_has_the_exit_code_of_its_command(int code, params string[] arguments)
    {
        PeerResult result = await CliProgram.RunAsync(_folder.Path, "", arguments);

        Assert.Equal(code, result.ExitCode);
        Assert.NotEqual("", result.Transcript);
    }

    /// <summary>Rows of a table of saslpasswd2's exit codes: both programs are asked, and must agree.</summary>
    [PeerTheory("saslpasswd2")]
    [InlineData(0, "secret", "-c", "-u", "r", "new")]
    [InlineData(0, "secret", "-u", "r", "new-without-c")]
    [InlineData(0, "secret\n", "-p", "-c", "-n", "-u", "r", "new")]
    [InlineData(0, "", "-d", "-u", "r", "unknown")]
    [InlineData(0, "secret", "-pcn", "-u", "r", "bundled")]
    [InlineData(7, "", "-c", "-u", "r", "empty-password")]
    [InlineData(7, "\n", "-p", "-c", "-u", "r", "empty-password")]
    [InlineData(1, "secret", "-c", "-d", "-u", "r", "both")]
    [InlineData(1, "secret", "-c")]
    [InlineData(1, "secret", "-c", "one", "two")]
    [InlineData(1, "secret", "-Z", "alice")]
    [InlineData(1, "secret", "-c", "-a", "a/b", "alice")]
    [InlineData(1, "secret", "-c", "-f", "/nonexistent/sasldb2", "alice")]
    [InlineData(0, "", "-v")]
    [InlineData(100, "secret", "-c", "-a", "broken", "-u", "r", "alice")]
    public async Task Exit_codes_are_those_of_saslpasswd2(int code, string input, params string[] arguments)
    {
        _folder.Configure("broken", "no option\n");
        string[] file = arguments.Contains("-f") ? [] : ["-f", _folder.Path + "/theirs"];
        PeerResult theirs = await PeerProcess.RunAsync(new PeerCommand("saslpasswd2", [.. file, .. arguments])
        {
            Input = input,
            Environment = new Dictionary<string, string> { ["SASL_CONF_PATH"] = _folder.Path },
        });
        PeerResult ours = await CliProgram.RunAsync(
            _folder.Path, input, ["passwd", .. file.Select(static word => word.Replace("theirs", "ours", StringComparison.Ordinal)), .. arguments]);

        Assert.Equal((code, code), (theirs.ExitCode, ours.ExitCode));
    }

    [PeerFact("script")]
    public async Task At_a_terminal_the_password_is_asked_for_twice_and_never_shown()
    {
        await using PeerProcess terminal = PeerProcess.Start(AtTerminal($"passwd -c -f {_folder.Database} --plain -u r alice") with
        {
            Answers = new Dictionary<string, string> { ["Password: "] = CliFolder.Password, ["Again (for verification): "] = CliFolder.Password },
        });
        await terminal.WaitForLineAsync(static line => line.StartsWith("ended with", StringComparison.Ordinal), within: TimeSpan.FromSeconds(60));
        PeerResult result = await terminal.FinishAsync();

        Assert.Contains("ended with 0", result.Transcript);
        Assert.Contains("Again (for verification): ", result.Transcript);
        Assert.DoesNotContain(CliFolder.Password, result.Transcript);
        Assert.Equal(CliFolder.Password, (await _folder.StoredAsync("alice", "r"))["userPassword"]);
    }

    public void Dispose() => _folder.Dispose();

    // Runs a command at a terminal of its own, made by script(1). What the terminal shows goes to standard error, where prompts are answered.
    private PeerCommand AtTerminal(string arguments) => new(
        "/bin/sh", "-c", $"exec script -qfec '{CliProgram.Host} {CliProgram.Assembly} {arguments}; echo ended with $?' /dev/null 1>&2")
    {
        Environment = new Dictionary<string, string> { ["SASL_CONF_PATH"] = _folder.Path, ["TERM"] = "dumb", ["SHELL"] = "/bin/sh" },
        Limit = TimeSpan.FromSeconds(60),
    };
}
