using System.Text;
using Sasl.Sasldb;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Cli.Tests;

/// <summary><c>sasl passwd --import</c> and the drafts of long work: all or nothing, whatever stops it, and nothing left behind.</summary>
public sealed class ImportTests : IDisposable
{
    private const string Head = "VERSION=3\nformat=print\ntype=btree\nHEADER=END\n";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly CliFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Far more than one transaction used to have; the last value is longer than any form keeps.
    [Theory]
    [InlineData("lmdb")]
    [InlineData("berkeley")]
    [InlineData("gdbm")]
    public async Task A_large_text_that_cannot_be_stored_to_its_end_changes_nothing(string format)
    {
        await _folder.RunAsync(Head + Record("alice", "older") + "DATA=END\n", "passwd", "-f", _folder.Database, "--format", format, "--import");
        var text = new StringBuilder(Head + Record("alice", "newer"));
        string value = new('x', 1024 * 1024);
        for (int user = 0; user < 70; user++)
            text.Append(Record($"user{user}", value));
        text.Append(Record("last", value + "x")).Append("DATA=END\n");
        string place = _folder.Write("users.txt", text.ToString());

        CliResult result = await _folder.RunAsync("", "passwd", "-f", _folder.Database, "--import", place);

        Assert.Equal(1, result.ExitCode);
        Assert.Equal([new SaslUser("alice", "r")], await _folder.UsersAsync());
        Assert.Equal("older", (await _folder.StoredAsync("alice", "r"))["userPassword"]);
    }

