using System.Diagnostics.Metrics;
using Sasl.Mechanisms;
using Xunit;

namespace Sasl.Smtp.Tests.Server;

public sealed class SmtpAuthServerTests
{
    [Fact]
    public void Capability_names_the_mechanisms_in_order_of_preference()
    {
        using SmtpAuthServer server = TestServer.Make(mechanisms: [SaslMechanisms.Plain, SaslMechanisms.Login]);

        Assert.Equal("AUTH PLAIN LOGIN", server.Capability);
        Assert.Equal(["AUTH PLAIN LOGIN"], server.CapabilityLines);
    }

    [Fact]
    public void Capability_for_broken_clients_repeats_the_offer_with_an_equals_sign()
    {
        using SmtpAuthServer server = TestServer.Make(
            options: new SmtpAuthServerOptions { BrokenClients = true }, mechanisms: [SaslMechanisms.Plain, SaslMechanisms.Login]);

        Assert.Equal(["AUTH PLAIN LOGIN", "AUTH=PLAIN LOGIN"], server.CapabilityLines);
    }

    [Fact]
    public void Capability_is_null_where_nothing_is_offered()
    {
        using SmtpAuthServer server = TestServer.Make(SaslChannel.Plaintext, mechanisms: [SaslMechanisms.Plain]);

        Assert.Null(server.Capability);
        Assert.Empty(server.CapabilityLines);
    }

    [Fact]
    public void A_session_that_puts_data_beside_success_is_refused()
    {
        var accounts = new TestAccounts();
        var sasl = new SaslServer(new SaslServerOptions
        {
            Service = "smtp", Mechanisms = [SaslMechanisms.Plain], PasswordVerifier = accounts, SuccessData = true,
        });

        Assert.Throws<ArgumentException>(() => new SmtpAuthServer(sasl.CreateSession(TestServer.Tls)));
    }

    [Fact]
    public void A_limit_below_what_RFC_4954_calls_sufficient_is_refused()
    {
        SaslServerSession session = TestServer.Sasl().CreateSession(TestServer.Tls);

        Assert.Throws<ArgumentOutOfRangeException>(
            () => new SmtpAuthServer(session, new SmtpAuthServerOptions { MaxResponseLength = 12287 }));
    }

    [Fact]
    public async Task Initial_response_logs_in_with_one_command()
    {
        using SmtpAuthServer server = TestServer.Make();

        Assert.Equal("235 2.7.0 Authentication successful", await server.Begin(" PLAIN " + TestServer.Plain()));
        Assert.Equal(SmtpAuthState.Authenticated, server.State);
        Assert.Equal("alice", server.Identity?.Authorized.Name);
        Assert.Equal(0, server.FailedAttempts);
    }

    [Fact]
    public async Task Without_an_initial_response_an_empty_challenge_with_its_space_comes_first()
    {
        using SmtpAuthServer server = TestServer.Make();

        Assert.Equal("334 ", await server.Begin(" PLAIN"));
        Assert.Equal(SmtpAuthState.ExpectResponse, server.State);
        Assert.Equal("235 2.7.0 Authentication successful", await server.Continue(TestServer.Plain()));
    }

