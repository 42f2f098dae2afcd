using System.Text;
using Microsoft.Extensions.Time.Testing;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Saslauthd.Tests.HttpForm;

public sealed class HttpFormVerifierTests
{
    private const string Data = "user=%u&password=%p&realm=%r&service=%s";
    private const int Concurrent = 50;

    private readonly CheckerRun _run = new();

    [PeerFact("python3")]
    public async Task A_form_accepts_the_right_password_and_refuses_all_others()
    {
        await using PythonFormServer form = await PythonFormServer.StartAsync();
        using HttpFormVerifier verifier = Verifier(form.Port);
        PasswordVerdict right = await _run.AskAsync(verifier, "alice", "secret", "r1");
        Assert.Equal((PasswordOutcome.Match, "httpform"), (right.Outcome, right.DecidedBy));
        string line = await form.WaitForLogAsync(static line => line.StartsWith("POST", StringComparison.Ordinal));
        Assert.Equal($"POST /auth 200 application/x-www-form-urlencoded 127.0.0.1:{form.Port} 'user=alice' 'realm=r1' 'service=%s'", line);

        foreach ((string name, byte[] password) in ((string, byte[])[])
            [("alice", "Secret"u8.ToArray()), ("alice", "secret\0"u8.ToArray()), ("alice", "secret\r\n"u8.ToArray()), ("bob", "secret"u8.ToArray()),
             ("alice&password=secret", "x"u8.ToArray()), ("alice", "x&password=secret"u8.ToArray()), ("alice", "p\u00e4ss\u20ac"u8.ToArray()),
             ("alice", [0xff, 0xfe, 0x00, 0x25]), ("alice", Encoding.ASCII.GetBytes(new string('x', 12_000)))])
        {
            PasswordVerdict wrong = await _run.AskAsync(verifier, name, password);
            Assert.Equal((PasswordOutcome.Mismatch, "Wrong password"), (wrong.Outcome, wrong.Reason));
        }
        Assert.All(_run.Warnings, static warning => Assert.Contains("'%s' means nothing", warning, StringComparison.Ordinal));
    }

    [PeerFact("python3")]
    public async Task Any_status_but_four_is_a_temporary_failure_and_no_redirection_is_followed()
    {
        await using PythonFormServer form = await PythonFormServer.StartAsync();
        foreach ((int status, PasswordOutcome expected) in ((int, PasswordOutcome)[])
            [(200, PasswordOutcome.Match), (204, PasswordOutcome.Match), (401, PasswordOutcome.Mismatch), (403, PasswordOutcome.Mismatch),
             (201, PasswordOutcome.Unavailable), (302, PasswordOutcome.Unavailable), (404, PasswordOutcome.Unavailable), (500, PasswordOutcome.Unavailable), (503, PasswordOutcome.Unavailable)])
        {
            using HttpFormVerifier verifier = Verifier(form.Port, $"/{status}");
            Assert.Equal(expected, await _run.OutcomeAsync(verifier, "alice", "secret"));
        }
        Assert.DoesNotContain("/auth", form.Log.ToString(), StringComparison.Ordinal);
    }

