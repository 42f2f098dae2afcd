using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Saslauthd.Tests.Daemon;

/// <summary>What a request leaves in the log.</summary>
public sealed class LogTests
{
    private static readonly SaslauthdRequestRecord s_record = new()
    {
        Login = "alice", Realm = "example.com", Service = "smtp", Checker = "pam", Outcome = PasswordOutcome.Mismatch,
        Duration = TimeSpan.FromMilliseconds(1.5), Reason = "PAM auth error",
    };

    [Fact]
    public void The_lines_are_the_originals_with_fields_behind_them()
    {
        Assert.Equal(
            "auth failure: [user=alice] [service=smtp] [realm=example.com] [mech=pam] [reason=PAM auth error] [time=1.500ms]", SaslauthdLogLine.Of(s_record));
        Assert.Equal(
            "auth failure: [user=alice] [service=smtp] [realm=] [mech=pam] [reason=Unknown] [client=192.0.2.1;25] [time=1.500ms]",
            SaslauthdLogLine.Of(s_record with { Realm = "", Reason = null, ClientAddress = "192.0.2.1;25" }));
        Assert.Equal(
            "auth success: [user=alice] [service=smtp] [realm=example.com] [mech=pam] [time=1.500ms]",
            SaslauthdLogLine.Of(s_record with { Outcome = PasswordOutcome.Match, Reason = null }));
        Assert.StartsWith("auth success (cached): [user=alice]", SaslauthdLogLine.Of(s_record with { Outcome = PasswordOutcome.Match, IsCached = true }));
    }

    [Fact]
    public void Saslauthd_newline_injection_no_field_ends_the_line_or_imitates_another()
    {
        string line = SaslauthdLogLine.Of(s_record with
        {
            Login = "x] [service=smtp]\nauth success: [user=root",
            Realm = "\r\u001b[2J\u2028\u202e",
            Service = @"\x0a",
            Reason = "a\nb",
        });

        Assert.Equal(
            @"auth failure: [user=x\x5d \x5bservice=smtp\x5d\x0aauth success: \x5buser=root] [service=\x5cx0a] [realm=\x0d\x1b\x5b2J\x2028\x202e] "
            + @"[mech=pam] [reason=a\x0ab] [time=1.500ms]", line);
    }

    [Fact]
    public void Saslauthd_log_arguments_percent_signs_are_only_percent_signs() =>
        Assert.Contains("[user=%s%n%x{0}]", SaslauthdLogLine.Of(s_record with { Login = "%s%n%x{0}" }));

    [Fact]
    public void A_field_of_any_length_is_cut()
    {
        string line = SaslauthdLogLine.Of(s_record with { Reason = new string('r', 100_000) });
        Assert.Contains(new string('r', SaslauthdLogLine.MaxFieldLength) + "...]", line);
        Assert.True(line.Length < 600);
    }

    [Fact]
    public async Task Names_of_a_refused_request_are_shown_without_their_controls()
    {
        await using var daemon = new TestDaemon();
        await daemon.AskAsync("eve\nauth success", "secret");

        SaslauthdRequestRecord record = Assert.Single(await daemon.Log.WaitAsync(1));
        Assert.True(record.IsRefused);
        Assert.Equal(@"eve\x0aauth success", record.Login);
    }

    [Fact]
    public async Task Every_request_is_logged_and_no_password_is()
    {
        await using var daemon = new TestDaemon();
        await daemon.AskAsync("alice", "secret", "imap", "r");
        await daemon.AskAsync("alice", "hunter2", "imap", "r");

        SaslauthdRequestRecord[] records = await daemon.Log.WaitAsync(2);
        Assert.Equal([PasswordOutcome.Match, PasswordOutcome.Mismatch], records.Select(static record => record.Outcome));
        Assert.All(records, static record =>
        {
            Assert.Equal(("alice", "r", "imap", "test"), (record.Login, record.Realm, record.Service, record.Checker));
            Assert.True(record.Duration > TimeSpan.Zero);
            Assert.DoesNotContain("hunter2", record.ToString());
            Assert.DoesNotContain("secret", record.ToString());
        });
    }

