using System.Text;
using Microsoft.Extensions.Time.Testing;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Saslauthd.Tests.Rimap;

/// <summary>Servers that say what no IMAP server should.</summary>
public sealed class RimapMisbehaviourTests
{
    private const string Greeting = "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n";

    private readonly CheckerRun _run = new();

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n", RimapReasons.Unavailable)]
    [InlineData("* BYE overloaded\r\n", RimapReasons.Unavailable)]
    [InlineData("* PREAUTH welcome\r\n", RimapReasons.Unavailable)]
    [InlineData("* OKAY\r\n", RimapReasons.Unavailable)]
    [InlineData("\0\u0001\u00ff\r\n", RimapReasons.Unavailable)]
    public async Task A_greeting_that_is_none_is_a_temporary_failure(string greeting, string reason)
    {
        await using FakeServer server = FakeServer.Saying(greeting);
        await ExpectSilenceAsync(server, reason);
        Assert.Empty(server.Received);
    }

    [Theory]
    [InlineData("saslauthd1 BAD what\r\n", RimapReasons.Unexpected)]
    [InlineData("saslauthd1 MAYBE\r\n", RimapReasons.Unexpected)]
    [InlineData("saslauthd1\r\n", RimapReasons.Unexpected)]
    [InlineData("saslauthd10 OK\r\n", RimapReasons.Unexpected)]
    [InlineData("other OK\r\n", RimapReasons.Unexpected)]
    [InlineData("OK\r\n", RimapReasons.Unexpected)]
    [InlineData("+ go on\r\n", RimapReasons.Unexpected)]
    [InlineData("* BYE\r\n", RimapReasons.Unavailable)]
    [InlineData("* BYE\r\nsaslauthd1 OK\r\n", RimapReasons.Unavailable)]
    [InlineData("saslauthd1 NO [UNAVAILABLE] later\r\n", RimapReasons.Unavailable)]
    [InlineData("saslauthd1 NO [ServerBug] later\r\n", RimapReasons.Unavailable)]
    public async Task An_answer_to_LOGIN_that_is_none_is_a_temporary_failure(string answer, string reason)
    {
        await using FakeServer server = FakeServer.Saying(Greeting, answer);
        await ExpectSilenceAsync(server, reason);
    }

    [Theory]
    [InlineData("saslauthd1 OK\r\n", PasswordOutcome.Match, "remote authentication successful")]
    [InlineData("saslauthd1 ok done\n", PasswordOutcome.Match, "remote authentication successful")]
    [InlineData("* 1 EXISTS\r\n* OK [CAPABILITY IMAP4rev1] x\r\nsaslauthd1 OK [CAPABILITY IMAP4rev1] x\r\n", PasswordOutcome.Match, "remote authentication successful")]
    [InlineData("saslauthd1 NO\r\n", PasswordOutcome.Mismatch, "remote server rejected your credentials")]
    [InlineData("saslauthd1 NO [AUTHENTICATIONFAILED] no\r\n", PasswordOutcome.Mismatch, "remote server rejected your credentials")]
    [InlineData("saslauthd1 NO [EXPIRED] no\r\n", PasswordOutcome.Expired, "remote server rejected your credentials")]
    public async Task An_answer_to_LOGIN_has_the_reason_of_the_original(string answer, PasswordOutcome outcome, string reason)
    {
        await using FakeServer server = FakeServer.Saying(Greeting, answer);
        using RimapVerifier verifier = Verifier(server);
        PasswordVerdict verdict = await _run.AskAsync(verifier, "alice", "secret");
        Assert.Equal((outcome, reason, "rimap"), (verdict.Outcome, verdict.Reason, verdict.DecidedBy));
        await server.Ended.Task;
        Assert.Equal("saslauthd1 LOGIN \"alice\" \"secret\"\r\nsaslauthd2 LOGOUT\r\n", server.Received);
    }

