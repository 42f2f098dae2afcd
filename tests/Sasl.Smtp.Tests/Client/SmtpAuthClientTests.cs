using System.Text;
using Sasl.Mechanisms;
using Xunit;

namespace Sasl.Smtp.Tests.Client;

public sealed class SmtpAuthClientTests
{
    private const string Success = "235 2.7.0 Authentication successful";

    [Fact]
    public void Mechanisms_are_found_in_both_forms_merged_and_each_once() =>
        Assert.Equal(
            ["DIGEST-MD5", "PLAIN", "CRAM-MD5", "LOGIN"],
            SmtpAuthClient.MechanismsIn(
                ["250-mail.example.com", "250-PIPELINING", "250-AUTH DIGEST-MD5 PLAIN  CRAM-MD5", "250 auth=plain login cram-md5 "])
                .AsEnumerable());

    [Fact]
    public void Mechanisms_are_found_without_reply_codes() =>
        Assert.Equal(["PLAIN"], SmtpAuthClient.MechanismsIn(["AUTH PLAIN"]).AsEnumerable());

    [Theory]
    [InlineData("250-AUTHENTICATE PLAIN")]
    [InlineData("250-AUTH")]
    [InlineData("250 XAUTH PLAIN")]
    [InlineData("250-AUTH !!! THIS-NAME-IS-MUCH-TOO-LONG")]
    public void Lines_that_offer_nothing_give_no_mechanism(string line) => Assert.Empty(SmtpAuthClient.MechanismsIn([line]));

    [Fact]
    public void No_more_than_a_hundred_names_are_taken() =>
        Assert.Equal(100, SmtpAuthClient.MechanismsIn(["AUTH " + string.Join(' ', Enumerable.Range(0, 5000).Select(static n => $"X{n}"))]).Length);

    [Fact]
    public async Task Initial_response_goes_with_the_command_when_it_fits()
    {
        using SmtpAuthClient client = TestClient.Make();
        var server = new ScriptedServer(Success);

        Assert.True((await server.Run(client, "PLAIN")).IsSuccess);
        Assert.Equal(["AUTH PLAIN " + TestServer.Plain()], server.Heard);
    }

    [Fact]
    public async Task Empty_initial_response_is_an_equals_sign()
    {
        using SmtpAuthClient client = TestClient.Make(mechanisms: [TestMechanism.Of("X-EMPTY", static (_, _, _) => SaslStep.Finished)]);
        var server = new ScriptedServer(Success);

        Assert.True((await server.Run(client, "X-EMPTY")).IsSuccess);
        Assert.Equal(["AUTH X-EMPTY ="], server.Heard);
    }

    // "AUTH PLAIN " and CRLF are 13 octets, so that 499 are left; base64 comes in groups of 4, so that 496 fit: 372 octets of message.
    [Theory]
    [InlineData(372, true)]
    [InlineData(373, false)]
    public async Task Initial_response_moves_behind_an_empty_challenge_when_the_command_would_pass_512_octets(int length, bool fits)
    {
        string password = new('p', length - "\0alice\0".Length);
        using SmtpAuthClient client = TestClient.Make(password);
        var server = new ScriptedServer(fits ? [Success] : ["334 ", Success]);

        Assert.True((await server.Run(client, "PLAIN")).IsSuccess);
        string response = TestServer.Plain(password);
        Assert.Equal(fits ? ["AUTH PLAIN " + response] : ["AUTH PLAIN", response], server.Heard);
        Assert.All(server.Heard.Take(1), static command => Assert.True(command.Length + 2 <= 512));
    }

    [Fact]
    public async Task Initial_response_can_be_kept_out_of_the_command()
    {
        using SmtpAuthClient client = TestClient.Make(options: new SmtpAuthClientOptions { InitialResponse = false });
        var server = new ScriptedServer("334", Success);

        Assert.True((await server.Run(client, "PLAIN")).IsSuccess);
        Assert.Equal(["AUTH PLAIN", TestServer.Plain()], server.Heard);
    }

    [Fact]
    public async Task Success_before_the_initial_response_was_sent_is_no_success()
    {
        using SmtpAuthClient client = TestClient.Make(options: new SmtpAuthClientOptions { InitialResponse = false });
        var server = new ScriptedServer(Success);

        SmtpAuthResult result = await server.Run(client, "PLAIN");
        Assert.Equal(SaslError.Malformed, result.Error);
        Assert.True(result.MustDisconnect);
        Assert.Equal(["AUTH PLAIN"], server.Heard);
    }

