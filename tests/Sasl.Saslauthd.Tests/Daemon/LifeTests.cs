using System.Globalization;
using System.Net.Sockets;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Saslauthd.Tests.Daemon;

/// <summary>Starting, reloading, stopping.</summary>
public sealed class LifeTests : IDisposable
{
    private readonly PrivateDirectory _directory = PrivateDirectory.Create("saslauthd-life");

    private SaslauthdServerOptions Options => new() { RunDirectory = _directory.At("run"), StopTimeout = TimeSpan.FromSeconds(30) };

    [Fact]
    public async Task The_run_directory_and_its_files_have_the_originals_modes_and_go_at_a_clean_stop()
    {
        await using (var server = new SaslauthdServer(Options, new TestChecker()))
        {
            server.Start();
            Assert.Equal("0755", Mode(""));
            Assert.Equal("0777", Mode("mux"));
            Assert.Equal("0600", Mode("control"));
            Assert.Equal("0600", Mode("saslauthd.pid"));
            Assert.Equal("0600", Mode("saslauthd.pid.lock"));
            Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n"), await File.ReadAllTextAsync(_directory.At("run/saslauthd.pid")));
            Assert.Equal("OK", await MuxPeer.AskAsync(server.SocketPath, "alice", "secret", "smtp", ""));
        }
        Assert.Empty(Directory.GetFileSystemEntries(_directory.At("run")));
    }

    [Fact]
    public async Task A_group_gets_the_directory_that_is_made_and_the_socket()
    {
        uint own = GroupOf(_directory.FullPath);
        await using var server = new SaslauthdServer(Options with { Group = own.ToString(CultureInfo.InvariantCulture) }, new TestChecker());
        server.Start();

        Assert.Equal("0710", Mode(""));
        Assert.Equal("0777", Mode("mux"));
    }

    [Fact]
    public async Task An_unknown_group_is_refused_and_leaves_nothing_behind()
    {
        Directory.CreateDirectory(_directory.At("run"));
        await using var server = new SaslauthdServer(Options with { Group = "no-such-group" }, new TestChecker());

        Assert.Contains("no-such-group", Assert.Throws<SaslConfigurationException>(server.Start).Message);
        Assert.Empty(Directory.GetFileSystemEntries(_directory.At("run")));
    }

    [Theory]
    [InlineData("run")]
    [InlineData("./run")]
    [InlineData("")]
    public void The_run_directory_must_be_absolute(string path)
    {
        var refused = Assert.Throws<SaslConfigurationException>(() => new SaslauthdServerOptions { RunDirectory = path }.Validate());
        Assert.Contains("absolute", refused.Message);
    }

    [Fact]
    public async Task A_path_too_long_for_a_socket_is_refused_by_that_name()
    {
        await using var server = new SaslauthdServer(Options with { RunDirectory = _directory.At(new string('x', 100)) }, new TestChecker());
        Assert.Contains("too long", Assert.Throws<SaslConfigurationException>(server.Start).Message);
    }

    [Fact]
    public async Task A_second_instance_is_refused_and_the_first_goes_on()
    {
        await using var first = new SaslauthdServer(Options, new TestChecker());
        first.Start();
        await using (var second = new SaslauthdServer(Options, new TestChecker()))
            Assert.Contains("Another instance of saslauthd is currently running", Assert.Throws<SaslauthdAlreadyRunningException>(second.Start).Message);

        Assert.Equal("OK", await MuxPeer.AskAsync(first.SocketPath, "alice", "secret", "smtp", ""));
        Assert.True(File.Exists(_directory.At("run/saslauthd.pid")));
    }

    [Fact]
    public async Task A_socket_that_somebody_else_serves_is_left_alone()
    {
        Directory.CreateDirectory(_directory.At("run"));
        using var other = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(_directory.At("run/mux")));
        other.Listen();
        await using var server = new SaslauthdServer(Options, new TestChecker());

