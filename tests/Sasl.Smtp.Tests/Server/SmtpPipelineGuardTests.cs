using System.Text;
using Xunit;

namespace Sasl.Smtp.Tests.Server;

public sealed class SmtpPipelineGuardTests
{
    [Fact]
    public void Starttls_is_answered_when_nothing_is_waiting_behind_it()
    {
        var guard = new SmtpPipelineGuard(static () => 0);

        Assert.True(guard.TryStartTls(out ReadOnlyMemory<byte> reply));
        Assert.StartsWith("220 ", Encoding.ASCII.GetString(reply.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Starttls_with_something_behind_it_is_refused()
    {
        long unread = Encoding.ASCII.GetByteCount("AUTH PLAIN AGV2aWwAZXZpbA==\r\n");
        var guard = new SmtpPipelineGuard(() => unread);

        Assert.False(guard.TryStartTls(out ReadOnlyMemory<byte> reply));
        Assert.StartsWith("554 ", Encoding.ASCII.GetString(reply.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_made_before_TLS_works_no_more_and_takes_no_response_that_was_sent_before()
    {
        var guard = new SmtpPipelineGuard(static () => 0);
        using SmtpAuthServer before = TestServer.Make(options: new SmtpAuthServerOptions { Pipeline = guard });
        Assert.Equal("334 ", await before.Begin(" PLAIN"));
        guard.TryStartTls(out _);

        await Assert.ThrowsAsync<InvalidOperationException>(() => before.Continue(TestServer.Plain()));
        await Assert.ThrowsAsync<InvalidOperationException>(() => before.Begin(" PLAIN " + TestServer.Plain()));
        Assert.Null(before.Identity);

        using SmtpAuthServer after = TestServer.Make(options: new SmtpAuthServerOptions { Pipeline = guard });
        Assert.StartsWith("235", await after.Begin(" PLAIN " + TestServer.Plain()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Response_sent_before_its_challenge_is_refused()
    {
        long unread = 30;
        using SmtpAuthServer server = TestServer.Make(options: new SmtpAuthServerOptions { Pipeline = new SmtpPipelineGuard(() => unread) });

        Assert.Equal("503 5.5.1 Bad sequence of commands", await server.Begin(" PLAIN"));
        Assert.Equal(SmtpAuthState.ExpectCommand, server.State);

        unread = 0;
        Assert.Equal("334 ", await server.Begin(" PLAIN"));
    }

    [Fact]
    public async Task Commands_behind_an_AUTH_that_needs_no_further_response_are_allowed()
    {
        using SmtpAuthServer server = TestServer.Make(
            options: new SmtpAuthServerOptions { Pipeline = new SmtpPipelineGuard(static () => 30) });

        Assert.StartsWith("235", await server.Begin(" PLAIN " + TestServer.Plain()), StringComparison.Ordinal);
    }
}
