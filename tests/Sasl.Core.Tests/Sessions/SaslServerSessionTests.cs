using Sasl.Core.Tests.Credentials;
using Xunit;
using static Sasl.Core.Tests.Sessions.Scripted;

namespace Sasl.Core.Tests.Sessions;

/// <summary>What the server's session guarantees for every mechanism (design section 5).</summary>
public sealed class SaslServerSessionTests : IDisposable
{
    private readonly RecordingObserver _observer = new();
    private readonly List<SaslServerSession> _sessions = [];

    public void Dispose() => _sessions.ForEach(static session => session.Dispose());

    // ── the first message ──

    [Fact]
    public async Task A_missing_initial_response_is_asked_for_with_an_empty_challenge()
    {
        var exchange = new ScriptedExchange(Succeeds());
        SaslServerSession session = Session(ServerOf("M", () => exchange));
        SaslReply reply = await session.StartAsync("M");
        Assert.Equal(SaslStatus.Continue, reply.Status);
        Assert.Equal("", reply.Text());
        Assert.Empty(exchange.Inputs);
        Assert.True(session.IsInProgress);

        Assert.True((await session.StepAsync(Octets("hello"))).IsSuccess);
        Assert.Equal(["hello"], exchange.Inputs);
    }

    [Fact]
    public async Task An_empty_initial_response_is_not_a_missing_one()
    {
        var exchange = new ScriptedExchange(Succeeds());
        Assert.True((await Session(ServerOf("M", () => exchange)).StartAsync("M", ReadOnlyMemory<byte>.Empty)).IsSuccess);
        Assert.Equal([""], exchange.Inputs);
    }

    [Fact]
    public async Task A_mechanism_whose_server_speaks_first_gets_no_initial_response()
    {
        var exchange = new ScriptedExchange(Asks("challenge"), Succeeds());
        SaslServerSession session = Session(ServerOf("M", () => exchange) with { FirstMove = SaslFirstMove.Server });

        foreach (string initial in new[] { "", "early" })
            Assert.Equal(SaslError.Malformed, (await session.StartAsync("M", Octets(initial))).Error);
        Assert.Empty(exchange.Inputs);
        Assert.False(session.IsInProgress);

        Assert.Equal("challenge", (await session.StartAsync("M")).Text());
        Assert.True((await session.StepAsync(Octets("response"))).IsSuccess);
        Assert.Equal(["", "response"], exchange.Inputs);
    }

    [Fact]
    public async Task A_mechanism_in_which_either_may_speak_first_copes_itself()
    {
        SaslMechanism login = Server("M", Asks("name?"), Succeeds()) with { FirstMove = SaslFirstMove.Either };
        Assert.Equal("name?", (await Session(login).StartAsync("M")).Text());
        Assert.Equal("name?", (await Session(login).StartAsync("M", Octets("alice"))).Text());
    }

    [Theory]
    [InlineData("m", SaslError.Malformed, "M")]
    [InlineData("M", SaslError.MessageTooLong, "M")]
    [InlineData("unknown", SaslError.Malformed, null)]
    public async Task An_initial_response_that_the_protocol_cannot_decode_is_a_failed_attempt(string name, SaslError error, string? mechanism)
    {
        var exchange = new ScriptedExchange(Succeeds());
        SaslServerSession session = Session(ServerOf("M", () => exchange), options => options with { Observer = _observer });

        Assert.Equal(error, session.RefuseStart(name, error).Error);
        Assert.Equal([$"failed {error}: the protocol could not decode the response"], _observer.Events);
        Assert.Equal(mechanism, _observer.Attempt?.Mechanism?.Name);
        Assert.Empty(exchange.Inputs);
        Assert.True((await session.StartAsync("M", Octets("hello"))).IsSuccess);
    }

    [Fact]
    public async Task A_start_that_is_refused_forgets_the_exchange_under_way_and_is_none_after_success()
    {
        SaslServerSession session = Session(Server("M", Asks("more"), Succeeds()));
        await session.StartAsync("M", Octets("hello"));
        session.RefuseStart("M", SaslError.Malformed);
        Assert.False(session.IsInProgress);

        await session.StartAsync("M", Octets("hello"));
        await session.StepAsync(Octets("more"));
        Assert.Throws<InvalidOperationException>(() => session.RefuseStart("M", SaslError.Malformed));
        Assert.NotNull(session.Identity);
    }

    // ── sizes ──

