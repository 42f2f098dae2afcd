using Xunit;
using static Sasl.Core.Tests.Sessions.Scripted;

namespace Sasl.Core.Tests.Sessions;

/// <summary>What the client's session guarantees for every mechanism (design section 5).</summary>
public sealed class SaslClientSessionTests : IDisposable
{
    private readonly List<IDisposable> _disposables = [];

    public void Dispose() => _disposables.ForEach(static disposable => disposable.Dispose());

    [Fact]
    public async Task The_initial_response_is_in_the_first_reply()
    {
        SaslClientSession session = Session(Client("M", Finishes("hello")));
        SaslReply reply = await session.StartAsync(["M"]);
        Assert.Equal(SaslStatus.Continue, reply.Status);
        Assert.Equal("hello", reply.Text());
        Assert.False(session.IsAuthenticated);
        Assert.True((await session.CompleteAsync()).IsSuccess);
        Assert.True(session.IsAuthenticated);
    }

    [Fact]
    public async Task An_empty_initial_response_is_not_a_missing_one()
    {
        Assert.Equal("", (await Session(Client("M", Finishes())).StartAsync(["M"])).Text());
        Assert.Null((await Session(Client("M", Finishes()) with { FirstMove = SaslFirstMove.Server }).StartAsync(["M"])).Text());
        Assert.Null((await Session(Client("M", Finishes()) with { FirstMove = SaslFirstMove.Either }).StartAsync(["M"])).Text());
    }

    [Fact]
    public async Task Challenges_are_answered_one_by_one()
    {
        var exchange = new ScriptedExchange(Asks("one"), Asks("two"), Finishes("three"));
        SaslClientSession session = Session(ClientOf("M", () => exchange));
        Assert.Equal("one", (await session.StartAsync(["M"])).Text());
        Assert.Equal("two", (await session.StepAsync(Octets("a"))).Text());
        Assert.False(session.IsFinished);
        Assert.Equal("three", (await session.StepAsync(Octets("b"))).Text());
        Assert.True(session.IsFinished);
        Assert.Equal(["", "a", "b"], exchange.Inputs);
    }

