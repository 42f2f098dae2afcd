using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Saslauthd.Tests.Verifiers;

public sealed class SaslauthdVerifierTests
{
    private const int Nobody = 65534;

    [Theory]
    [InlineData("alice", "", "", "alice", "")]
    [InlineData("alice", "", "example.com", "alice", "example.com")]
    [InlineData("alice", "example.org", "example.com", "alice", "example.org")]
    [InlineData("alice", "sub@example.org", "", "alice@sub", "example.org")]
    [InlineData("alice@sub", "example.org", "", "alice@sub", "example.org")]
    [InlineData("alice@example.org", "", "example.com", "alice", "example.org")]
    public async Task The_realm_begins_after_the_last_at_sign(string name, string realm, string connectionRealm, string login, string sentRealm)
    {
        await using FakeDaemon daemon = FakeDaemon.Saying("\0\u0002OK");
        using SaslauthdVerifier verifier = daemon.Verifier();
        PasswordVerdict verdict = await verifier.VerifyAsync(
            new SaslUser(name, realm), "secret"u8.ToArray(), Ask.Smtp with { Realm = connectionRealm }, CancellationToken.None);
        Assert.Equal(PasswordOutcome.Match, verdict.Outcome);
        Assert.Equal($"\0{(char)login.Length}{login}\0\u0006secret\0\u0004smtp\0{(char)sentRealm.Length}{sentRealm}", Assert.Single(daemon.Requests));
    }