    [Fact]
    public async Task Blanks_around_a_command_mean_nothing()
    {
        using SmtpAuthServer server = TestServer.Make();

        Assert.Equal("334 ", await server.Begin("  PLAIN  "));
        Assert.Equal("501 5.7.0 Authentication aborted", await server.Continue("*"));
        Assert.StartsWith("235", await server.Begin("PLAIN   " + TestServer.Plain() + " "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Login_takes_the_user_name_as_initial_response_and_the_name_of_the_mechanism_in_lower_case()
    {
        using SmtpAuthServer server = TestServer.Make(accounts: new TestAccounts().Add("matteo@phascode.org", "geheim"));

        Assert.Equal("334 UGFzc3dvcmQ6", await server.Begin(" login bWF0dGVvQHBoYXNjb2RlLm9yZw=="));
        Assert.Equal("235 2.7.0 Authentication successful", await server.Continue(TestServer.Base64("geheim")));
        Assert.Equal("matteo@phascode.org", server.Identity?.Authorized.ToString());
    }

    [Fact]
    public async Task Equals_sign_is_an_empty_initial_response()
    {
        using SmtpAuthServer server = TestServer.Make(TestServer.Tls with { ExternalIdentity = "alice" });

        Assert.Equal("235 2.7.0 Authentication successful", await server.Begin(" EXTERNAL ="));
    }

    [Fact]
    public async Task Equals_sign_as_a_response_is_not_base64()
    {
        using SmtpAuthServer server = TestServer.Make();
        await server.Begin("PLAIN");

        Assert.Equal("501 5.5.2 Cannot decode response", await server.Continue("="));
    }

    [Fact]
    public async Task Cancelled_exchange_is_answered_with_501_and_the_next_one_succeeds()
    {
        using SmtpAuthServer server = TestServer.Make();
        await server.Begin(" LOGIN");

        Assert.Equal("501 5.7.0 Authentication aborted", await server.Continue("*"));
        Assert.Equal(SmtpAuthState.ExpectCommand, server.State);
        Assert.Equal(1, server.FailedAttempts);
        Assert.StartsWith("235", await server.Begin(" PLAIN " + TestServer.Plain()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(" PLAIN A")]
    [InlineData(" PLAIN AHRl=c3Q")]
    [InlineData(" PLAIN AHRlc3QAdGVzdHBhc3M")]
    [InlineData(" PLAIN AHRlc3QAdGVzdHBhc3N=")]
    [InlineData(" PLAIN *")]
    public async Task Initial_response_that_is_not_base64_is_refused(string argument)
    {
        using SmtpAuthServer server = TestServer.Make();

        Assert.Equal("501 5.5.2 Cannot decode response", await server.Begin(argument));
        Assert.Equal(1, server.FailedAttempts);
    }

    [Fact]
    public async Task Initial_response_that_is_not_base64_or_too_long_is_an_attempt_that_the_observer_hears_of()
    {
        var observer = new FailureObserver();
        var sasl = new SaslServer(new SaslServerOptions
        {
            Service = "smtp", Mechanisms = [SaslMechanisms.Plain], PasswordVerifier = new TestAccounts(), Observer = observer,
        });
        using var server = new SmtpAuthServer(sasl.CreateSession(TestServer.Tls));

        await server.Begin(" PLAIN !");
        await server.Begin(" PLAIN " + new string('A', 12292));
        await server.Begin(" NO-SUCH");
        Assert.Equal(["PLAIN Malformed", "PLAIN MessageTooLong", " MechanismUnavailable"], observer.Failures);
    }

    [Theory]
    [InlineData("AHRlc3Q")]
    [InlineData("AHRl c3Q=")]
    [InlineData("AHRlc3Q=\r")]
    [InlineData("\0\0\0\0")]
    [InlineData("\u00ff\u00fe\u00fd\u00fc")]
    [InlineData("* ")]
    public async Task Response_that_is_not_base64_is_refused_and_the_session_stays_usable(string line)
    {
        using SmtpAuthServer server = TestServer.Make();
        await server.Begin(" PLAIN");

        Assert.Equal("501 5.5.2 Cannot decode response", await server.Continue(line));
        Assert.StartsWith("235", await server.Begin(" PLAIN " + TestServer.Plain()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(" PLAIN AAAA AAAA")]
    [InlineData(" PLAIN\r")]
    [InlineData("\tPLAIN")]
    [InlineData(" PL\u00c4IN")]
    [InlineData(" =")]
    public async Task Command_that_the_grammar_does_not_know_is_refused(string argument)
    {
        using SmtpAuthServer server = TestServer.Make();

        Assert.Equal("501 5.5.4 Syntax: AUTH mechanism [initial-response]", await server.Begin(argument));
    }

    [Theory]
    [InlineData(" FOO")]
    [InlineData(" PLAIN,LOGIN")]
    [InlineData(" SCRAM-SHA-256-PLUS-AND-MORE AAAA")]
    public async Task Unknown_mechanism_is_answered_with_504(string argument)
    {
        using SmtpAuthServer server = TestServer.Make();

        Assert.Equal("504 5.5.4 Unrecognized authentication type", await server.Begin(argument));
    }

    [Fact]
    public async Task Initial_response_to_a_mechanism_in_which_the_server_speaks_first_is_refused()
    {
        using SmtpAuthServer server = TestServer.Make();

        Assert.StartsWith("501 5.7.0 ", await server.Begin(" CRAM-MD5 AAAA"), StringComparison.Ordinal);
        Assert.StartsWith("501 5.7.0 ", await server.Begin(" cram-md5 ="), StringComparison.Ordinal);
        Assert.StartsWith("334 PD", await server.Begin(" CRAM-MD5"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_success_AUTH_is_refused_and_the_identity_stays()
    {
        using SmtpAuthServer server = TestServer.Make();
        await server.Begin(" PLAIN " + TestServer.Plain());

        Assert.Equal("503 5.5.1 Bad sequence of commands", await server.Begin(" PLAIN " + TestServer.Plain()));
        Assert.NotNull(server.Identity);
        Assert.Equal(0, server.FailedAttempts);
    }

    [Fact]
    public async Task Inside_a_mail_transaction_AUTH_is_refused()
    {
        using SmtpAuthServer server = TestServer.Make();
        server.InMailTransaction = true;
        Assert.Equal("503 5.5.1 Bad sequence of commands", await server.Begin(" PLAIN " + TestServer.Plain()));

        server.InMailTransaction = false;
        Assert.StartsWith("235", await server.Begin(" PLAIN " + TestServer.Plain()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Broken_form_is_understood_where_broken_clients_are_served_and_counted()
    {
        using SmtpAuthServer server = TestServer.Make(options: new SmtpAuthServerOptions { BrokenClients = true });

        long counted = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, itself) =>
        {
            if (instrument is { Meter.Name: SaslTelemetry.MeterName, Name: "sasl.smtp.broken_commands" })
                itself.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, measurement, _, _) => Interlocked.Add(ref counted, measurement));
        listener.Start();

        Assert.False(server.BrokenFormSeen);
        Assert.StartsWith("235", await server.Begin("=PLAIN " + TestServer.Plain()), StringComparison.Ordinal);
        Assert.True(server.BrokenFormSeen);
        Assert.True(counted >= 1);
    }

    [Fact]
    public async Task Broken_form_is_a_syntax_error_elsewhere_and_noticed()
    {
        using SmtpAuthServer server = TestServer.Make();

        Assert.StartsWith("501 5.5.4", await server.Begin("=PLAIN " + TestServer.Plain()), StringComparison.Ordinal);
        Assert.True(server.BrokenFormSeen);
    }

    [Fact]
    public async Task Response_of_12288_octets_is_taken_and_of_12289_is_not()
    {
        int heard = 0;
        SaslMechanism mechanism = TestMechanism.Of("X-LONG", (_, input, _) =>
        {
            heard = input.Length;
            return SaslStep.Authenticated(new SaslUser("alice", ""), null);
        });
        using SmtpAuthServer server = TestServer.Make(mechanisms: [mechanism]);
        string longest = Convert.ToBase64String(new byte[9216]);
        Assert.Equal(12288, longest.Length);

        await server.Begin(" X-LONG");
        Assert.Equal("500 5.5.6 Authentication exchange line is too long", await server.Continue(longest + "A"));
        Assert.Equal("500 5.5.6 Authentication exchange line is too long", await server.Begin(" X-LONG " + longest + "A"));
        Assert.Equal(0, heard);

        await server.Begin(" X-LONG");
        Assert.Equal("235 2.7.0 Authentication successful", await server.Continue(longest));
        Assert.Equal(9216, heard);
    }

    [Theory]
    [InlineData(SaslError.Malformed, "501 5.5.2 Cannot decode response")]
    [InlineData(SaslError.MessageTooLong, "500 5.5.6 Authentication exchange line is too long")]
    [InlineData(SaslError.MechanismUnavailable, "504 5.5.4 Unrecognized authentication type")]
    [InlineData(SaslError.MechanismTooWeak, "534 5.7.9 Authentication mechanism is too weak")]
    [InlineData(SaslError.EncryptionRequired, "538 5.7.11 Encryption required for requested authentication mechanism")]
    [InlineData(SaslError.InvalidCredentials, "535 5.7.8 Authentication credentials invalid")]
    [InlineData(SaslError.NotAuthorized, "535 5.7.8 Authentication credentials invalid")]
    [InlineData(SaslError.AccountDisabled, "535 5.7.8 Authentication credentials invalid")]
    [InlineData(SaslError.PasswordExpired, "535 5.7.8 Authentication credentials invalid")]
    [InlineData(SaslError.TransitionNeeded, "432 4.7.12 A password transition is needed")]
    [InlineData(SaslError.ChannelBindingMismatch, "535 5.7.8 Authentication credentials invalid")]
    [InlineData(SaslError.ServerNotAuthentic, "535 5.7.8 Authentication credentials invalid")]
    [InlineData(SaslError.Aborted, "501 5.7.0 Authentication aborted")]
    [InlineData(SaslError.TemporaryFailure, "454 4.7.0 Temporary authentication failure")]
    public async Task Every_reason_has_the_reply_of_RFC_4954_section_6(SaslError error, string expected)
    {
        using SmtpAuthServer server = TestServer.Make(mechanisms: [TestMechanism.Failing(error)]);

        Assert.Equal(expected, await server.Begin(" X-FAIL AAAA"));
        Assert.Equal(expected[0] == '5' ? 1 : 0, server.FailedAttempts);
    }

    [Fact]
    public void Hosts_have_the_reply_that_asks_for_a_login() =>
        Assert.Equal("530 5.7.0 Authentication required"u8, SmtpReplies.AuthenticationRequired.Span);

    [Fact]
    public async Task Password_mechanism_without_TLS_is_answered_with_538()
    {
        using SmtpAuthServer server = TestServer.Make(SaslChannel.Plaintext);

        Assert.StartsWith("538 5.7.11 ", await server.Begin(" PLAIN " + TestServer.Plain()), StringComparison.Ordinal);
        Assert.Null(server.Identity);
    }

    [Fact]
    public async Task Dead_back_end_is_a_temporary_failure_and_never_a_wrong_password()
    {
        using SmtpAuthServer server = TestServer.Make(accounts: new TestAccounts { Always = PasswordOutcome.Unavailable });

        Assert.Equal("454 4.7.0 Temporary authentication failure", await server.Begin(" PLAIN " + TestServer.Plain()));
        Assert.Equal(0, server.FailedAttempts);
    }

    [Fact]
    public async Task Wrong_password_and_unknown_user_get_the_same_reply()
    {
        using SmtpAuthServer server = TestServer.Make();

        string wrong = await server.Begin(" PLAIN " + TestServer.Plain("wrong"));
        string unknown = await server.Begin(" PLAIN " + TestServer.Plain(user: "mallory"));
        Assert.Equal("535 5.7.8 Authentication credentials invalid", wrong);
        Assert.Equal(wrong, unknown);
        Assert.Equal(2, server.FailedAttempts);
    }

    [Fact]
    public async Task Last_message_of_the_server_is_a_challenge_that_an_empty_line_answers()
    {
        using SmtpAuthServer server = TestServer.Make(mechanisms: [TestMechanism.LastWord]);

        Assert.Equal("334 " + TestServer.Base64("goodbye"), await server.Begin(" X-LAST-WORD AAAA"));
        Assert.Null(server.Identity);
        Assert.Equal("235 2.7.0 Authentication successful", await server.Continue(""));
        Assert.NotNull(server.Identity);
    }

    [Fact]
    public async Task Data_in_answer_to_the_last_message_is_refused()
    {
        using SmtpAuthServer server = TestServer.Make(mechanisms: [TestMechanism.LastWord]);
        await server.Begin(" X-LAST-WORD AAAA");

        Assert.StartsWith("501", await server.Continue("AAAA"), StringComparison.Ordinal);
        Assert.Null(server.Identity);
    }

    [Fact]
    public async Task Host_that_confuses_commands_and_responses_is_told()
    {
        using SmtpAuthServer server = TestServer.Make();
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.Continue("AAAA"));

        await server.Begin(" PLAIN");
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.Begin(" PLAIN"));
    }

    [Theory]
    [InlineData("AUTH PLAIN", " PLAIN")]
    [InlineData("auth=PLAIN", "=PLAIN")]
    [InlineData("Auth", "")]
    public void Auth_command_is_told_from_others(string line, string expected)
    {
        Assert.True(SmtpAuthServer.IsAuthCommand(System.Text.Encoding.ASCII.GetBytes(line), out ReadOnlyMemory<byte> argument));
        Assert.Equal(expected, System.Text.Encoding.ASCII.GetString(argument.Span));
    }

    [Theory]
    [InlineData("AUTHPLAIN")]
    [InlineData("AUT")]
    [InlineData("MAIL FROM:<>")]
    public void Other_commands_are_not_AUTH(string line) =>
        Assert.False(SmtpAuthServer.IsAuthCommand(System.Text.Encoding.ASCII.GetBytes(line), out _));

    private sealed class FailureObserver : SaslObserver
    {
        public List<string> Failures { get; } = [];

        public override void Failed(SaslAttempt attempt, SaslError error, string diagnostic) => Failures.Add($"{attempt.Mechanism} {error}");
    }
}