    [Theory]
    [InlineData("")]
    [InlineData("again")]
    public async Task A_server_that_asks_again_after_the_end_is_refused(string challenge)
    {
        var exchange = new ScriptedExchange(Finishes("alice pencil"), Finishes("alice pencil"));
        SaslClientSession session = Session(ClientOf("M", () => exchange));
        await session.StartAsync(["M"]);
        SaslReply reply = await session.StepAsync(Octets(challenge));
        Assert.Equal(SaslError.Malformed, reply.Error);
        Assert.Null(reply.Message);
        Assert.Equal("the server asked again after the end of the exchange", session.FailureDetail);
        Assert.Single(exchange.Inputs);
        Assert.Equal(1, exchange.Erased);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.CompleteAsync());
    }

    [Fact]
    public async Task Success_without_proof_is_a_server_that_is_not_authentic()
    {
        var exchange = new ScriptedExchange(Asks("first"), Asks("final"), Finishes());
        SaslMechanism mutual = ClientOf("M", () => exchange) with { Security = (SaslSecurityFlags)0x7F };
        SaslClientSession session = Session(mutual);
        await session.StartAsync(["M"]);
        await session.StepAsync(Octets("server-first"));
        Assert.Equal(SaslError.ServerNotAuthentic, (await session.CompleteAsync()).Error);
        Assert.False(session.IsAuthenticated);
        Assert.Equal(1, exchange.Erased);
        Assert.Equal("the server reported success without proving that it knows the secret", session.FailureDetail);
    }

    [Fact]
    public async Task Success_data_that_does_not_prove_anything_is_a_server_that_is_not_authentic()
    {
        SaslMechanism mutual = Client("M", Asks("first"), Says("", SaslStep.Continue)) with { Security = (SaslSecurityFlags)0x7F };
        SaslClientSession session = Session(mutual);
        await session.StartAsync(["M"]);
        Assert.Equal(SaslError.ServerNotAuthentic, (await session.CompleteAsync(Octets("x"))).Error);

        session = Session(Client("M", Asks("first"), Fails(SaslError.ServerNotAuthentic)));
        await session.StartAsync(["M"]);
        Assert.Equal(SaslError.ServerNotAuthentic, (await session.CompleteAsync(Octets("v=wrong"))).Error);
        Assert.Equal("scripted failure", session.FailureDetail);
        Assert.False(session.IsAuthenticated);
    }

    [Fact]
    public async Task Success_before_the_end_of_the_exchange_is_malformed()
    {
        SaslClientSession session = Session(Client("M", Asks("one"), Finishes()));
        await session.StartAsync(["M"]);
        Assert.Equal(SaslError.Malformed, (await session.CompleteAsync()).Error);

        session = Session(Client("M", Finishes("response")) with { FirstMove = SaslFirstMove.Server });
        await session.StartAsync(["M"]);
        Assert.Equal(SaslError.Malformed, (await session.CompleteAsync()).Error);
        Assert.False(session.IsAuthenticated);
    }

    [Fact]
    public async Task The_proof_may_come_with_success_or_as_a_challenge()
    {
        var exchange = new ScriptedExchange(Asks("first"), Finishes());
        SaslClientSession session = Session(ClientOf("M", () => exchange));
        await session.StartAsync(["M"]);
        Assert.True((await session.CompleteAsync(Octets("v=proof"))).IsSuccess);
        Assert.Equal(["", "v=proof"], exchange.Inputs);

        session = Session(Client("M", Asks("first"), Finishes()));
        await session.StartAsync(["M"]);
        Assert.Equal("", (await session.StepAsync(Octets("v=proof"))).Text());
        Assert.True((await session.CompleteAsync()).IsSuccess);
        Assert.True(session.IsAuthenticated);
    }

    [Fact]
    public async Task Success_data_after_the_end_or_with_more_to_say_is_malformed()
    {
        SaslClientSession session = Session(Client("M", Finishes("x")));
        await session.StartAsync(["M"]);
        Assert.Equal(SaslError.Malformed, (await session.CompleteAsync(Octets("data"))).Error);

        session = Session(Client("M", Asks("one"), Finishes("still something")));
        await session.StartAsync(["M"]);
        Assert.Equal(SaslError.Malformed, (await session.CompleteAsync(Octets("data"))).Error);
        Assert.False(session.IsAuthenticated);

        session = Session(Client("M", Finishes("x")));
        await session.StartAsync(["M"]);
        Assert.True((await session.CompleteAsync(ReadOnlyMemory<byte>.Empty)).IsSuccess);
    }

    [Fact]
    public async Task A_message_longer_than_the_limit_is_refused_before_the_mechanism_sees_it()
    {
        var exchange = new ScriptedExchange(Asks("one"), Finishes());
        SaslClientSession session = Session(ClientOf("M", () => exchange), static options => options with { MaxMessageLength = 5 });
        await session.StartAsync(["M"]);
        Assert.Equal(SaslError.MessageTooLong, (await session.StepAsync(Octets("123456"))).Error);
        Assert.Single(exchange.Inputs);
        Assert.Equal(1, exchange.Erased);

        exchange = new ScriptedExchange(Asks("one"), Finishes());
        await session.StartAsync(["M"]);
        Assert.Equal(SaslError.MessageTooLong, (await session.CompleteAsync(Octets("123456"))).Error);
        Assert.Single(exchange.Inputs);
    }

    [Fact]
    public async Task A_failed_exchange_cannot_be_continued_and_its_output_is_not_sent()
    {
        var exchange = new ScriptedExchange(Asks("one"), Fails(SaslError.Malformed, output: "secret"));
        SaslClientSession session = Session(ClientOf("M", () => exchange));
        await session.StartAsync(["M"]);
        SaslReply reply = await session.StepAsync(Octets("bad"));
        Assert.Equal(SaslError.Malformed, reply.Error);
        Assert.Null(reply.Message);
        Assert.Equal("scripted failure", session.FailureDetail);
        Assert.Equal(1, exchange.Erased);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.StepAsync(Octets("x")));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.CompleteAsync());
    }

    [Fact]
    public async Task What_was_sent_is_erased_with_the_exchange()
    {
        SaslClientSession session = Session(Client("M", Asks("pencil"), Fails(output: "secret")));
        ReadOnlyMemory<byte> sent = (await session.StartAsync(["M"])).Message!.Value;
        session.Abort();
        Assert.Equal(new byte[6], sent.ToArray());

        sent = (await session.StartAsync(["M"])).Message!.Value;
        await session.StepAsync(Octets("y"));
        Assert.Equal(new byte[6], sent.ToArray());
    }

    [Fact]
    public async Task After_a_failure_another_mechanism_can_be_tried()
    {
        SaslClientSession session = Session([Client("ONE", Fails()), Client("TWO", Finishes("hello"))]);
        Assert.Equal(SaslError.InvalidCredentials, (await session.StartAsync(["ONE", "TWO"])).Error);
        Assert.Equal("hello", (await session.StartAsync(["TWO"])).Text());
        Assert.Null(session.FailureDetail);
        Assert.True((await session.CompleteAsync()).IsSuccess);
    }

    [Fact]
    public async Task A_connection_authenticates_once()
    {
        SaslClientSession session = Session(Client("M", Finishes()));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.CompleteAsync());
        await session.StartAsync(["M"]);
        await session.CompleteAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.StartAsync(["M"]));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.StepAsync(Octets("x")));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.CompleteAsync());
        Assert.Throws<InvalidOperationException>(session.Abort);
        Assert.Throws<InvalidOperationException>(session.ServerRefused);
        Assert.True(session.IsAuthenticated);
    }

    [Fact]
    public async Task Giving_up_erases_and_allows_another_attempt()
    {
        var exchange = new ScriptedExchange(Asks("one"), Finishes());
        SaslClientSession session = Session(ClientOf("M", () => exchange));
        session.Abort();
        await session.StartAsync(["M"]);
        session.Abort();
        Assert.Equal(1, exchange.Erased);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.StepAsync(Octets("x")));
        exchange = new ScriptedExchange(Asks("one"), Finishes());
        Assert.Equal("one", (await session.StartAsync(["M"])).Text());
    }

    [Fact]
    public async Task What_the_application_throws_in_mid_exchange_is_its_own_but_nothing_secret_stays()
    {
        var failure = new InvalidDataException("no token today");
        var exchange = new ScriptedExchange(Throws(failure));
        SaslClientSession session = Session(ClientOf("M", () => exchange));
        Assert.Same(failure, await Assert.ThrowsAsync<InvalidDataException>(async () => await session.StartAsync(["M"])));
        Assert.Equal(1, exchange.Erased);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.StepAsync(Octets("x")));
    }

    [Fact]
    public async Task Cancellation_erases_and_is_thrown_on()
    {
        using var cancellation = new CancellationTokenSource();
        var exchange = new ScriptedExchange(Asks("one"), Waits(new TaskCompletionSource<SaslStep>().Task));
        SaslClientSession session = Session(ClientOf("M", () => exchange));
        await session.StartAsync(["M"]);
        ValueTask<SaslReply> waiting = session.CompleteAsync(Octets("x"), cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
        Assert.Equal(1, exchange.Erased);
        Assert.False(session.IsAuthenticated);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.CompleteAsync());
    }

    [Fact]
    public async Task A_step_that_says_nothing_is_never_a_success()
    {
        SaslClientSession session = Session(Client("M", Says("", default)));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.StartAsync(["M"]));
        Assert.False(session.IsAuthenticated);
    }

    [Fact]
    public async Task A_second_call_at_the_same_time_throws_and_does_not_disturb_the_first()
    {
        var until = new TaskCompletionSource<SaslStep>();
        SaslClientSession session = Session(Client("M", Asks("one"), Waits(until.Task)));
        await session.StartAsync(["M"]);
        ValueTask<SaslReply> first = session.CompleteAsync(Octets("x"));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.StepAsync(Octets("y")));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.StartAsync(["M"]));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.CompleteAsync());
        Assert.Throws<InvalidOperationException>(session.Abort);
        until.SetResult(SaslStep.Finished);
        Assert.True((await first).IsSuccess);
    }

    [Fact]
    public async Task Disposing_during_a_call_erases_when_the_call_has_ended_and_the_call_is_no_success()
    {
        var until = new TaskCompletionSource<SaslStep>();
        var exchange = new ScriptedExchange(Asks("one"), Waits(until.Task));
        SaslClientSession session = Session(ClientOf("M", () => exchange));
        await session.StartAsync(["M"]);
        ValueTask<SaslReply> call = session.StepAsync(Octets("x"));
        session.Dispose();
        Assert.Equal(0, exchange.Erased);
        until.SetResult(SaslStep.Finished);
        SaslReply reply = await call;
        Assert.Equal(SaslError.Aborted, reply.Error);
        Assert.Null(reply.Message);
        Assert.Equal(1, exchange.Erased);
        session.Abort();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await session.StepAsync(Octets("x")));
    }

    [Fact]
    public async Task The_security_layer_is_there_after_success_only_and_is_the_callers()
    {
        var layer = new Streams.NumberedLayer();
        SaslClientSession session = Session(ClientOf("M", () => new ScriptedExchange(Finishes()) { Layer = layer }));
        await session.StartAsync(["M"]);
        Assert.Null(session.SecurityLayer);
        await session.CompleteAsync();
        Assert.Same(layer, session.SecurityLayer);
        session.Dispose();
        Assert.False(layer.IsDisposed);
    }

    private SaslClientSession Session(SaslMechanism mechanism, Func<SaslClientOptions, SaslClientOptions>? change = null) => Session([mechanism], change);

    private SaslClientSession Session(SaslMechanism[] mechanisms, Func<SaslClientOptions, SaslClientOptions>? change = null)
    {
        var options = new SaslClientOptions { Service = "smtp", ServerName = "mx.example.com", Mechanisms = [.. mechanisms] };
        var client = new SaslClient(change?.Invoke(options) ?? options);
        SaslClientSession session = client.CreateSession(SaslChannel.Plaintext);
        _disposables.AddRange([session, client]);
        return session;
    }
}