    [Fact]
    public async Task A_connection_that_ends_at_any_place_is_a_temporary_failure()
    {
        const string Conversation = Greeting + "* 1 EXISTS\r\nsaslauthd1 OK";
        foreach (int length in (int[])[0, 1, 10, Greeting.Length, Greeting.Length + 5, Conversation.Length])
        {
            await using FakeServer server = FakeServer.Start((_, stream, token) => stream.WriteAsync(Encoding.ASCII.GetBytes(Conversation[..length]), token).AsTask());
            using RimapVerifier verifier = Verifier(server);
            PasswordVerdict verdict = await _run.AskAsync(verifier, "alice", "secret");
            Assert.Equal((PasswordOutcome.Unavailable, RimapReasons.Lost), (verdict.Outcome, verdict.Reason));
        }
    }

    [Fact]
    public async Task An_endless_line_is_cut_off()
    {
        await using FakeServer server = FakeServer.Start(async (_, stream, token) =>
        {
            byte[] block = new byte[4096];
            Array.Fill(block, (byte)'x');
            while (true)
                await stream.WriteAsync(block, token);
        });
        await ExpectSilenceAsync(server, RimapReasons.Unexpected);
        await server.Ended.Task;
    }

    [Fact]
    public async Task A_flood_of_untagged_lines_is_cut_off()
    {
        await using FakeServer server = FakeServer.Start(async (self, stream, token) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Greeting), token);
            await self.LineAsync(stream, token);
            while (true)
                await stream.WriteAsync("* 1 EXISTS\r\n"u8.ToArray(), token);
        });
        await ExpectSilenceAsync(server, RimapReasons.Unexpected);
        await server.Ended.Task;
    }

    [Fact]
    public async Task Silence_ends_at_the_time_limit_and_a_cancelled_caller_is_told_so()
    {
        await using FakeServer server = FakeServer.Start((_, _, token) => Task.Delay(Timeout.Infinite, token));
        var clock = new FakeTimeProvider();
        using var verifier = new RimapVerifier(new RimapOptions { Host = "127.0.0.1", Port = server.Port }, _run.Warn, clock);
        Task<PasswordVerdict> asking = _run.AskAsync(verifier, "alice", "secret");
        await server.Accepted.Task;
        Assert.False(asking.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(30));
        PasswordVerdict verdict = await asking;
        Assert.Equal((PasswordOutcome.Unavailable, RimapReasons.Lost), (verdict.Outcome, verdict.Reason));
        Assert.Contains("no answer within 30 seconds", Assert.Single(_run.Warnings), StringComparison.Ordinal);

        using var caller = new CancellationTokenSource();
        asking = _run.AskAsync(verifier, "alice", "secret", cancellationToken: caller.Token);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_temporary_failure()
    {
        using var verifier = new RimapVerifier(new RimapOptions { Host = "127.0.0.1", Port = FreePort.Find() }, _run.Warn);
        PasswordVerdict verdict = await _run.AskAsync(verifier, "alice", "secret");
        Assert.Equal((PasswordOutcome.Unavailable, RimapReasons.Unreachable), (verdict.Outcome, verdict.Reason));
        Assert.Contains("ConnectionRefused", Assert.Single(_run.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_password_is_sent_where_the_server_says_LOGINDISABLED()
    {
        await using FakeServer server = FakeServer.Saying("* OK ready\r\n", "* CAPABILITY IMAP4rev1 STARTTLS logindisabled\r\nsaslauthd1 OK\r\n");
        await ExpectSilenceAsync(server, RimapReasons.Unavailable);
        Assert.Equal("saslauthd1 CAPABILITY\r\n", server.Received);
        Assert.Contains("LOGINDISABLED", Assert.Single(_run.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("* OK [CAPABILITY IMAP4rev1] x\r\n", "")]
    [InlineData("* OK [CAPABILITY IMAP4rev1 STARTTLS] x\r\n", "saslauthd1 NO\r\n")]
    [InlineData("* OK [CAPABILITY IMAP4rev1 STARTTLS] x\r\n", "saslauthd1 OK\r\nsaslauthd2 OK injected\r\n")]
    [InlineData("* OK [CAPABILITY IMAP4rev1 STARTTLS] x\r\n", "saslauthd1 OK\r\n* this is no TLS\r\n")]
    public async Task No_password_is_sent_where_STARTTLS_does_not_begin_TLS(string greeting, string answer)
    {
        await using FakeServer server = FakeServer.Saying(greeting, answer);
        using var verifier = new RimapVerifier(new RimapOptions { Host = "127.0.0.1", Port = server.Port, Tls = RimapTls.StartTls }, _run.Warn);
        Assert.Equal(PasswordOutcome.Unavailable, await _run.OutcomeAsync(verifier, "alice", "secret"));
        Assert.DoesNotContain("LOGIN", server.Received, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_literal_is_sent_after_the_server_agreed_and_never_else()
    {
        await using FakeServer refusing = FakeServer.Saying(Greeting, "saslauthd1 NO too long\r\n");
        using RimapVerifier refused = Verifier(refusing);
        Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(refused, "alice", "p\u00e4ss"));
        await refusing.Ended.Task;
        Assert.Equal("saslauthd1 LOGIN \"alice\" {5}\r\nsaslauthd2 LOGOUT\r\n", refusing.Received);

        // A yes to half a login is no yes.
        await using FakeServer early = FakeServer.Saying(Greeting, "saslauthd1 OK\r\n");
        await ExpectSilenceAsync(early, RimapReasons.Unexpected, "p\u00e4ss");

        await using FakeServer agreeing = FakeServer.Start(async (self, stream, token) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Greeting), token);
            await self.LineAsync(stream, token);
            await stream.WriteAsync("+ \r\n"u8.ToArray(), token);
            await self.OctetsAsync(stream, 7, token);
            await self.LineAsync(stream, token);
            await stream.WriteAsync("* 1 EXISTS\r\n+\r\n"u8.ToArray(), token);
            await self.OctetsAsync(stream, 300, token);
            await self.LineAsync(stream, token);
            await stream.WriteAsync("saslauthd1 OK\r\n"u8.ToArray(), token);
        });
        using RimapVerifier agreed = Verifier(agreeing);
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(agreed, "jürgen", new string('x', 300)));
        Assert.Equal($"saslauthd1 LOGIN {{7}}\r\njÃ¼rgen {{300}}\r\n{new string('x', 300)}\r\n", agreeing.Received);
    }

    [Fact]
    public async Task Rimap_quoting_escapes_quotes_and_backslashes()
    {
        await using FakeServer server = FakeServer.Saying(Greeting, "saslauthd1 OK\r\n");
        using RimapVerifier verifier = Verifier(server);
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "al\"ice", "\\\" \" {5}", "example.com"));
        await server.Ended.Task;
        Assert.StartsWith("saslauthd1 LOGIN \"al\\\"ice@example.com\" \"\\\\\\\" \\\" {5}\"\r\n", server.Received, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("alice\r\nsaslauthd1 OK", "secret", "")]
    [InlineData("alice", "x\"\r\nsaslauthd1 LOGIN \"bob\" \"secret", "")]
    [InlineData("alice", "secret\0", "")]
    [InlineData("alice\0", "secret", "")]
    [InlineData("alice", "secret\n", "")]
    [InlineData("alice", "secret", "realm\r\n")]
    [InlineData("alice", "", "")]
    public async Task Rimap_CRLF_injection_and_NUL_truncation_are_wrong_passwords_that_are_never_sent(string name, string password, string realm)
    {
        await using FakeServer server = FakeServer.Saying(Greeting, "saslauthd1 OK\r\n");
        using RimapVerifier verifier = Verifier(server);
        Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(verifier, name, password, realm));
        Assert.Equal(0, server.Connections);
    }

    [Fact]
    public async Task Lengths_are_bounded_before_anything_is_sent()
    {
        await using FakeServer server = FakeServer.Saying(Greeting);
        using RimapVerifier verifier = Verifier(server);
        Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(verifier, new string('a', 1025), "secret"));
        Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(verifier, "alice", new string('a', 8193)));
        Assert.Equal(0, server.Connections);
    }

    private RimapVerifier Verifier(FakeServer server) => new(new RimapOptions { Host = "127.0.0.1", Port = server.Port }, _run.Warn);

    private async Task ExpectSilenceAsync(FakeServer server, string reason, string password = "secret")
    {
        using RimapVerifier verifier = Verifier(server);
        PasswordVerdict verdict = await _run.AskAsync(verifier, "alice", password);
        Assert.Equal((PasswordOutcome.Unavailable, reason), (verdict.Outcome, verdict.Reason));
        Assert.Single(_run.Warnings);
    }
}