    [PeerTheory("setsid")]
    [InlineData(UnixSignal.Interrupt)]
    [InlineData(UnixSignal.Terminate)]
    [InlineData(UnixSignal.Hangup)]
    public async Task A_signal_stops_an_import_which_says_what_became_of_it_and_leaves_nothing(UnixSignal signal)
    {
        await using PeerProcess import = PeerProcess.Start(CliProgram.Command(_folder.Path, "passwd", "-f", _folder.Database, "--import"));
        await import.WriteLineAsync(Head + Record("alice", "pencil").TrimEnd('\n'));
        await WaitForSpoolAsync(import.Id);
        import.Signal(signal);
        await import.WaitForLineAsync(static line => line == "sasl passwd: stopped; nothing was imported", within: s_patience);

        Assert.Equal(ExitCode.Interrupted, (await import.FinishAsync()).ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [PeerFact("setsid")]
    public async Task Who_wants_a_hangup_to_be_ignored_gets_the_whole_import()
    {
        PeerCommand command = CliProgram.Command(_folder.Path, "passwd", "-f", _folder.Database, "--import");
        await using PeerProcess import = PeerProcess.Start(
            command with { Program = "/bin/sh", Arguments = ["-c", "trap '' HUP; exec \"$0\" \"$@\"", command.Program, .. command.Arguments] });
        await import.WriteLineAsync(Head + Record("alice", "pencil").TrimEnd('\n'));
        await WaitForSpoolAsync(import.Id);
        import.Signal(UnixSignal.Hangup);
        PeerResult result = await import.FinishAsync("DATA=END\n");

        Assert.Equal((0, "1 record imported"), (result.ExitCode, result.Transcript.Trim()));
        Assert.Equal("pencil", (await _folder.StoredAsync("alice", "r"))["userPassword"]);
    }

    [PeerFact("setsid")]
    public async Task What_a_killed_process_left_is_removed_by_the_next_and_what_a_living_one_makes_is_not()
    {
        await _folder.StoreAsync("alice", "r", ("userPassword", "pencil"));
        await using PeerProcess dead = PeerProcess.Start(new PeerCommand("/bin/true"));
        await dead.FinishAsync();
        int alive = Environment.ProcessId;
        string[] left = [.. ((string[])["users.txt", "new", "sasldb2"]).Select(name => $".{name}.{dead.Id}-0123abcd.unfinished"), $".new.{dead.Id}-0123abcd.unfinished-lock", $"..new.{dead.Id}-0123abcd.unfinished.unfinished"];
        string[] kept = [$".users.txt.{alive}-0123abcd.unfinished", $".new.{alive}-0123abcd.unfinished", ".users.txt.unfinished", ".new.1x-2.unfinished", ".new.old"];
        foreach (string name in left.Concat(kept))
            _folder.Write(name, "");

        Assert.Equal(0, (await _folder.RunAsync("", "users", "-f", _folder.Database, "--export", Path.Combine(_folder.Path, "users.txt"))).ExitCode);
        Assert.Equal(0, (await _folder.RunAsync("", "users", "-f", _folder.Database, "--convert", Path.Combine(_folder.Path, "new"), "--format", "gdbm")).ExitCode);
        Assert.Equal(0, (await _folder.RunAsync(Head + "DATA=END\n", "passwd", "-f", _folder.Database, "--import")).ExitCode);

        string[] there = [.. Directory.EnumerateFiles(_folder.Path, ".*").Select(static path => Path.GetFileName(path)!)];
        Assert.Equal(kept.Order(StringComparer.Ordinal), there.Order(StringComparer.Ordinal));
    }

    [PeerFact("setsid")]
    public async Task A_dry_run_of_a_pipe_needs_no_folder_to_write_in()
    {
        PeerResult result = await CliProgram.RunAsync(
            _folder.Path, Head + Record("alice", "pencil") + "DATA=END\n", "passwd", "-f", Path.Combine(_folder.Path, "none", "sasldb2"), "--import", "--dry-run");

        Assert.Equal((0, "1 record would be imported"), (result.ExitCode, result.Transcript.Trim()));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("lmdb")]
    [InlineData("berkeley")]
    [InlineData("gdbm")]
    public async Task A_key_that_comes_twice_is_counted_once_and_the_last_one_stands(string format)
    {
        string text = Head + Record("alice", "one") + Record("bob", "two") + Record("alice", "three") + "DATA=END\n";
        string place = _folder.Write("users.txt", text);

        CliResult looked = await _folder.RunAsync(text, "passwd", "-f", _folder.Database, "--import", "--dry-run");
        CliResult imported = await _folder.RunAsync("", "passwd", "-f", _folder.Database, "--format", format, "--import", place);
        CliResult verified = await _folder.RunAsync("", "users", "-f", _folder.Database, "--verify");

        Assert.Equal("2 records (the text has 1 record more, whose keys come again later) would be imported\n", looked.Output);
        Assert.Equal("2 records (the text has 1 record more, whose keys come again later) imported\n", imported.Output);
        Assert.Contains("2 records, sound", verified.Output);
        Assert.Equal("three", (await _folder.StoredAsync("alice", "r"))["userPassword"]);
    }

    [PeerTheory("setsid", "setpriv")]
    [InlineData("--export")]
    [InlineData("--verify")]
    [InlineData("--convert", "new", "--format", "lmdb")]
    [InlineData("--change-realm", "r", "s")]
    public async Task Whoever_may_not_read_the_sasldb_is_told_so(params string[] arguments)
    {
        await _folder.StoreAsync("alice", "r", ("userPassword", "pencil"));
        File.SetUnixFileMode(_folder.Database, Environment.IsPrivilegedProcess ? UnixFileMode.UserRead : UnixFileMode.None);
        string program = Path.Combine(_folder.Path, "program");
        Directory.CreateDirectory(program);
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory).Where(static file => Path.GetExtension(file) is ".dll" or ".json"))
            File.Copy(file, Path.Combine(program, Path.GetFileName(file)));
        PeerCommand command = CliProgram.Command(_folder.Path, ["users", "-f", _folder.Database, .. arguments]);

        PeerResult result = await PeerProcess.RunAsync(command with { Arguments = [Path.Combine(program, "Sasl.Cli.dll"), .. command.Arguments.Skip(1)], RunAs = "daemon" });

        Assert.Equal(1, result.ExitCode);
        Assert.Contains($"sasl users: {_folder.Database}: may not be ", result.Transcript);
        Assert.Contains("mode 0", result.Transcript);
        Assert.DoesNotContain("pencil", result.Transcript);
    }

    private static string Record(string user, string password) => $" {user}\\00r\\00userPassword\n {password}\n";

    // It has opened the file that keeps what comes from the pipe; from then on it heeds signals.
    private static async Task WaitForSpoolAsync(int process)
    {
        using var limit = new CancellationTokenSource(s_patience);
        while (!Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Any(static open => new FileInfo(open).LinkTarget?.Contains(".unfinished", StringComparison.Ordinal) == true))
            await Task.Delay(TimeSpan.FromMilliseconds(5), limit.Token);
    }
}