    [PeerFact("python3")]
    public async Task TLS_needs_a_certificate_of_the_right_authority()
    {
        using TestAuthority authority = TestAuthority.Create();
        using TestAuthority stranger = TestAuthority.Create();
        await using PythonFormServer form = await PythonFormServer.StartAsync(authority);
        HttpFormOptions options = Options(form.Port) with { Tls = true, CaFile = authority.CaFile };
        using (var verifier = new HttpFormVerifier(options, _run.Warn))
        {
            Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "alice", "secret"));
            Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(verifier, "alice", "wrong"));
        }
        await form.WaitForLogAsync(static line => line.StartsWith("POST /auth 403", StringComparison.Ordinal));
        int lines = form.Log.Count;
        foreach (HttpFormOptions wrong in (HttpFormOptions[])[options with { CaFile = stranger.CaFile }, options with { CaFile = null }, options with { Tls = false }])
        {
            using var verifier = new HttpFormVerifier(wrong, _run.Warn);
            Assert.Equal(PasswordOutcome.Unavailable, await _run.OutcomeAsync(verifier, "alice", "secret"));
        }
        Assert.DoesNotContain(form.Log.ToString().Split('\n').Skip(lines), static line => line.StartsWith("POST", StringComparison.Ordinal));
        Assert.Contains(_run.Warnings, static warning => warning.Contains("TLS failed", StringComparison.Ordinal));
    }

    [PeerFact("python3")]
    public async Task A_server_that_was_started_again_is_asked_again()
    {
        int port;
        HttpFormVerifier verifier;
        await using (PythonFormServer first = await PythonFormServer.StartAsync())
        {
            port = first.Port;
            verifier = Verifier(port);
            Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "alice", "secret"));
        }
        using (verifier)
        {
            Assert.Equal(PasswordOutcome.Unavailable, await _run.OutcomeAsync(verifier, "alice", "secret"));
            await using PythonFormServer second = await PythonFormServer.StartAsync(port: port);
            Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "alice", "secret"));
        }
    }

    [PeerFact("python3")]
    public async Task Fifty_logins_at_once_are_answered_each_for_itself()
    {
        await using PythonFormServer form = await PythonFormServer.StartAsync();
        using HttpFormVerifier verifier = Verifier(form.Port);
        PasswordOutcome[] outcomes = await Task.WhenAll(
            Enumerable.Range(0, Concurrent).Select(i => _run.OutcomeAsync(verifier, "alice", i % 2 == 0 ? "secret" : $"wrong{i}")));
        Assert.Equal(Enumerable.Range(0, Concurrent).Select(static i => i % 2 == 0 ? PasswordOutcome.Match : PasswordOutcome.Mismatch), outcomes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage\r\n\r\n")]
    [InlineData("HTTP/1.1\r\n\r\n")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200")]
    [InlineData("\0\0\0\0")]
    public async Task Auth_httpform_malformed_response_is_a_temporary_failure(string response)
    {
        await using FakeServer server = FakeServer.Start(async (self, stream, token) =>
        {
            await ReadRequestAsync(self, stream, token);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(response), token);
        });
        using HttpFormVerifier verifier = Verifier(server.Port);
        Assert.Equal(PasswordOutcome.Unavailable, await _run.OutcomeAsync(verifier, "alice", "secret"));
    }

    [Theory]
    [InlineData("HTTP/1.1 403 you sent secret\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 403 \u001b[31mno\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 403 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 403\r\nContent-Length: 0\r\n\r\n")]
    public async Task A_reason_that_may_do_harm_is_replaced(string response)
    {
        await using FakeServer server = FakeServer.Start(async (self, stream, token) =>
        {
            await ReadRequestAsync(self, stream, token);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(response), token);
        });
        using HttpFormVerifier verifier = Verifier(server.Port);
        PasswordVerdict verdict = await _run.AskAsync(verifier, "alice", "secret");
        Assert.Equal((PasswordOutcome.Mismatch, "the form refused the password"), (verdict.Outcome, verdict.Reason));
    }

    [Fact]
    public async Task Endless_headers_are_cut_off()
    {
        await using FakeServer server = FakeServer.Start(async (_, stream, token) =>
        {
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n"u8.ToArray(), token);
            while (true)
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"X-Endless: {new string('x', 1000)}\r\n"), token);
        });
        using HttpFormVerifier verifier = Verifier(server.Port);
        Assert.Equal(PasswordOutcome.Unavailable, await _run.OutcomeAsync(verifier, "alice", "secret"));
        await server.Ended.Task;
    }

    [Fact]
    public async Task An_endless_body_is_not_read()
    {
        await using FakeServer server = FakeServer.Start(async (self, stream, token) =>
        {
            await ReadRequestAsync(self, stream, token);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), token);
            while (true)
                await stream.WriteAsync(new byte[4096], token);
        });
        using HttpFormVerifier verifier = Verifier(server.Port);
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "alice", "secret"));
        await server.Ended.Task;
    }

    [Fact]
    public async Task Silence_ends_at_the_time_limit_and_a_cancelled_caller_is_told_so()
    {
        await using FakeServer server = FakeServer.Start((_, _, token) => Task.Delay(Timeout.Infinite, token));
        var clock = new FakeTimeProvider();
        using var verifier = new HttpFormVerifier(Options(server.Port), _run.Warn, clock);
        Task<PasswordVerdict> asking = _run.AskAsync(verifier, "alice", "secret");
        await server.Accepted.Task;
        Assert.False(asking.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(PasswordOutcome.Unavailable, (await asking).Outcome);
        Assert.Contains(_run.Warnings, static warning => warning.Contains("no answer within 30 seconds", StringComparison.Ordinal));

        using var caller = new CancellationTokenSource();
        asking = _run.AskAsync(verifier, "alice", "secret", cancellationToken: caller.Token);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_temporary_failure()
    {
        using HttpFormVerifier verifier = Verifier(FreePort.Find());
        Assert.Equal(PasswordOutcome.Unavailable, await _run.OutcomeAsync(verifier, "alice", "secret"));
    }

    [Fact]
    public async Task Auth_httpform_overflow_An_input_of_any_length_is_refused_or_sent_whole()
    {
        await using FakeServer server = FakeServer.Start((_, _, _) => Task.CompletedTask);
        using HttpFormVerifier verifier = Verifier(server.Port);
        Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(verifier, "alice", new string('x', HttpFormVerifier.MaxInputLength)));
        Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(verifier, new string('x', HttpFormVerifier.MaxInputLength), "secret"));
        Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(verifier, "alice", ""));
        Assert.Equal(0, server.Connections);
    }

    [PeerFact("python3")]
    public async Task The_daemon_makes_it_from_a_file()
    {
        await using PythonFormServer form = await PythonFormServer.StartAsync();
        using PrivateDirectory folder = PrivateDirectory.Create("httpform");
        using var work = new SaslWorkQueue();
        string file = folder.Write("saslauthd.conf",
            $"httpform_host: 127.0.0.1\nhttpform_port: {form.Port}\nhttpform_uri: /auth\nhttpform_data: user=%u&password=%p\n");
        IPasswordVerifier verifier = HttpFormVerifier.Checker.Make(new SaslauthdCheckerContext { Work = work, Option = file, Warn = _run.Warn });
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "alice", "secret"));
        Assert.Empty(_run.Warnings);
        ((IDisposable)verifier).Dispose();
    }

    private HttpFormVerifier Verifier(int port, string path = "/auth") => new(Options(port) with { Path = path }, _run.Warn);

    private static HttpFormOptions Options(int port) => new() { Host = "127.0.0.1", Port = port, Path = "/auth", Data = Data };

    private static async Task ReadRequestAsync(FakeServer server, System.Net.Sockets.NetworkStream stream, CancellationToken token)
    {
        int length = 0;
        for (string line; (line = await server.LineAsync(stream, token)) is not ("\r\n" or "");)
        {
            if (line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                length = int.Parse(line.AsSpan(15).Trim(), provider: null);
        }
        await server.OctetsAsync(stream, length, token);
    }
}
