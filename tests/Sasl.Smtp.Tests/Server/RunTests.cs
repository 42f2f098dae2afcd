using Xunit;

namespace Sasl.Smtp.Tests.Server;

public sealed class RunTests
{
    [Fact]
    public async Task Client_that_hangs_up_is_nobody_and_leaves_no_exchange_behind()
    {
        using SmtpAuthServer server = TestServer.Make();
        var pipe = new LinePipe();
        pipe.ClientCloses();

        Assert.Null(await server.RunAsync(" PLAIN"u8.ToArray(), pipe.ServerWrites, pipe.ServerReads));
        Assert.Equal(SmtpAuthState.ExpectCommand, server.State);
        Assert.StartsWith("235", await server.Begin(" PLAIN " + TestServer.Plain()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_that_fails_leaves_no_exchange_behind()
    {
        using SmtpAuthServer server = TestServer.Make();

        await Assert.ThrowsAsync<IOException>(async () => await server.RunAsync(
            " PLAIN"u8.ToArray(), static (_, _) => throw new IOException("gone"), static _ => default));
        Assert.Equal(SmtpAuthState.ExpectCommand, server.State);
    }

    [Fact]
    public async Task Command_that_is_refused_makes_nobody_of_whoever_is_logged_in()
    {
        using SmtpAuthServer server = TestServer.Make();
        var pipe = new LinePipe();
        await server.Begin(" PLAIN " + TestServer.Plain());

        Assert.Null(await server.RunAsync(" PLAIN"u8.ToArray(), pipe.ServerWrites, pipe.ServerReads));
        Assert.Equal(["S: 503 5.5.1 Bad sequence of commands"], pipe.Conversation);
        Assert.NotNull(server.Identity);
    }

    [Fact]
    public async Task Line_that_is_too_long_for_the_line_stream_ends_an_exchange_with_500()
    {
        byte[] octets = [.. Enumerable.Repeat((byte)'A', 3 * SmtpLineStream.MaxLineLength), .. "\r\n"u8];
        using var lines = new SmtpLineStream(new MemoryStream(octets));
        using SmtpAuthServer server = TestServer.Make();
        var pipe = new LinePipe();

        Assert.Null(await server.RunAsync(" PLAIN"u8.ToArray(), pipe.ServerWrites, lines.ReadLineAsync));
        Assert.Equal(["S: 334 ", "S: 500 5.5.6 Authentication exchange line is too long"], pipe.Conversation);
    }

    [Fact]
    public async Task Back_end_that_is_given_up_waiting_for_leaves_the_server_usable()
    {
        using var cancellation = new CancellationTokenSource();
        SaslMechanism slow = new("X-SLOW")
        {
            Security = SaslSecurityFlags.NoPlaintext,
            Server = _ => new SlowExchange(cancellation),
        };
        using SmtpAuthServer server = TestServer.Make(mechanisms: [slow]);
        await server.Begin(" X-SLOW");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await server.ContinueAsync("AAAA"u8.ToArray(), cancellation.Token));
        Assert.Equal(SmtpAuthState.ExpectCommand, server.State);
        Assert.Equal("334 ", await server.Begin(" X-SLOW"));
    }

    private sealed class SlowExchange(CancellationTokenSource cancellation) : SaslExchange
    {
        public override async ValueTask<SaslStep> StepAsync(
            ReadOnlyMemory<byte> input, System.Buffers.IBufferWriter<byte> output, CancellationToken cancellationToken)
        {
            await cancellation.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
            return SaslStep.Continue;
        }
    }
}