    [Fact]
    public async Task A_log_that_throws_or_hangs_stops_no_login()
    {
        using var hanging = new HangingLog();
        await using var daemon = new TestDaemon(options => options with { Logs = [new ThrowingLog(), hanging] });
        for (int i = 0; i < LogPump.MaxWaiting + 100; i++)
            Assert.Equal("OK", await daemon.AskAsync("alice", "secret"));

        hanging.GoOn();
        await LimitTests.UntilAsync(() => hanging.Notes.Any(static note => note.Contains("lines are missing", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Syslog_gets_a_line_with_facility_severity_time_and_pid()
    {
        using var directory = PrivateDirectory.Create("syslog");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(directory.At("log")));
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));
        clock.SetLocalTimeZone(TimeZoneInfo.Utc);
        using var log = new SaslauthdSyslogLog(SaslauthdSyslogFacility.AuthPriv, path: directory.At("log"), clock: clock);
        log.Write(s_record);
        log.Note(SaslauthdNoteLevel.Warning, "two\nlines");
        log.Note(SaslauthdNoteLevel.Debug, "nobody wants this");
        log.Write(s_record with { Outcome = PasswordOutcome.Unavailable });

        Assert.Equal($"<86>Mar  4 05:06:07 saslauthd[{Environment.ProcessId}]: {SaslauthdLogLine.Of(s_record)}", await ReceiveAsync(socket));
        Assert.Equal($@"<84>Mar  4 05:06:07 saslauthd[{Environment.ProcessId}]: two\x0alines", await ReceiveAsync(socket));
        Assert.StartsWith("<84>", await ReceiveAsync(socket));
    }

    [Fact]
    public async Task Syslog_that_is_restarted_is_found_again_and_none_is_no_error()
    {
        using var directory = PrivateDirectory.Create("syslog");
        using var log = new SaslauthdSyslogLog(SaslauthdSyslogFacility.Auth, path: directory.At("log"));
        log.Write(s_record);    // nobody is there
        using (var first = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified))
        {
            first.Bind(new UnixDomainSocketEndPoint(directory.At("log")));
            log.Write(s_record);
            Assert.StartsWith("<38>", await ReceiveAsync(first));
        }
        File.Delete(directory.At("log"));
        using var second = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        second.Bind(new UnixDomainSocketEndPoint(directory.At("log")));
        log.Write(s_record);
        Assert.StartsWith("<38>", await ReceiveAsync(second));
    }

    [Fact]
    public async Task Metrics_count_requests_connections_and_cache_lookups()
    {
        using var cache = new SaslauthdCache();
        using var meters = new MeterWatch(SaslauthdTelemetry.MeterName);
        string checker = Guid.NewGuid().ToString();
        await using (var daemon = new TestDaemon(options => options with { Cache = cache, CheckerName = checker }))
        {
            await daemon.AskAsync("alice", "secret");
            await daemon.AskAsync("alice", "secret");
            await daemon.AskAsync("alice", "wrong");
            await LimitTests.UntilAsync(() => meters.Of("saslauthd.request.duration").Count(tags => tags.Contains(checker, StringComparison.Ordinal)) == 3);
        }

        string[] requests = [.. meters.Of("saslauthd.requests").Where(tags => tags.Contains(checker, StringComparison.Ordinal))];
        Assert.Equal(3, requests.Length);
        Assert.Contains(requests, static tags => tags.Contains("saslauthd.outcome=Match", StringComparison.Ordinal) && tags.Contains("saslauthd.cached=True", StringComparison.Ordinal));
        Assert.Contains(requests, static tags => tags.Contains("saslauthd.outcome=Mismatch", StringComparison.Ordinal));
        Assert.True(meters.Of("saslauthd.cache.lookups").Count >= 3);
        Assert.DoesNotContain(requests, static tags => tags.Contains("alice", StringComparison.Ordinal));
    }

    private static async Task<string> ReceiveAsync(Socket socket)
    {
        byte[] octets = new byte[4096];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return Encoding.UTF8.GetString(octets, 0, await socket.ReceiveAsync(octets, SocketFlags.None, patience.Token));
    }

    private sealed class ThrowingLog : SaslauthdLog
    {
        public override void Write(SaslauthdRequestRecord record) => throw new InvalidOperationException();

        public override void Note(SaslauthdNoteLevel level, string text) => throw new InvalidOperationException();
    }

    private sealed class HangingLog : SaslauthdLog, IDisposable
    {
        private readonly ManualResetEventSlim _goOn = new();

        public System.Collections.Concurrent.ConcurrentQueue<string> Notes { get; } = new();

        public void GoOn() => _goOn.Set();

        public override void Write(SaslauthdRequestRecord record) => _goOn.Wait();

        public override void Note(SaslauthdNoteLevel level, string text)
        {
            _goOn.Wait();
            Notes.Enqueue(text);
        }

        public void Dispose() => _goOn.Dispose();
    }
}