        Assert.Throws<SaslauthdAlreadyRunningException>(server.Start);
        Assert.True(File.Exists(_directory.At("run/mux")));
    }

    [Fact]
    public async Task What_a_killed_daemon_leaves_is_no_hindrance()
    {
        Directory.CreateDirectory(_directory.At("run"));
        LeaveSocket(_directory.At("run/mux"));
        LeaveSocket(_directory.At("run/control"));
        _directory.Write("run/saslauthd.pid", "1\n");
        _directory.Write("run/saslauthd.pid.lock", "");
        await using var server = new SaslauthdServer(Options, new TestChecker());
        server.Start();

        Assert.Equal("OK", await MuxPeer.AskAsync(server.SocketPath, "alice", "secret", "smtp", ""));
    }

    [Fact]
    public async Task A_file_in_the_place_of_the_socket_is_not_removed()
    {
        _directory.Write("run/mux", "somebody's");
        await using var server = new SaslauthdServer(Options, new TestChecker());

        Assert.Contains("no socket", Assert.Throws<SaslConfigurationException>(server.Start).Message);
        Assert.Equal("somebody's", await File.ReadAllTextAsync(_directory.At("run/mux")));
    }

    [Fact]
    public async Task A_daemon_can_be_started_again_in_the_same_place()
    {
        for (int i = 0; i < 5; i++)
        {
            await using var server = new SaslauthdServer(Options, new TestChecker());
            server.Start();
            Assert.Equal("OK", await MuxPeer.AskAsync(server.SocketPath, "alice", "secret", "smtp", ""));
        }
    }

    [Fact]
    public async Task Stopping_ends_the_requests_under_way_and_lets_nobody_in()
    {
        var checker = new TestChecker();
        var release = new TaskCompletionSource<PasswordVerdict>();
        checker.Instead = (_, _, _) => release.Task;
        await using var server = new SaslauthdServer(Options, checker);
        server.Start();
        Task<string?> asking = MuxPeer.AskAsync(server.SocketPath, "alice", "secret", "smtp", "");
        await LimitTests.UntilAsync(() => checker.Calls == 1);
        Task stopping = server.StopAsync();
        await LimitTests.UntilAsync(() => !File.Exists(server.SocketPath));

        await Assert.ThrowsAsync<SocketException>(() => MuxPeer.ConnectAsync(server.SocketPath));
        Assert.False(asking.IsCompleted);
        release.SetResult(PasswordOutcome.Match);
        Assert.Equal("OK", await asking);
        await stopping;
    }

    [Fact]
    public async Task Stopping_waits_a_bounded_time_for_a_checker_that_never_answers()
    {
        var checker = new TestChecker { Instead = static (_, _, _) => new TaskCompletionSource<PasswordVerdict>().Task };
        await using var server = new SaslauthdServer(Options with { StopTimeout = TimeSpan.Zero }, checker);
        server.Start();
        Task<string?> asking = MuxPeer.AskAsync(server.SocketPath, "alice", "secret", "smtp", "");
        await LimitTests.UntilAsync(() => checker.Calls == 1);

        await server.StopAsync();
        Assert.Equal("NO internal mechanism failure", await asking);
    }

    [Fact]
    public async Task Stopping_under_load_answers_everybody_who_was_let_in()
    {
        await using var server = new SaslauthdServer(Options, new TestChecker());
        server.Start();
        int answered = 0;
        int unanswered = 0;
        Task[] clients = [.. Enumerable.Range(0, 16).Select(async _ =>
        {
            while (true)
            {
                MuxPeer peer;
                try
                {
                    peer = await MuxPeer.ConnectAsync(server.SocketPath);
                }
                catch (SocketException)
                {
                    return;    // stopped
                }
                using (peer)
                {
                    await peer.SendAsync(MuxPeer.Request("alice", "secret", "smtp", ""));
                    Interlocked.Increment(ref await peer.AnswerAsync() == "OK" ? ref answered : ref unanswered);
                }
            }
        })];
        await LimitTests.UntilAsync(() => Volatile.Read(ref answered) > 500);
        await server.StopAsync();
        await Task.WhenAll(clients).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(0, unanswered);
    }

    [Fact]
    public async Task Reload_under_load_loses_nobody_and_lets_the_old_checker_go()
    {
        var old = new TestChecker();
        await using var server = new SaslauthdServer(Options, old);
        server.Start();
        using var enough = new CancellationTokenSource();
        Task<int>[] clients = [.. Enumerable.Range(0, 8).Select(async _ =>
        {
            int count = 0;
            for (; !enough.IsCancellationRequested; count++)
                Assert.Equal("OK", await MuxPeer.AskAsync(server.SocketPath, "alice", "secret", "smtp", ""));
            return count;
        })];
        IPasswordVerifier[] verifiers = [.. Enumerable.Range(0, 50).Select(static _ => new TestChecker())];
        foreach (IPasswordVerifier verifier in verifiers)
        {
            long before = server.Statistics.Requests;
            await server.ReplaceVerifierAsync(verifier).WaitAsync(TimeSpan.FromSeconds(30));
            await LimitTests.UntilAsync(() => server.Statistics.Requests > before);
        }
        int calls = old.Calls;
        await enough.CancelAsync();
        int[] counts = await Task.WhenAll(clients);

        Assert.Equal(calls, old.Calls);
        Assert.True(((TestChecker)verifiers[^1]).Calls > 0);
        Assert.Equal(counts.Sum(), server.Statistics.Accepted);
    }

    [Fact]
    public async Task A_directory_that_everybody_may_write_is_warned_of()
    {
        var log = new CollectingLog();
        Directory.CreateDirectory(_directory.At("run"));
        Unix(_directory.At("run"), (UnixFileMode)0b111_111_111);
        await using (var server = new SaslauthdServer(Options with { Logs = [log] }, new TestChecker()))
            server.Start();

        Assert.Contains(log.Notes, static note => note.Level is SaslauthdNoteLevel.Warning && note.Text.Contains("every user may write", StringComparison.Ordinal));
    }

    public void Dispose() => _directory.Dispose();

    private static void Unix(string path, UnixFileMode mode) => File.SetUnixFileMode(path, mode);

    private static uint GroupOf(string path) => uint.Parse(
        PeerProcess.RunSuccessfullyAsync(new PeerCommand("/usr/bin/stat", "-c", "%g", path)).GetAwaiter().GetResult().Trim(), CultureInfo.InvariantCulture);

    private static void LeaveSocket(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path + ".made"));
        File.Move(path + ".made", path);    // .NET removes a socket that it has bound, under its first name
    }

    private string Mode(string name) => Convert.ToString((int)File.GetUnixFileMode(_directory.At("run", name)), 8).PadLeft(4, '0');
}