    [Fact]
    public async Task A_message_longer_than_the_limit_is_refused_before_the_mechanism_sees_it()
    {
        var exchange = new ScriptedExchange(Asks("more"), Succeeds());
        SaslServerSession session = Session(ServerOf("M", () => exchange), options => options with { MaxMessageLength = 5 });

        Assert.Equal(SaslError.MessageTooLong, (await session.StartAsync("M", Octets("123456"))).Error);
        Assert.Empty(exchange.Inputs);

        await session.StartAsync("M", Octets("12345"));
        Assert.Equal(SaslError.MessageTooLong, (await session.StepAsync(Octets("123456"))).Error);
        Assert.Equal(["12345"], exchange.Inputs);
        Assert.Equal(1, exchange.Erased);
    }

    // ── success data ──

    [Fact]
    public async Task Success_data_goes_with_the_success_where_the_protocol_has_room()
    {
        SaslServerSession session = Session(Server("M", Succeeds("v=proof")), options => options with { SuccessData = true });
        SaslReply reply = await session.StartAsync("M", Octets("x"));
        Assert.True(reply.IsSuccess);
        Assert.Equal("v=proof", reply.Text());
        Assert.Equal(Alice, session.Identity?.Authenticated);
    }

    [Fact]
    public async Task Success_data_is_one_more_challenge_where_the_protocol_has_no_room()
    {
        SaslServerSession session = Session(Server("M", Succeeds("v=proof")));
        SaslReply reply = await session.StartAsync("M", Octets("x"));
        Assert.Equal(SaslStatus.Continue, reply.Status);
        Assert.Equal("v=proof", reply.Text());
        Assert.Null(session.Identity);
        Assert.True(session.IsInProgress);
        Assert.Equal(["started"], _observer.Events);

        reply = await session.StepAsync(ReadOnlyMemory<byte>.Empty);
        Assert.True(reply.IsSuccess);
        Assert.Null(reply.Message);
        Assert.Equal(Alice, session.Identity?.Authenticated);
        Assert.Equal(["started", "succeeded"], _observer.Events);
    }

