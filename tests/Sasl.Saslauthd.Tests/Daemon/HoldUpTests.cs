using System.Text;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Saslauthd.Tests.Daemon;

/// <summary>What can hold a daemon up, and what must not.</summary>
public sealed class HoldUpTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly PrivateDirectory _directory = PrivateDirectory.Create("holdup");

    public void Dispose() => _directory.Dispose();

    // The answer to a wrong password waits; the turn to be checked does not. There is one turn, and the delay is longer than the test.
    [Fact]
    public async Task A_failure_that_is_held_back_holds_nobody_else_up()
    {
        var checker = new TestChecker
        {
            Instead = static (user, _, _) => Task.FromResult(user.Name == "eve"
                ? new PasswordVerdict(PasswordOutcome.Mismatch) { Delay = TimeSpan.FromHours(1) }
                : PasswordOutcome.Match),
        };
        var server = new SaslauthdServer(
            new SaslauthdServerOptions { RunDirectory = _directory.At("run"), MaxChecks = 1, CheckTimeout = TimeSpan.FromHours(2), StopTimeout = TimeSpan.FromMilliseconds(100) },
            checker);
        server.Start();
        Task<string?>[] wrong = [.. Enumerable.Range(0, 5).Select(_ => MuxPeer.AskAsync(server.SocketPath, "eve", "x", "smtp", ""))];
        Assert.Equal("OK", await MuxPeer.AskAsync(server.SocketPath, "alice", "secret", "imap", "").WaitAsync(s_patience));
        Assert.DoesNotContain(wrong, static one => one.IsCompleted);
        await server.StopAsync().WaitAsync(s_patience);
        Assert.All(await Task.WhenAll(wrong), static answer => Assert.StartsWith("NO", answer, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_that_never_returns_does_not_hold_up_the_stop()
    {
        using var log = new StuckLog();
        string run = _directory.At("run");
        var server = new SaslauthdServer(new SaslauthdServerOptions { RunDirectory = run, Logs = [log] }, new TestChecker());
        server.Start();
        Assert.Equal("OK", await MuxPeer.AskAsync(server.SocketPath, "alice", "secret", "imap", ""));
        await server.StopAsync().WaitAsync(s_patience);
        Assert.Empty(Directory.GetFileSystemEntries(run));
        log.Go.Set();
    }

    // Up to here the longest of the sockets' names fits.
    [Theory]
    [InlineData(94, true)]
    [InlineData(95, false)]
    [InlineData(99, false)]
    public async Task A_run_directory_whose_socket_could_not_be_stopped_does_not_start(int length, bool starts)
    {
        string path = _directory.FullPath + "/";
        path += new string('x', length - Encoding.UTF8.GetByteCount(path));
        var server = new SaslauthdServer(new SaslauthdServerOptions { RunDirectory = path }, new TestChecker());
        if (!starts)
        {
            Assert.Contains("too long", Assert.Throws<SaslConfigurationException>(server.Start).Message, StringComparison.Ordinal);
            return;
        }
        server.Start();
        Assert.Equal("OK", await MuxPeer.AskAsync(server.SocketPath, "alice", "secret", "smtp", ""));
        await server.StopAsync();
        Assert.Empty(Directory.GetFileSystemEntries(path));
    }

    [PeerFact("python3")]
    public async Task A_second_start_in_the_same_process_leaves_the_first_one_its_lock()
    {
        string run = _directory.At("run");
        await using var first = new SaslauthdServer(new SaslauthdServerOptions { RunDirectory = run }, new TestChecker());
        first.Start();
        await using (var second = new SaslauthdServer(new SaslauthdServerOptions { RunDirectory = run }, new TestChecker()))
            Assert.Throws<SaslauthdAlreadyRunningException>(second.Start);
        string script = $"import fcntl\nf=open('{run}/saslauthd.pid.lock','r+')\ntry:\n  fcntl.lockf(f,fcntl.LOCK_EX|fcntl.LOCK_NB); print('free')\nexcept OSError: print('held')\n";
        Assert.Equal("held", (await PeerProcess.RunSuccessfullyAsync(new PeerCommand("/usr/bin/python3", "-c", script))).Trim());
    }

    [Fact]
    public async Task A_cached_login_counts_for_the_clients_address_alone_and_whatever_its_port()
    {
        using var cache = new SaslauthdCache();
        await using var daemon = new TestDaemon(options => options with { Cache = cache });
        Assert.Equal("OK", await MuxPeer.AskAsync(daemon.Socket, "alice", "secret", "smtp", "", "192.0.2.1;1"));
        daemon.Checker.Instead = static (_, _, _) => Task.FromResult<PasswordVerdict>(PasswordOutcome.Mismatch);
        Assert.Equal("OK", await MuxPeer.AskAsync(daemon.Socket, "alice", "secret", "smtp", "", "192.0.2.1;2"));
        Assert.Equal("NO", await MuxPeer.AskAsync(daemon.Socket, "alice", "secret", "smtp", "", "203.0.113.9;1"));
    }

    private sealed class StuckLog : SaslauthdLog, IDisposable
    {
        public ManualResetEventSlim Go { get; } = new();

        public override void Write(SaslauthdRequestRecord record) => Go.Wait();

        public override void Note(SaslauthdNoteLevel level, string text) => Go.Wait();

        public void Dispose() => Go.Set();
    }
}