    [Fact]
    public async Task The_development_versions_daemon_is_told_the_clients_address()
    {
        await using FakeDaemon daemon = FakeDaemon.Saying("\0\u0002OK");
        using SaslauthdVerifier verifier = daemon.Verifier(sendClientAddress: true);
        SaslServiceInfo service = Ask.Smtp with { Channel = SaslChannel.Plaintext with { Remote = IPEndPoint.Parse("192.0.2.1:40000") } };
        await verifier.VerifyAsync(Ask.Alice, "secret"u8.ToArray(), service, CancellationToken.None);
        Assert.EndsWith("\0\u0004smtp\0\0\0\u000F192.0.2.1;40000", Assert.Single(daemon.Requests), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\0\u0002OK", PasswordOutcome.Match, null)]
    [InlineData("\0\u0009OK fine. ", PasswordOutcome.Match, "fine.")]
    [InlineData("\0\u0002NO", PasswordOutcome.Mismatch, null)]
    [InlineData("\0\u0011NO PAM auth error", PasswordOutcome.Mismatch, "PAM auth error")]
    [InlineData("\0\u0007NO \u001b[2J", PasswordOutcome.Mismatch, "?[2J")]
    public async Task The_daemons_answer_is_a_verdict_and_its_reason_the_administrators(string reply, PasswordOutcome outcome, string? reason)
    {
        await using FakeDaemon daemon = FakeDaemon.Saying([.. reply.Select(static octet => octet.ToString())]);
        using SaslauthdVerifier verifier = daemon.Verifier();
        PasswordVerdict verdict = await verifier.AskAsync("alice", "secret");
        Assert.Equal(new PasswordVerdict(outcome, "saslauthd") { Reason = reason }, verdict);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0")]
    [InlineData("\0\u0002")]
    [InlineData("\0\u0009OK")]
    [InlineData("\u0004\0OK")]
    public async Task Half_a_reply_is_no_yes(string reply)
    {
        await using FakeDaemon daemon = FakeDaemon.Saying(reply);
        using SaslauthdVerifier verifier = daemon.Verifier();
        Assert.Contains($"saslauthd at {daemon.Path} closed the connection before its reply was complete", await verifier.TroubleAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\0\0")]
    [InlineData("\0\u0001O")]
    [InlineData("\0\u0004OKAY")]
    [InlineData("\0\u0003yes")]
    [InlineData("220 mail.example.com ESMTP Postfix, and then some more so that the count in front is reached by far and away, and again by far, 220 mail.example.com ESMTP Postfix, and then some more so that the count in front is reached by far and away, and again by far")]
    public async Task Garbage_is_no_answer(string reply)
    {
        // "22" is a count of 12850: what is read of it fills the buffer.
        await using FakeDaemon daemon = FakeDaemon.Saying(reply.Length > 100 ? string.Concat(Enumerable.Repeat(reply, 50)) : reply);
        using SaslauthdVerifier verifier = daemon.Verifier();
        Assert.Contains($"what listens on {daemon.Path} does not answer as saslauthd does", await verifier.TroubleAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_an_endless_reply_the_beginning_decides()
    {
        await using FakeDaemon daemon = FakeDaemon.Saying("\u00FF\u00FFOK ", new string('x', 200_000));
        using SaslauthdVerifier verifier = daemon.Verifier();
        PasswordVerdict verdict = await verifier.AskAsync("alice", "secret");
        Assert.Equal(PasswordOutcome.Match, verdict.Outcome);
        Assert.Equal(DaemonText.MaxLength, verdict.Reason!.Length);
    }

    [Theory]
    [InlineData("internal mechanism failure")]
    [InlineData("[ALERT] Couldn't contact remote authentication server")]
    public async Task A_daemon_that_could_not_check_has_not_said_that_the_password_is_wrong(string reason)
    {
        await using FakeDaemon daemon = FakeDaemon.Saying($"\0{(char)(reason.Length + 3)}NO {reason}");
        using SaslauthdVerifier verifier = daemon.Verifier();
        Assert.EndsWith($"cannot check passwords now: {reason}", await verifier.TroubleAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("alice", "", "the password is empty")]
    [InlineData("alice", "sec\0ret", "the password contains a NUL")]
    [InlineData("al\0ice", "secret", "the login name contains a NUL")]
    [InlineData("alice", "long", "the password is longer than the 256 octets that saslauthd takes")]
    [InlineData("long", "secret", "the login name is longer than the 256 octets that saslauthd takes")]
    public async Task What_cannot_be_sent_is_a_mismatch_and_the_daemon_never_sees_it(string user, string password, string reason)
    {
        await using FakeDaemon daemon = FakeDaemon.Saying("\0\u0002OK");
        using SaslauthdVerifier verifier = daemon.Verifier();
        PasswordVerdict verdict = await verifier.AskAsync(
            user == "long" ? new string('x', 257) : user, password == "long" ? new string('x', 257) : password);
        Assert.Equal(new PasswordVerdict(PasswordOutcome.Mismatch, "saslauthd") { Reason = $"not asked: {reason}" }, verdict);
        Assert.Empty(daemon.Requests);
    }

    [Fact]
    public async Task Any_octets_but_NUL_are_sent_as_they_are()
    {
        byte[] password = [.. Enumerable.Range(1, 255).Select(static octet => (byte)octet)];
        await using FakeDaemon daemon = FakeDaemon.Saying("\0\u0002OK");
        using SaslauthdVerifier verifier = daemon.Verifier();
        await verifier.VerifyAsync(Ask.Alice, password, Ask.Smtp, CancellationToken.None);
        Assert.Equal($"\0\u0005alice\0\u00FF{Encoding.Latin1.GetString(password)}\0\u0004smtp\0\0", Assert.Single(daemon.Requests));
    }

    [Fact]
    public async Task Without_a_socket_the_sentence_says_where_it_was_looked_for()
    {
        using PrivateDirectory directory = PrivateDirectory.Create("absent");
        using var verifier = new SaslauthdVerifier(new() { Path = directory.At("nowhere", "mux") });
        string sentence = await verifier.TroubleAsync();
        Assert.Contains($"saslauthd has no socket at {directory.At("nowhere", "mux")}", sentence, StringComparison.Ordinal);
        Assert.Contains("saslauthd_path", sentence, StringComparison.Ordinal);
        Assert.Equal(PasswordDaemonFault.Absent, (await verifier.ProbeAsync(CancellationToken.None)).Fault);
    }

    [Fact]
    public async Task A_socket_that_nobody_listens_on_is_told_from_none()
    {
        using PrivateDirectory directory = PrivateDirectory.Create("left");
        using var bound = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        bound.Bind(new UnixDomainSocketEndPoint(directory.At("mux")));
        using var verifier = new SaslauthdVerifier(new() { Path = directory.At("mux") });
        Assert.StartsWith($"nobody listens on {directory.At("mux")}", await verifier.TroubleAsync(), StringComparison.Ordinal);
        Assert.Equal(PasswordDaemonFault.NotListening, (await verifier.ProbeAsync(CancellationToken.None)).Fault);
    }

    [Fact]
    public async Task A_folder_stands_for_the_socket_in_it()
    {
        await using FakeDaemon daemon = FakeDaemon.Saying("\0\u0002OK");
        using var verifier = new SaslauthdVerifier(new() { Path = daemon.Folder });
        Assert.Equal(daemon.Path, Assert.Single(verifier.Paths));
        Assert.Equal(PasswordOutcome.Match, await verifier.OutcomeAsync("alice", "secret"));
    }

    // A mail server may start before saslauthd has made its folder.
    [Fact]
    public async Task A_folder_that_comes_later_stands_for_the_socket_in_it_too()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"sasl-later-{Guid.NewGuid():N}");
        using var verifier = new SaslauthdVerifier(new() { Path = folder });
        await using var server = new SaslauthdServer(new SaslauthdServerOptions { RunDirectory = folder }, new Daemon.TestChecker());
        try
        {
            server.Start();
            Assert.Equal(PasswordOutcome.Match, await verifier.OutcomeAsync("alice", "secret"));
        }
        finally
        {
            await server.StopAsync();
            Directory.Delete(folder);
        }
    }

    [Theory]
    [InlineData("krb5_verify_init_creds failed")]
    [InlineData("Username lookup failure: Permission denied")]
    [InlineData("Username shadow lookup failure: Too many open files")]
    [InlineData("Insufficient permission to access NIS authentication database (saslauthd)")]
    public async Task What_the_daemon_could_not_check_is_no_wrong_password(string words)
    {
        string reply = $"NO {words}";
        await using FakeDaemon daemon = FakeDaemon.Saying($"\0{(char)reply.Length}{reply}");
        using var verifier = new SaslauthdVerifier(new() { Path = daemon.Path });
        await Assert.ThrowsAsync<SaslUnavailableException>(() => verifier.OutcomeAsync("alice", "secret"));
    }

    [Fact]
    public async Task A_socket_of_another_name_that_comes_later_is_found_too()
    {
        string path = Path.Combine(Path.GetTempPath(), $"sasl-later-{Guid.NewGuid():N}");
        using var verifier = new SaslauthdVerifier(new() { Path = path });
        using var listener = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        try
        {
            listener.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
            listener.Listen();
            Task<PasswordOutcome> asked = verifier.OutcomeAsync("alice", "secret");
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            using System.Net.Sockets.Socket peer = await listener.AcceptAsync(deadline.Token);
            await peer.SendAsync("\0\u0002OK"u8.ToArray(), deadline.Token);
            Assert.Equal(PasswordOutcome.Match, await asked);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Without_a_path_the_usual_ones_are_tried() =>
        Assert.Equal("/var/run/saslauthd/mux", new SaslauthdVerifier().Paths[0]);

    [Fact]
    public void A_path_that_no_socket_can_have_is_a_mistake_at_once() =>
        Assert.Throws<ArgumentException>(static () => new SaslauthdVerifier(new() { Path = "/" + new string('x', 200) }));

    [Fact]
    public async Task Saslauthd_no_timeouts()
    {
        var clock = new FakeTimeProvider();
        var received = new TaskCompletionSource();
        await using FakeDaemon daemon = FakeDaemon.Serving(async (self, socket, token) =>
        {
            await self.ReceiveAsync(socket, token);
            received.SetResult();
            await Task.Delay(Timeout.Infinite, token);
        });
        using SaslauthdVerifier verifier = daemon.Verifier(new() { Clock = clock, Timeout = TimeSpan.FromSeconds(7) });
        Task<string> trouble = verifier.TroubleAsync();
        await received.Task;
        clock.Advance(TimeSpan.FromSeconds(6.9));
        Assert.False(trouble.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Contains($"saslauthd at {daemon.Path} did not answer within 7 s", await trouble, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_asks_can_give_up()
    {
        using var giveUp = new CancellationTokenSource();
        await using FakeDaemon daemon = FakeDaemon.Serving(async (self, socket, token) =>
        {
            await self.ReceiveAsync(socket, token);
            await giveUp.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
        });
        using SaslauthdVerifier verifier = daemon.Verifier();
        OperationCanceledException exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await verifier.AskAsync("alice", "secret", cancellationToken: giveUp.Token));
        Assert.Equal(giveUp.Token, exception.CancellationToken);
    }

    [Fact]
    public async Task Connections_are_bounded_and_so_are_those_who_wait()
    {
        var gate = new TaskCompletionSource();
        var both = new TaskCompletionSource();
        int arrived = 0;
        await using FakeDaemon daemon = FakeDaemon.Serving(async (self, socket, token) =>
        {
            await self.ReceiveAsync(socket, token);
            if (Interlocked.Increment(ref arrived) == 2)
                both.SetResult();
            await gate.Task;
            await socket.SendAsync("\0\u0002OK"u8.ToArray(), SocketFlags.None, token);
        });
        using SaslauthdVerifier verifier = daemon.Verifier(new() { MaxConnections = 2, MaxWaiting = 3 });
        Task<PasswordOutcome>[] logins = [.. Enumerable.Range(0, 5).Select(_ => verifier.OutcomeAsync("alice", "secret"))];
        await both.Task;
        Assert.Contains("are waiting than its 2 connections can serve", await verifier.TroubleAsync(), StringComparison.Ordinal);
        gate.SetResult();
        Assert.All(await Task.WhenAll(logins), static outcome => Assert.Equal(PasswordOutcome.Match, outcome));
        Assert.Equal(2, daemon.MostAtOnce);
        Assert.Equal(PasswordOutcome.Match, await verifier.OutcomeAsync("alice", "secret"));
    }

    [Fact]
    public async Task Who_waits_for_a_turn_too_long_is_told_so()
    {
        var clock = new FakeTimeProvider();
        var received = new TaskCompletionSource();
        await using FakeDaemon daemon = FakeDaemon.Serving(async (self, socket, token) =>
        {
            await self.ReceiveAsync(socket, token);
            received.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
        });
        using SaslauthdVerifier verifier = daemon.Verifier(new() { Clock = clock, MaxConnections = 1 });
        Task<string> first = verifier.TroubleAsync();
        await received.Task;
        Task<string> second = verifier.TroubleAsync();
        clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Contains("did not answer", await first, StringComparison.Ordinal);
        Assert.Matches("are waiting|did not answer", await second);
    }

    [Fact]
    public async Task A_daemon_that_takes_no_connection_is_tried_again_until_it_does()
    {
        // One connection waits in a queue of this length, and one more; the next is turned away until the first is taken.
        var gate = new TaskCompletionSource();
        await using FakeDaemon daemon = FakeDaemon.Serving(
            async (self, socket, token) =>
            {
                await self.ReceiveAsync(socket, token);
                await gate.Task;
                await socket.SendAsync("\0\u0002OK"u8.ToArray(), SocketFlags.None, token);
            },
            backlog: 1);
        using SaslauthdVerifier verifier = daemon.Verifier();
        Task<PasswordOutcome>[] logins = [.. Enumerable.Range(0, 30).Select(_ => verifier.OutcomeAsync("alice", "secret"))];
        gate.SetResult();
        Assert.All(await Task.WhenAll(logins), static outcome => Assert.Equal(PasswordOutcome.Match, outcome));
    }

    [Fact]
    public async Task A_full_queue_is_told_from_a_daemon_that_does_not_answer()
    {
        using PrivateDirectory directory = PrivateDirectory.Create("full");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(directory.At("mux")));
        listener.Listen(0);
        using var queued = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await queued.ConnectAsync(new UnixDomainSocketEndPoint(directory.At("mux")));
        using var verifier = new SaslauthdVerifier(new() { Path = directory.At("mux"), Limits = new() { ConnectTimeout = TimeSpan.FromMilliseconds(1) } });
        Assert.Contains("took no connection for", await verifier.TroubleAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\0\u0003NO ", null)]
    [InlineData("\0\u0002OK", PasswordDaemonFault.Garbage)]
    [InlineData("\0\u0002No", PasswordDaemonFault.Garbage)]
    [InlineData("", PasswordDaemonFault.ClosedEarly)]
    public async Task A_probe_asks_for_nobody_and_expects_a_no(string reply, PasswordDaemonFault? fault)
    {
        await using FakeDaemon daemon = FakeDaemon.Saying(reply);
        using SaslauthdVerifier verifier = daemon.Verifier();
        PasswordDaemonState state = await verifier.ProbeAsync(CancellationToken.None);
        Assert.Equal(fault, state.Fault);
        Assert.Contains(daemon.Path, state.Text, StringComparison.Ordinal);
        Assert.Equal("\0\0\0\u0004none\0\u0006health\0\0", Assert.Single(daemon.Requests));
    }

    [Fact]
    public async Task The_first_path_that_is_there_is_used_and_found_again_after_it_has_moved()
    {
        using PrivateDirectory directory = PrivateDirectory.Create("paths");
        (string first, string second) = (directory.At("first"), directory.At("second"));
        using var line = new DaemonSocket(
            new DaemonProfile("saslauthd", 100) { AbsentHint = "", ForbiddenHint = "" }, [first, second], new PasswordDaemonLimits());
        Assert.Equal(PasswordDaemonFault.Absent, (await line.TouchAsync(CancellationToken.None))!.Fault);
        using (Listen(second))
        {
            Assert.Null(await line.TouchAsync(CancellationToken.None));
            Assert.Equal(second, line.PathInUse);
        }
        File.Delete(second);
        using (Listen(first))
        {
            Assert.Null(await line.TouchAsync(CancellationToken.None));
            Assert.Equal(first, line.PathInUse);
        }
    }

    [Fact]
    public async Task A_socket_that_this_process_may_not_use_is_told_from_none()
    {
        await using FakeDaemon daemon = FakeDaemon.Saying("\0\u0003NO ");
        using SaslauthdVerifier verifier = daemon.Verifier();
        PasswordDaemonState state = default;
        File.SetUnixFileMode(daemon.Folder, UnixFileMode.None);
        // Root may use everything. A thread whose file rights are nobody's may not; a connection is made, or not, on the thread that asks.
        var thread = new Thread(() =>
        {
            if (Environment.IsPrivilegedProcess)
                _ = SetFileUser(Nobody);
            ValueTask<PasswordDaemonState> probe = verifier.ProbeAsync(CancellationToken.None);
            Assert.True(probe.IsCompleted);
            state = probe.Result;
        });
        thread.Start();
        thread.Join();
        File.SetUnixFileMode(daemon.Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Equal(PasswordDaemonFault.Forbidden, state.Fault);
        Assert.StartsWith($"this process may not use {daemon.Path}, the socket of saslauthd; make its user a member of the group", state.Text, StringComparison.Ordinal);
    }

    [DllImport("libc", EntryPoint = "setfsuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetFileUser(int user);

    private static Socket Listen(string path)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        return listener;
    }

    [Fact]
    public void A_question_is_described_as_it_is_sent()
    {
        using var verifier = new SaslauthdVerifier(new() { SendClientAddress = true });
        Assert.Equal(
            ["login=alice@sub", "realm=example.org", "service=smtp", "client="],
            verifier.DescribeQuestion(new SaslUser("alice", "sub@example.org"), Ask.Smtp).Select(static part => $"{part.Key}={part.Value}"));
    }
}