    [Fact]
    public async Task An_acknowledgement_with_data_is_refused()
    {
        SaslServerSession session = Session(Server("M", Succeeds("v=proof")));
        await session.StartAsync("M", Octets("x"));
        Assert.Equal(SaslError.Malformed, (await session.StepAsync(Octets("data"))).Error);
        Assert.Null(session.Identity);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.StepAsync(ReadOnlyMemory<byte>.Empty));
    }

    [Fact]
    public async Task Success_without_data_has_no_message()
    {
        SaslReply reply = await Session(Server("M", Succeeds()), options => options with { SuccessData = true }).StartAsync("M", Octets("x"));
        Assert.True(reply.IsSuccess);
        Assert.Null(reply.Message);
    }

    // ── authorisation ──

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Authorisation_is_asked_also_when_nobody_else_was_requested(string? authorizationId)
    {
        var authorizer = new RecordingAuthorizer(allow: true);
        SaslServerSession session = Session(Server("M", Succeeds(authorizationId: authorizationId)), options => options with { Authorizer = authorizer });
        Assert.True((await session.StartAsync("M", Octets("x"))).IsSuccess);
        Assert.Equal([(Alice, Alice)], authorizer.Asked);
        Assert.Equal(new SaslIdentity(Alice, Alice, session.Mechanisms[0], null), session.Identity);
    }

    [Fact]
    public async Task Authorisation_that_is_refused_is_no_success()
    {
        var authorizer = new RecordingAuthorizer(allow: false);
        SaslServerSession session = Session(Server("M", Succeeds("v=proof")), options => options with { Authorizer = authorizer, SuccessData = true });
        SaslReply reply = await session.StartAsync("M", Octets("x"));
        Assert.Equal(SaslError.NotAuthorized, reply.Error);
        Assert.Null(reply.Message);
        Assert.Null(session.Identity);
        Assert.Equal(["started", "failed NotAuthorized: may not act as the requested user"], _observer.Events);
    }

    [Fact]
    public async Task The_requested_user_is_canonicalised_before_it_is_judged()
    {
        var authorizer = new RecordingAuthorizer(allow: true);
        SaslServerSession session = Session(
            Server("M", Succeeds(authorizationId: "  bob ", channelBinding: "tls-exporter")), options => options with { Authorizer = authorizer });
        await session.StartAsync("M", Octets("x"));
        Assert.Equal([(Alice, new SaslUser("bob", "example.com"))], authorizer.Asked);
        Assert.Equal(new SaslUser("bob", "example.com"), session.Identity?.Authorized);
        Assert.Equal(Alice, session.Identity?.Authenticated);
        Assert.Equal("tls-exporter", session.Identity?.ChannelBinding);
    }

    [Fact]
    public async Task A_requested_user_who_cannot_be_anyone_is_refused()
    {
        var authorizer = new RecordingAuthorizer(allow: true);
        SaslServerSession session = Session(Server("M", Succeeds(authorizationId: "@")), options => options with { Authorizer = authorizer });
        Assert.Equal(SaslError.NotAuthorized, (await session.StartAsync("M", Octets("x"))).Error);
        Assert.Empty(authorizer.Asked);
    }

    [Theory]
    [InlineData("alice", true)]
    [InlineData("alice@example.com", true)]
    [InlineData("bob", false)]
    [InlineData("alice@other", false)]
    public async Task By_default_everybody_acts_as_themselves_only(string requested, bool allowed)
    {
        SaslServerSession session = Session(Server("M", Succeeds(authorizationId: requested)));
        Assert.Equal(allowed, (await session.StartAsync("M", Octets("x"))).IsSuccess);
    }

    // ── back ends ──

    [Fact]
    public async Task A_back_end_that_throws_is_a_temporary_failure()
    {
        var down = new IOException("the database is down");
        SaslServerSession session = Session(Password, options => options with { PasswordVerifier = ScriptedVerifier.Throwing(down) });
        SaslReply reply = await session.StartAsync("PASSWORD", Octets("alice|pencil"));
        Assert.Equal(SaslError.TemporaryFailure, reply.Error);
        Assert.Null(session.Identity);
        Assert.Same(down, _observer.Exception);
        Assert.Equal(["started", "threw IOException", "failed TemporaryFailure: a back end threw"], _observer.Events);
        Assert.Equal("alice@example.com", _observer.Attempt?.UserName);
    }

    [Fact]
    public async Task Everything_that_is_not_the_sessions_own_may_throw()
    {
        var broken = new InvalidDataException();
        SaslMechanism works = Server("M", Succeeds(authorizationId: "bob"));
        (SaslMechanism, Func<SaslServerOptions, SaslServerOptions>)[] cases =
        [
            (Server("M", Throws(broken)), static options => options),
            (works with { Server = _ => throw broken }, static options => options),
            (works, options => options with { Canonicalizer = new ThrowingCanonicalizer(broken) }),
            (works, options => options with { Authorizer = new ThrowingAuthorizer(broken) }),
            (Password, options => options with { PasswordVerifier = new ScriptedVerifier(PasswordOutcome.Match), Canonicalizer = new ThrowingCanonicalizer(broken) }),
        ];
        foreach ((SaslMechanism mechanism, Func<SaslServerOptions, SaslServerOptions> change) in cases)
        {
            SaslServerSession session = Session(mechanism, change);
            Assert.Equal(SaslError.TemporaryFailure, (await session.StartAsync(mechanism.Name, Octets("alice|pencil"))).Error);
            Assert.Null(session.Identity);
            Assert.Same(broken, _observer.Exception);
            Assert.False(session.IsInProgress);
        }
    }

    [Fact]
    public async Task A_back_ends_own_time_limit_is_a_temporary_failure()
    {
        SaslServerSession session = Session(Server("M", Throws(new TaskCanceledException())));
        Assert.Equal(SaslError.TemporaryFailure, (await session.StartAsync("M", Octets("x"), new CancellationToken(canceled: false))).Error);
    }

    [Fact]
    public async Task A_full_work_queue_is_a_temporary_failure()
    {
        SaslServerSession session = Session(Server("M", Throws(new SaslUnavailableException("too many"))));
        Assert.Equal(SaslError.TemporaryFailure, (await session.StartAsync("M", Octets("x"))).Error);
    }

    [Fact]
    public async Task A_mechanism_that_does_not_say_what_it_needs_gets_nothing()
    {
        SaslMechanism careless = Password with { ServerNeeds = SaslServerNeeds.Nothing };
        Assert.Equal(SaslError.TemporaryFailure, (await Session(careless).StartAsync("PASSWORD", Octets("alice|pencil"))).Error);
        Assert.IsType<InvalidOperationException>(_observer.Exception);
    }

    [Fact]
    public async Task A_step_that_says_nothing_is_never_a_success()
    {
        Assert.Equal(SaslError.TemporaryFailure, (await Session(Server("M", Says("", default))).StartAsync("M", Octets("x"))).Error);
        Assert.Equal(SaslError.TemporaryFailure, (await Session(Server("M", Says("", SaslStep.Finished))).StartAsync("M", Octets("x"))).Error);
    }

    [Theory]
    [InlineData(PasswordOutcome.Match, SaslError.None)]
    [InlineData(PasswordOutcome.Mismatch, SaslError.InvalidCredentials)]
    [InlineData(PasswordOutcome.UnknownUser, SaslError.InvalidCredentials)]
    [InlineData(PasswordOutcome.Disabled, SaslError.AccountDisabled)]
    [InlineData(PasswordOutcome.Expired, SaslError.PasswordExpired)]
    [InlineData(PasswordOutcome.Unavailable, SaslError.TemporaryFailure)]
    public async Task Each_verdict_has_its_error_and_an_unknown_user_looks_like_a_wrong_password(PasswordOutcome outcome, SaslError error)
    {
        SaslServerSession session = Session(Password, options => options with { PasswordVerifier = new ScriptedVerifier(outcome) });
        SaslReply reply = await session.StartAsync("PASSWORD", Octets("alice|pencil"));
        Assert.Equal(error, reply.Error);
        Assert.Null(reply.Message);
        Assert.Equal(error is SaslError.None, session.Identity is not null);
    }

    // ── cancellation ──

    [Fact]
    public async Task Cancellation_erases_and_is_thrown_on()
    {
        using var cancellation = new CancellationTokenSource();
        var exchange = new ScriptedExchange(Waits(new TaskCompletionSource<SaslStep>().Task));
        SaslServerSession session = Session(ServerOf("M", () => exchange));
        ValueTask<SaslReply> waiting = session.StartAsync("M", Octets("x"), cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
        Assert.Equal(1, exchange.Erased);
        Assert.Null(session.Identity);
        Assert.False(session.IsInProgress);
        Assert.Equal(["started", "failed Aborted: cancelled by the server"], _observer.Events);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.StepAsync(Octets("x")));
    }

    [Fact]
    public async Task After_a_cancellation_the_session_can_be_used_again()
    {
        int round = 0;
        SaslServerSession session = Session(ServerOf("M", () => round++ == 0
            ? new ScriptedExchange(static (_, _, token) => throw new OperationCanceledException(token))
            : new ScriptedExchange(Succeeds())));
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await session.StartAsync("M", Octets("x"), cancelled));
        Assert.True((await session.StartAsync("M", Octets("x"))).IsSuccess);
    }

    // ── failure ──

    [Fact]
    public async Task A_failed_exchange_cannot_be_continued()
    {
        var exchange = new ScriptedExchange(Asks("one"), Fails(), Succeeds());
        SaslServerSession session = Session(ServerOf("M", () => exchange));
        await session.StartAsync("M", Octets("x"));
        Assert.Equal(SaslError.InvalidCredentials, (await session.StepAsync(Octets("y"))).Error);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.StepAsync(Octets("z")));
        Assert.Equal(1, exchange.Erased);
        Assert.Equal(2, exchange.Inputs.Count);
    }

    [Fact]
    public async Task What_a_failing_step_wrote_is_never_sent()
    {
        int round = 0;
        SaslServerSession session = Session(
            ServerOf("M", () => round++ == 0 ? new ScriptedExchange(Fails(output: "secret")) : new ScriptedExchange(Asks("challenge"), Succeeds())));
        SaslReply reply = await session.StartAsync("M", Octets("x"));
        Assert.Equal(SaslStatus.Failure, reply.Status);
        Assert.Null(reply.Message);
        Assert.Equal("challenge", (await session.StartAsync("M", Octets("x"))).Text());
    }

    [Fact]
    public async Task What_was_sent_is_erased_with_the_exchange()
    {
        SaslServerSession session = Session(Server("M", Asks("challenge"), Fails(output: "secret")));
        ReadOnlyMemory<byte> sent = (await session.StartAsync("M", Octets("x"))).Message!.Value;
        session.Abort();
        Assert.Equal(new byte[9], sent.ToArray());

        sent = (await session.StartAsync("M", Octets("x"))).Message!.Value;
        await session.StepAsync(Octets("y"));
        Assert.Equal(new byte[9], sent.ToArray());
    }

    [Fact]
    public async Task Each_message_stands_alone()
    {
        SaslServerSession session = Session(Server("M", Asks("a long first challenge"), Asks("second"), Succeeds()));
        Assert.Equal("a long first challenge", (await session.StartAsync("M", Octets("x"))).Text());
        Assert.Equal("second", (await session.StepAsync(Octets("y"))).Text());
        Assert.Null((await session.StepAsync(Octets("z"))).Text());
    }

    [Fact]
    public async Task There_is_no_identity_before_the_end_or_after_a_failure()
    {
        SaslServerSession session = Session(Server("M", Asks("one"), Fails()));
        Assert.Null(session.Identity);
        await session.StartAsync("M", Octets("alice"));
        Assert.Null(session.Identity);
        await session.StepAsync(Octets("y"));
        Assert.Null(session.Identity);
        Assert.Null(session.SecurityLayer);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cyrus_sent_last_a_failure_after_success_data_leaves_nothing_for_the_next_attempt(bool acknowledged)
    {
        // In Cyrus SASL the mark "the last data was sent" outlives a failure, and the next start returns success for the user before.
        SaslServerSession session = Session(
            [Server("FIRST", Succeeds("v=proof")), Password],
            options => options with { PasswordVerifier = new ScriptedVerifier(PasswordOutcome.Mismatch) });
        await session.StartAsync("FIRST", Octets("x"));
        if (acknowledged)
            Assert.Equal(SaslError.Malformed, (await session.StepAsync(Octets("n"))).Error);

        Assert.Equal(SaslError.InvalidCredentials, (await session.StartAsync("PASSWORD", Octets("mallory|wrong"))).Error);
        Assert.Null(session.Identity);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.StepAsync(ReadOnlyMemory<byte>.Empty));

        Assert.Equal("", (await session.StartAsync("PASSWORD")).Text());
        Assert.Equal(SaslError.InvalidCredentials, (await session.StepAsync(Octets("mallory|wrong"))).Error);
        Assert.Null(session.Identity);
    }

    [Fact]
    public async Task Cyrus_sent_last_a_refused_binding_leaves_nothing_for_the_next_attempt()
    {
        SaslServerSession session = Session(
            [Server("FIRST", Fails(SaslError.ChannelBindingMismatch, output: "v=proof")), Password],
            options => options with { PasswordVerifier = new ScriptedVerifier(PasswordOutcome.Mismatch) });
        Assert.Equal(SaslError.ChannelBindingMismatch, (await session.StartAsync("FIRST", Octets("x"))).Error);
        Assert.Equal(SaslError.InvalidCredentials, (await session.StartAsync("PASSWORD", Octets("mallory|wrong"))).Error);
        Assert.Null(session.Identity);
    }

    [Fact]
    public async Task Cyrus_identity_after_failure_the_claimed_name_is_no_identity()
    {
        SaslServerSession session = Session(Password, options => options with { PasswordVerifier = new ScriptedVerifier(PasswordOutcome.Mismatch) });
        await session.StartAsync("PASSWORD", Octets("alice|wrong"));
        Assert.Null(session.Identity);
        Assert.Equal("alice@example.com", _observer.Attempt?.UserName);
    }

    [Fact]
    public async Task A_failed_attempt_leaves_the_session_ready_for_another()
    {
        int round = 0;
        SaslServerSession session = Session(ServerOf("M", () => round++ < 3 ? new ScriptedExchange(Fails()) : new ScriptedExchange(Succeeds())));
        for (int i = 0; i < 3; i++)
            Assert.Equal(SaslError.InvalidCredentials, (await session.StartAsync("M", Octets("x"))).Error);
        Assert.True((await session.StartAsync("M", Octets("x"))).IsSuccess);
    }

    // ── after success ──

    [Fact]
    public async Task A_connection_authenticates_once()
    {
        SaslServerSession session = Session(Server("M", Succeeds()));
        await session.StartAsync("M", Octets("x"));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.StartAsync("M", Octets("x")));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.StepAsync(Octets("x")));
        Assert.Throws<InvalidOperationException>(() => session.Abort());
        Assert.Equal(Alice, session.Identity?.Authenticated);
    }

    [Fact]
    public async Task The_security_layer_is_there_after_success_only_and_is_the_callers()
    {
        var layer = new Streams.NumberedLayer();
        var exchange = new ScriptedExchange(Asks("one"), Succeeds()) { Layer = layer };
        SaslServerSession session = Session(ServerOf("M", () => exchange));
        await session.StartAsync("M", Octets("x"));
        Assert.Null(session.SecurityLayer);
        await session.StepAsync(Octets("y"));
        Assert.Same(layer, session.SecurityLayer);
        session.Dispose();
        Assert.False(layer.IsDisposed);
        Assert.Equal(1, exchange.Erased);
    }

    [Fact]
    public async Task An_identity_without_proof_is_anonymous()
    {
        SaslMechanism anonymous = Server("ANON", Succeeds()) with { Security = SaslSecurityFlags.NoPlaintext };
        SaslServerSession session = Session(anonymous, static options => options with { Policy = new SaslPolicy() });
        await session.StartAsync("ANON", Octets("x"));
        Assert.True(session.Identity?.IsAnonymous);

        session = Session(Server("M", Succeeds()));
        await session.StartAsync("M", Octets("x"));
        Assert.False(session.Identity?.IsAnonymous);
    }

    // ── which mechanism ──

    [Fact]
    public async Task A_mechanism_that_does_not_exist_is_refused_and_observed()
    {
        SaslServerSession session = Session(Server("M", Succeeds()));
        Assert.Equal(SaslError.MechanismUnavailable, (await session.StartAsync("X-\r\nFORGED", Octets("x"))).Error);
        Assert.Equal(["failed MechanismUnavailable: no such mechanism"], _observer.Events);
        Assert.Null(_observer.Attempt?.Mechanism);
    }

    [Theory]
    [InlineData("scripted")]
    [InlineData("Scripted")]
    [InlineData("SCRIPTED")]
    public async Task A_mechanism_may_be_named_in_any_case(string name) =>
        Assert.True((await Session(Server("SCRIPTED", Succeeds())).StartAsync(name, Octets("x"))).IsSuccess);

    [Fact]
    public async Task A_mechanism_that_is_hidden_here_cannot_be_used_either()
    {
        SaslMechanism plain = Server("PLAIN", Succeeds()) with { Security = SaslSecurityFlags.NoAnonymous };
        SaslMechanism anonymous = Server("ANON", Succeeds()) with { Security = SaslSecurityFlags.NoPlaintext };
        SaslMechanism weak = Server("WEAK", Succeeds());
        SaslMechanism clientOnly = Client("CLIENT", Finishes());
        SaslServerSession session = Session([plain, anonymous, clientOnly, Password, Server("M", Succeeds())]);
        Assert.Equal(["M"], session.Mechanisms.Select(static mechanism => mechanism.Name));
        Assert.Equal(SaslError.EncryptionRequired, (await session.StartAsync("PLAIN", Octets("x"))).Error);
        Assert.Equal(SaslError.MechanismTooWeak, (await session.StartAsync("ANON", Octets("x"))).Error);
        Assert.Equal(SaslError.MechanismUnavailable, (await session.StartAsync("CLIENT", Octets("x"))).Error);
        Assert.Equal(SaslError.MechanismUnavailable, (await session.StartAsync("PASSWORD", Octets("x"))).Error);
        Assert.DoesNotContain("started", _observer.Events);

        session = Session(
            [weak], options => options with { Policy = SaslPolicy.Default with { MinSsf = 128 } }, SaslChannel.Plaintext with { ExternalSsf = 56 });
        Assert.Equal(SaslError.MechanismTooWeak, (await session.StartAsync("WEAK", Octets("x"))).Error);
    }

    // ── giving up ──

    [Fact]
    public async Task The_client_may_give_up_and_try_again()
    {
        var exchange = new ScriptedExchange(Asks("one"), Succeeds());
        SaslServerSession session = Session(ServerOf("M", () => exchange));
        Assert.Equal(SaslError.Aborted, session.Abort().Error);
        Assert.Empty(_observer.Events);    // nothing was under way

        await session.StartAsync("M", Octets("x"));
        Assert.Equal(SaslError.Aborted, session.Abort().Error);
        Assert.Equal(1, exchange.Erased);
        Assert.Equal(["started", "failed Aborted: cancelled by the client"], _observer.Events);
        Assert.False(session.IsInProgress);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.StepAsync(Octets("y")));
    }

    [Fact]
    public async Task What_the_protocol_cannot_decode_ends_the_exchange()
    {
        SaslServerSession session = Session(Server("M", Asks("one"), Succeeds()));
        await session.StartAsync("M", Octets("x"));
        Assert.Equal(SaslError.Malformed, session.Abort(SaslError.Malformed).Error);
        Assert.Equal(["started", "failed Malformed: the protocol could not decode the response"], _observer.Events);
    }

    [Fact]
    public async Task Another_start_forgets_the_exchange_under_way()
    {
        var first = new ScriptedExchange(Asks("one"), Succeeds());
        SaslServerSession session = Session([ServerOf("FIRST", () => first), Server("SECOND", Succeeds())]);
        await session.StartAsync("FIRST", Octets("x"));
        Assert.True((await session.StartAsync("SECOND", Octets("y"))).IsSuccess);
        Assert.Equal(1, first.Erased);
        Assert.Equal(["started", "failed Aborted: the client began another exchange", "started", "succeeded"], _observer.Events);
    }

    [Fact]
    public async Task Disposing_ends_the_exchange_under_way()
    {
        var exchange = new ScriptedExchange(Asks("one"), Succeeds());
        SaslServerSession session = Session(ServerOf("M", () => exchange));
        await session.StartAsync("M", Octets("x"));
        session.Dispose();
        session.Dispose();
        Assert.Equal(1, exchange.Erased);
        Assert.Equal(["started", "failed Aborted: the connection ended"], _observer.Events);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await session.StepAsync(Octets("x")));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await session.StartAsync("M"));
        Assert.Equal(SaslError.Aborted, session.Abort().Error);
        Assert.Null(session.Identity);
    }

    // ── one caller ──

    [Fact]
    public async Task A_second_call_at_the_same_time_throws_and_does_not_disturb_the_first()
    {
        var until = new TaskCompletionSource<SaslStep>();
        SaslServerSession session = Session(Server("M", Asks("one"), Waits(until.Task)));
        await session.StartAsync("M", Octets("x"));
        ValueTask<SaslReply> first = session.StepAsync(Octets("y"));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.StepAsync(Octets("z")));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.StartAsync("M", Octets("z")));
        Assert.Throws<InvalidOperationException>(() => session.Abort());
        until.SetResult(SaslStep.Authenticated(Alice, null));
        Assert.True((await first).IsSuccess);
    }

    [Fact]
    public async Task Disposing_during_a_call_erases_when_the_call_has_ended_and_the_call_is_no_success()
    {
        var until = new TaskCompletionSource<SaslStep>();
        var exchange = new ScriptedExchange(Asks("one"), Waits(until.Task));
        SaslServerSession session = Session(ServerOf("M", () => exchange));
        await session.StartAsync("M", Octets("x"));
        ValueTask<SaslReply> call = session.StepAsync(Octets("y"));
        session.Dispose();
        Assert.Equal(0, exchange.Erased);    // it may be using what would be erased

        until.SetResult(SaslStep.Continue);
        SaslReply reply = await call;
        Assert.Equal(SaslError.Aborted, reply.Error);
        Assert.Null(reply.Message);
        Assert.Equal(1, exchange.Erased);
        Assert.Equal(["started", "failed Aborted: the connection ended"], _observer.Events);
    }

    [Fact]
    public async Task Calls_that_race_with_a_failure_never_turn_it_into_a_success()
    {
        for (int round = 0; round < 300; round++)
        {
            SaslServerSession session = Session(Server("M", Asks("one"), Fails(), Fails()));
            await session.StartAsync("M", Octets("x"));
            using var start = new Barrier(2);
            bool[] succeeded = await Task.WhenAll(Task.Run(TryStepAsync), Task.Run(TryStepAsync));
            Assert.Equal([false, false], succeeded);
            Assert.Null(session.Identity);

            async Task<bool> TryStepAsync()
            {
                start.SignalAndWait();
                try
                {
                    return (await session.StepAsync(ReadOnlyMemory<byte>.Empty)).IsSuccess;
                }
                catch (InvalidOperationException)
                {
                    return false;
                }
            }
        }
    }

    // ── what exchanges may ask ──

    [Fact]
    public void A_decoy_is_always_the_same_for_one_user_and_purpose_and_different_for_every_other()
    {
        SaslServerContext context = Context(new SaslServer(Options(Server("M", Succeeds()))));
        SaslServerContext other = Context(new SaslServer(Options(Server("M", Succeeds()))));
        byte[] salt = Decoy(context, Alice, "salt", 16);
        Assert.Equal(salt, Decoy(context, Alice, "salt", 16));
        Assert.NotEqual(salt, Decoy(context, Alice with { Realm = "other" }, "salt", 16));
        Assert.NotEqual(salt, Decoy(context, Alice, "sal", 16));
        Assert.NotEqual(salt, Decoy(other, Alice, "salt", 16));
        Assert.NotEqual(Decoy(context, new SaslUser("b", ""), "a", 16), Decoy(context, new SaslUser("", ""), "ab", 16));
        Assert.NotEqual(new byte[48], Decoy(context, new SaslUser(new string('x', 1000), ""), "salt", 64)[16..]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Decoy(context, Alice, "salt", 65));
    }

    [Fact]
    public void What_exchanges_share_is_made_once_for_a_server()
    {
        var server = new SaslServer(Options(Server("M", Succeeds())));
        List<string> shared = Context(server).Shared(static () => new List<string>());
        Assert.Same(shared, Context(server).Shared(static () => new List<string>()));
        Assert.NotSame(shared, Context(new SaslServer(Options(Server("M", Succeeds())))).Shared(static () => new List<string>()));
    }

    [Fact]
    public async Task An_anonymous_trace_reaches_the_observer()
    {
        SaslServerContext? context = null;
        SaslMechanism mechanism = Server("M") with
        {
            Server = given =>
            {
                context = given;
                return new ScriptedExchange((_, _, _) =>
                {
                    context.Trace("sirhc");
                    return new(SaslStep.Authenticated(Alice, null));
                });
            },
        };
        await Session(mechanism).StartAsync("M", Octets("x"));
        Assert.Equal(["started", "trace sirhc", "succeeded"], _observer.Events);
    }

    [Fact]
    public void A_session_costs_next_to_nothing()
    {
        const int Budget = 288;
        var server = new SaslServer(Options(Server("M", Succeeds())));
        server.CreateSession(SaslChannel.Plaintext).Dispose();
        const int Rounds = 100;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Rounds; i++)
            server.CreateSession(SaslChannel.Plaintext).Dispose();
        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / Rounds;
        Assert.True(each <= Budget, $"{each} octets a session");
    }

    private static byte[] Decoy(SaslServerContext context, SaslUser user, string purpose, int length)
    {
        byte[] decoy = new byte[length];
        context.FillDecoy(user, Ask.Octets(purpose), decoy);
        return decoy;
    }

    private static ServerSessionContext Context(SaslServer server) =>
        new ServerSessionContext(server, SaslChannel.Plaintext, []);

    private SaslServerOptions Options(params SaslMechanism[] mechanisms) => new()
    {
        Service = "smtp", ServerName = "mx.example.com", Realm = "example.com", Mechanisms = [.. mechanisms], Observer = _observer,
    };

    private SaslServerSession Session(SaslMechanism mechanism, Func<SaslServerOptions, SaslServerOptions>? change = null) =>
        Session([mechanism], change);

    private SaslServerSession Session(
        SaslMechanism[] mechanisms, Func<SaslServerOptions, SaslServerOptions>? change = null, SaslChannel? channel = null)
    {
        SaslServerOptions options = Options(mechanisms);
        SaslServerSession session = new SaslServer(change?.Invoke(options) ?? options).CreateSession(channel ?? SaslChannel.Plaintext);
        _sessions.Add(session);
        return session;
    }

    private sealed class RecordingAuthorizer(bool allow) : IAuthorizer
    {
        public List<(SaslUser, SaslUser)> Asked { get; } = [];

        public ValueTask<bool> MayActAsAsync(
            SaslUser authenticated, SaslUser requested, SaslServiceInfo service, CancellationToken cancellationToken)
        {
            Asked.Add((authenticated, requested));
            return new(allow);
        }
    }

    private sealed class ThrowingAuthorizer(Exception exception) : IAuthorizer
    {
        public ValueTask<bool> MayActAsAsync(
            SaslUser authenticated, SaslUser requested, SaslServiceInfo service, CancellationToken cancellationToken) => throw exception;
    }

    private sealed class ThrowingCanonicalizer(Exception exception) : IUserCanonicalizer
    {
        public ValueTask<SaslUser?> CanonicalizeAsync(string name, SaslServiceInfo service, CancellationToken cancellationToken) => throw exception;
    }
}