    [Fact]
    public async Task Challenge_before_the_initial_response_is_cancelled_and_the_password_stays_here()
    {
        using SmtpAuthClient client = TestClient.Make(options: new SmtpAuthClientOptions { InitialResponse = false });
        var server = new ScriptedServer("334 AAAA", "501 5.7.0 cancelled");

        SmtpAuthResult result = await server.Run(client, "PLAIN");
        Assert.Equal(SaslError.Malformed, result.Error);
        Assert.Equal(["AUTH PLAIN", "*"], server.Heard);
        Assert.False(result.MustDisconnect);
    }

    [Fact]
    public async Task Server_that_asks_again_after_the_end_does_not_get_the_password_twice()
    {
        using SmtpAuthClient client = TestClient.Make();
        var server = new ScriptedServer("334 ", "501 5.7.0 cancelled");

        SmtpAuthResult result = await server.Run(client, "PLAIN");
        Assert.False(result.IsSuccess);
        Assert.Equal("*", server.Heard[^1]);
        Assert.Equal(2, server.Heard.Count);
    }

    [Theory]
    [InlineData("334 A")]
    [InlineData("334 AHRlc3Q")]
    [InlineData("334 please")]
    [InlineData("334 \u00ff\u00ff\u00ff\u00ff")]
    public async Task Challenge_that_is_not_base64_is_cancelled(string challenge)
    {
        using SmtpAuthClient client = TestClient.Make(mechanisms: [SaslMechanisms.CramMd5]);
        var server = new ScriptedServer(challenge, "501 5.7.0 Authentication aborted");

        SmtpAuthResult result = await server.Run(client, "CRAM-MD5");
        Assert.Equal(SaslError.Malformed, result.Error);
        Assert.Equal("the challenge is not base64", result.Detail);
        Assert.Equal(501, result.ReplyCode);
        Assert.Equal(["AUTH CRAM-MD5", "*"], server.Heard);
        Assert.False(result.MustDisconnect);
    }

    [Fact]
    public async Task Challenge_in_several_lines_is_cancelled()
    {
        using SmtpAuthClient client = TestClient.Make(mechanisms: [SaslMechanisms.CramMd5]);
        var server = new ScriptedServer("334-PDE+", "334 PDE+", "501 5.7.0 cancelled");

        Assert.Equal(SaslError.Malformed, (await server.Run(client, "CRAM-MD5")).Error);
        Assert.Equal("*", server.Heard[^1]);
    }

    [Fact]
    public async Task Challenge_of_12288_octets_is_taken_and_a_longer_one_cancelled()
    {
        int heard = 0;
        SaslMechanism mechanism = TestMechanism.Of("X-LONG", (_, input, _) =>
        {
            heard = input.Length;
            return SaslStep.Finished;
        }, SaslFirstMove.Server);
        string longest = Convert.ToBase64String(new byte[9216]);

        using SmtpAuthClient patient = TestClient.Make(mechanisms: [mechanism]);
        Assert.True((await new ScriptedServer("334 " + longest, Success).Run(patient, "X-LONG")).IsSuccess);
        Assert.Equal(9216, heard);
        Assert.Equal(4 + 12288, patient.MaxLineLength);

        using SmtpAuthClient flooded = TestClient.Make(mechanisms: [mechanism]);
        SmtpAuthResult result = await new ScriptedServer("334 " + longest + "AAAA", "501 no").Run(flooded, "X-LONG");
        Assert.Equal(SaslError.MessageTooLong, result.Error);
    }

    [Fact]
    public async Task Server_that_asks_without_end_is_cancelled()
    {
        SaslMechanism endless = TestMechanism.Of("X-ENDLESS", static (_, _, _) => SaslStep.Continue);
        using SmtpAuthClient client = TestClient.Make(mechanisms: [endless]);
        var server = new ScriptedServer([.. Enumerable.Repeat("334 ", 65), "501 no"]);

        SmtpAuthResult result = await server.Run(client, "X-ENDLESS");
        Assert.Equal("the server asks without end", result.Detail);
        Assert.Equal("*", server.Heard[^1]);
    }

    [Fact]
    public async Task Success_without_proof_of_a_mechanism_that_proves_the_server_is_a_failure()
    {
        SaslMechanism mutual = TestMechanism.Of("X-MUTUAL", static (_, _, _) => SaslStep.Continue,
            security: SaslSecurityFlags.NoPlaintext | SaslSecurityFlags.MutualAuth);
        using SmtpAuthClient client = TestClient.Make(mechanisms: [mutual]);

        SmtpAuthResult result = await new ScriptedServer(Success).Run(client, "X-MUTUAL");
        Assert.Equal(SaslError.ServerNotAuthentic, result.Error);
        Assert.False(result.IsSuccess);
        Assert.True(result.MustDisconnect);
    }

    [Fact]
    public async Task Failure_on_this_side_is_cancelled_and_told_with_its_reason()
    {
        SaslMechanism failing = TestMechanism.Of("X-FAIL", static (_, _, _) => SaslStep.Fail(SaslError.ServerNotAuthentic, "told to"), SaslFirstMove.Server);
        using SmtpAuthClient client = TestClient.Make(mechanisms: [failing]);
        var server = new ScriptedServer("334 AAAA", "501 5.7.0 cancelled");

        SmtpAuthResult result = await server.Run(client, "X-FAIL");
        Assert.Equal((SaslError.ServerNotAuthentic, "told to"), (result.Error, result.Detail));
        Assert.True(result.MustDisconnect);
        Assert.Equal("*", server.Heard[^1]);
    }

    [Fact]
    public async Task Credentials_that_are_refused_inside_the_mechanism_are_refused()
    {
        SaslMechanism refusing = TestMechanism.Of("X-E", static (_, _, _) => SaslStep.Fail(SaslError.InvalidCredentials, "the server says so"), SaslFirstMove.Server);
        using SmtpAuthClient client = TestClient.Make(mechanisms: [refusing]);

        Assert.True((await new ScriptedServer("334 AAAA", "501 5.7.0 cancelled").Run(client, "X-E")).CredentialsRefused);
    }

    [Theory]
    [InlineData("334 AAAA")]
    [InlineData(Success)]
    public async Task Server_that_goes_on_after_a_cancellation_is_left(string answer)
    {
        using SmtpAuthClient client = TestClient.Make(mechanisms: [SaslMechanisms.CramMd5]);

        SmtpAuthResult result = await new ScriptedServer("334 !", answer).Run(client, "CRAM-MD5");
        Assert.True(result.MustDisconnect);
        Assert.False(result.IsSuccess);
    }

    [Theory]
    [InlineData("535 5.7.8 no", SaslError.InvalidCredentials, "5.7.8", true, false)]
    [InlineData("535 no", SaslError.InvalidCredentials, null, true, false)]
    [InlineData("454 4.7.0 later", SaslError.TemporaryFailure, "4.7.0", false, true)]
    [InlineData("421 4.3.0 bye", SaslError.TemporaryFailure, "4.3.0", false, true)]
    [InlineData("432 4.7.12 change", SaslError.TransitionNeeded, "4.7.12", false, false)]
    [InlineData("500 5.5.6 long", SaslError.MessageTooLong, "5.5.6", false, false)]
    [InlineData("500 5.5.1 what", SaslError.Malformed, "5.5.1", false, false)]
    [InlineData("501 5.5.2 what", SaslError.Malformed, "5.5.2", false, false)]
    [InlineData("504 5.5.4 which", SaslError.MechanismUnavailable, "5.5.4", false, false)]
    [InlineData("530 5.7.0 STARTTLS first", SaslError.EncryptionRequired, "5.7.0", false, false)]
    [InlineData("534 5.7.9 weak", SaslError.MechanismTooWeak, "5.7.9", false, false)]
    [InlineData("538 5.7.11 plain", SaslError.EncryptionRequired, "5.7.11", false, false)]
    [InlineData("554 5.7.1 go away", SaslError.Aborted, "5.7.1", false, false)]
    [InlineData("503 5.5.1 not now", SaslError.Aborted, "5.5.1", false, false)]
    [InlineData("535 4.7.8 of another class", SaslError.InvalidCredentials, null, true, false)]
    [InlineData("535 5.7.8888 too long", SaslError.InvalidCredentials, null, true, false)]
    [InlineData("535 5.7 short", SaslError.InvalidCredentials, null, true, false)]
    public async Task Every_reply_has_its_meaning(string reply, SaslError error, string? status, bool credentials, bool temporary)
    {
        using SmtpAuthClient client = TestClient.Make();

        SmtpAuthResult result = await new ScriptedServer(reply).Run(client, "PLAIN");
        Assert.Equal(error, result.Error);
        Assert.Equal(status, result.EnhancedStatus);
        Assert.Equal(credentials, result.CredentialsRefused);
        Assert.Equal(temporary, result.IsTemporary);
        Assert.Equal(reply.StartsWith("421", StringComparison.Ordinal), result.MustDisconnect);
        Assert.False(result.IsSuccess);
    }

    [Fact]
    public async Task Reply_of_several_lines_is_read_whole_and_its_text_made_harmless()
    {
        using SmtpAuthClient client = TestClient.Make();
        var server = new ScriptedServer("535-5.7.8 Username and password\u001b[31m", "535 5.7.8 not accepted");

        SmtpAuthResult result = await server.Run(client, "PLAIN");
        Assert.Equal("5.7.8 Username and password?[31m 5.7.8 not accepted", result.ServerText);
        Assert.Equal("InvalidCredentials with PLAIN (535 5.7.8)", result.ToString());
    }

    [Fact]
    public async Task Text_of_the_server_has_a_bound()
    {
        using SmtpAuthClient client = TestClient.Make();
        string[] lines = [.. Enumerable.Repeat("535-" + new string('x', 2000), 60), "535 end"];

        SmtpAuthResult result = await new ScriptedServer(lines).Run(client, "PLAIN");
        Assert.Equal(512, result.ServerText.Length);
        Assert.EndsWith("…", result.ServerText, StringComparison.Ordinal);
        Assert.Equal(535, result.ReplyCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("23")]
    [InlineData("hello")]
    [InlineData("235x")]
    [InlineData("135 no")]
    [InlineData("635 no")]
    [InlineData("2\u00b25 no")]
    public async Task What_is_no_reply_ends_the_conversation(string line)
    {
        using SmtpAuthClient client = TestClient.Make();

        SmtpAuthResult result = await new ScriptedServer(line).Run(client, "PLAIN");
        Assert.Equal(SaslError.Malformed, result.Error);
        Assert.True(result.MustDisconnect);
        Assert.Null(result.ReplyCode);
    }

    [Theory]
    [InlineData("535-one", "534 two")]
    [InlineData("235-one", "535 two")]
    public async Task Lines_of_one_reply_have_one_code(string first, string second)
    {
        using SmtpAuthClient client = TestClient.Make();

        Assert.True((await new ScriptedServer(first, second).Run(client, "PLAIN")).MustDisconnect);
    }

    [Fact]
    public async Task Reply_without_end_is_given_up()
    {
        using SmtpAuthClient client = TestClient.Make();

        SmtpAuthResult result = await new ScriptedServer([.. Enumerable.Repeat("235-more", 65), Success]).Run(client, "PLAIN");
        Assert.False(result.IsSuccess);
        Assert.True(result.MustDisconnect);
    }

    [Fact]
    public async Task Connection_that_ends_is_a_temporary_failure()
    {
        using SmtpAuthClient client = TestClient.Make();

        SmtpAuthResult result = await new ScriptedServer().Run(client, "PLAIN");
        Assert.True(result.IsTemporary);
        Assert.True(result.MustDisconnect);
        Assert.Equal("the connection ended", result.Detail);
    }

    [Fact]
    public async Task When_no_mechanism_fits_nothing_is_sent_and_the_report_names_the_rule()
    {
        using SmtpAuthClient client = TestClient.Make(channel: SaslChannel.Plaintext);
        var server = new ScriptedServer();

        SmtpAuthResult result = await server.Run(client, "PLAIN", "LOGIN");
        Assert.Equal(SaslError.MechanismUnavailable, result.Error);
        Assert.Empty(server.Heard);
        Assert.Contains("noplaintext is required and the channel is not encrypted", result.Selection?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Next_mechanism_is_tried_only_where_asked_for()
    {
        using SmtpAuthClient client = TestClient.Make();
        var server = new ScriptedServer("504 5.5.4 broken today", Success);

        Assert.Equal(SaslError.MechanismUnavailable, (await server.Run(client, "CRAM-MD5", "PLAIN")).Error);
        Assert.Equal(["AUTH CRAM-MD5"], server.Heard);
    }

    [Theory]
    [InlineData("504 5.5.4 no", true)]
    [InlineData("534 5.7.9 no", true)]
    [InlineData("538 5.7.11 no", true)]
    [InlineData("500 5.5.6 no", true)]
    [InlineData("500 no", false)]
    [InlineData("535 5.7.8 no", false)]
    [InlineData("454 4.7.0 no", false)]
    [InlineData("501 5.5.2 no", false)]
    [InlineData("421 4.7.0 no", false)]
    public async Task Next_mechanism_is_tried_when_this_one_is_unusable_and_never_for_other_reasons(string reply, bool goesOn)
    {
        using SmtpAuthClient client = TestClient.Make(options: new SmtpAuthClientOptions { TryNextMechanism = true });
        var server = new ScriptedServer(reply, Success);

        SmtpAuthResult result = await server.Run(client, "CRAM-MD5", "PLAIN");
        Assert.Equal(goesOn, result.IsSuccess);
        Assert.Equal(goesOn ? "PLAIN" : "CRAM-MD5", result.Mechanism);
        Assert.Equal(goesOn ? 2 : 1, server.Heard.Count);
    }

    [Fact]
    public async Task When_all_mechanisms_are_unusable_the_last_refusal_is_the_result()
    {
        using SmtpAuthClient client = TestClient.Make(options: new SmtpAuthClientOptions { TryNextMechanism = true });

        SmtpAuthResult result = await new ScriptedServer("504 5.5.4 no", "534 5.7.9 no").Run(client, "CRAM-MD5", "PLAIN");
        Assert.Equal(534, result.ReplyCode);
        Assert.Equal("PLAIN", result.Mechanism);
    }

    [Fact]
    public async Task Mechanism_that_binds_to_the_channel_is_never_given_up_for_one_that_does_not()
    {
        SaslMechanism plus = new("X-PLUS") { RequiresChannelBinding = true, Security = SaslSecurityFlags.NoPlaintext, Client = TestMechanism.LastWord.Client };
        SaslChannel channel = TestServer.Tls with { Bindings = SaslChannelBindings.Of((SaslChannelBindings.TlsExporter, new byte[32])) };
        using SmtpAuthClient client = TestClient.Make(
            channel: channel, options: new SmtpAuthClientOptions { TryNextMechanism = true }, mechanisms: [plus, SaslMechanisms.Plain]);
        var server = new ScriptedServer("504 5.5.4 no", Success);

        Assert.Equal(504, (await server.Run(client, "X-PLUS", "PLAIN")).ReplyCode);
        Assert.Single(server.Heard);
    }

    [Fact]
    public async Task Client_can_try_again_after_a_refusal()
    {
        using SmtpAuthClient client = TestClient.Make();

        Assert.Equal(454, (await new ScriptedServer("454 4.7.0 later").Run(client, "PLAIN")).ReplyCode);
        Assert.True((await new ScriptedServer(Success).Run(client, "PLAIN")).IsSuccess);
    }

    [Fact]
    public async Task Security_layer_comes_with_the_success()
    {
        using var layer = new TestLayer();
        SaslMechanism layered = new("X-LAYER")
        {
            Security = SaslSecurityFlags.NoPlaintext,
            Client = _ => new LayeredExchange(layer),
        };
        using SmtpAuthClient client = TestClient.Make(mechanisms: [layered]);

        Assert.Same(layer, (await new ScriptedServer(Success).Run(client, "X-LAYER")).SecurityLayer);
    }

    private sealed class LayeredExchange(SaslSecurityLayer layer) : SaslExchange
    {
        public override SaslSecurityLayer? SecurityLayer => layer;

        public override ValueTask<SaslStep> StepAsync(
            ReadOnlyMemory<byte> input, System.Buffers.IBufferWriter<byte> output, CancellationToken cancellationToken) => new(SaslStep.Finished);
    }

    private sealed class TestLayer : SaslSecurityLayer
    {
        public override int Ssf => 1;

        public override int MaxPlaintext => 1;

        public override int MaxSealed => 1;

        public override void Wrap(ReadOnlySpan<byte> plaintext, System.Buffers.IBufferWriter<byte> output)
        {
        }

        public override bool TryUnwrap(ReadOnlySpan<byte> sealedBuffer, System.Buffers.IBufferWriter<byte> output) => false;
    }

    // 535 alone is what servers say that do not know RFC 7628's JSON.
    [Theory]
    [InlineData("535 5.7.3 Authentication unsuccessful", true)]
    [InlineData("454 4.7.0 Temporary authentication failure", false)]
    [InlineData("504 5.5.4 Unrecognized authentication type", false)]
    public async Task A_source_of_tokens_hears_that_a_token_was_refused_and_of_nothing_else(string reply, bool isRefused)
    {
        var asked = new List<SaslTokenRequest>();
        using var account = new SaslClient(new SaslClientOptions
        {
            Service = "smtp",
            ServerName = "mail.example.com",
            Mechanisms = [SaslMechanisms.XOAuth2],
            UserName = "alice",
            AccessToken = (request, _) =>
            {
                asked.Add(request);
                return new(SaslSecret.FromText("token"));
            },
        });
        using (var first = new SmtpAuthClient(account.CreateSession(TestServer.Tls)))
            Assert.False((await new ScriptedServer(reply).Run(first, "XOAUTH2")).IsSuccess);
        using (var second = new SmtpAuthClient(account.CreateSession(TestServer.Tls)))
            Assert.True((await new ScriptedServer(Success).Run(second, "XOAUTH2")).IsSuccess);
        Assert.Equal([null, isRefused ? new SaslTokenRefusal(null, null, null) : null], asked.Select(static request => request.Refused));
    }
}
