using System.Text;
using Microsoft.Extensions.Time.Testing;
using Sasl.Testing.Http;
using Xunit;

namespace Sasl.OAuth.Tests;

/// <summary>RFC 7662 against an endpoint that answers rightly, wrongly, late, or not at all.</summary>
public sealed class IntrospectionValidatorTests
{
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeSeconds(2_000_000_000));

    [Fact]
    public async Task An_active_token_says_whose_it_is_and_the_question_is_as_the_RFC_has_it()
    {
        await using var http = new LoopbackHttp(static _ => new LoopbackAnswer("""{"active":true,"sub":"alice","scope":"mail send","exp":2000000300,"client_id":"c"}"""));
        using SaslSecret secret = SaslSecret.FromText("s:cret%");
        using var validator = new IntrospectionValidator(Options(http) with { ClientId = "our server", ClientSecret = secret });
        TokenVerdict verdict = await JudgeAsync(validator, "a+b/c=.~-_");
        Assert.Equal(("alice", "mail send"), (verdict.Grant!.UserName, verdict.Grant.Scope));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(2_000_000_300), verdict.Grant.Expires);
        Assert.Equal("introspection", verdict.DecidedBy);
        LoopbackRequest request = Assert.Single(http.Requests);
        Assert.Equal(("POST", "/introspect", "token=a%2Bb%2Fc%3D.~-_&token_type_hint=access_token"), (request.Method, request.Path, request.Body));
        Assert.Equal("Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes("our%20server:s%3Acret%25")), request.Authorization);
    }

    [Theory]
    [InlineData("""{"active":false}""", "not active")]
    [InlineData("""{"active":false,"sub":"alice"}""", "not active")]
    [InlineData("""{"active":true}""", "names the user")]
    [InlineData("""{"active":true,"sub":""}""", "names the user")]
    [InlineData("""{"active":true,"sub":["alice"]}""", "names the user")]
    [InlineData("""{"active":true,"sub":"alice","exp":1999999940}""", "expired")]
    [InlineData("""{"active":true,"sub":"alice","exp":"2000000300"}""", "times")]
    [InlineData("""{"active":true,"sub":"alice","nbf":2000000061}""", "not valid yet")]
    [InlineData("""{"active":true,"sub":"alice","cnf":{"x5t#S256":"x"}}""", "bound to a key")]
    [InlineData("""{"active":true,"sub":"alice","iss":"https://evil.example.com"}""", "another issuer")]
    public async Task A_no_is_a_no(string answer, string reason)
    {
        await using var http = new LoopbackHttp(_ => new LoopbackAnswer(answer));
        using var validator = new IntrospectionValidator(Options(http) with { Rules = new TokenRules { Issuer = "https://id.example.com" } });
        TokenVerdict verdict = await JudgeAsync(validator, "token");
        Assert.Equal(TokenOutcome.Invalid, verdict.Outcome);
        Assert.Contains(reason, verdict.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"active":true,"sub":"alice","aud":"smtp"}""", TokenOutcome.Valid)]
    [InlineData("""{"active":true,"sub":"alice","aud":["x","smtp"],"iss":"https://id.example.com"}""", TokenOutcome.Valid)]
    [InlineData("""{"active":true,"sub":"alice","aud":"imap"}""", TokenOutcome.Invalid)]
    [InlineData("""{"active":true,"sub":"alice"}""", TokenOutcome.Invalid)]
    public async Task An_audience_that_is_asked_for_must_be_named(string answer, TokenOutcome outcome)
    {
        await using var http = new LoopbackHttp(_ => new LoopbackAnswer(answer));
        using var validator = new IntrospectionValidator(Options(http) with { Rules = new TokenRules { Issuer = "https://id.example.com", Audiences = ["smtp"] } });
        Assert.Equal(outcome, (await JudgeAsync(validator, "token")).Outcome);
    }

    [Theory]
    [InlineData("", 200)]
    [InlineData("x", 200)]
    [InlineData("null", 200)]
    [InlineData("[true]", 200)]
    [InlineData("{}", 200)]
    [InlineData("""{"active":"true","sub":"alice"}""", 200)]
    [InlineData("""{"active":1,"sub":"alice"}""", 200)]
    [InlineData("""{"active":null,"sub":"alice"}""", 200)]
    [InlineData("""{"active":false,"active":true,"sub":"alice"}""", 200)]
    [InlineData("""{"active":true,"sub":"alice","sub":"root"}""", 200)]
    [InlineData("""{"active":true,"sub":"alice"}""", 201)]
    [InlineData("""{"active":true,"sub":"alice"}""", 302)]
    [InlineData("""{"error":"invalid_client"}""", 401)]
    [InlineData("""{"active":true,"sub":"alice"}""", 500)]
    public async Task What_is_neither_yes_nor_no_is_a_temporary_failure(string answer, int status)
    {
        await using var http = new LoopbackHttp(_ => new LoopbackAnswer(answer, status, status == 302 ? "/elsewhere" : null));
        using var validator = new IntrospectionValidator(Options(http));
        SaslUnavailableException exception = await Assert.ThrowsAsync<SaslUnavailableException>(() => JudgeAsync(validator, "secret-token"));
        Assert.DoesNotContain("secret-token", exception.ToString(), StringComparison.Ordinal);
        Assert.Single(http.Requests);
    }

    [Fact]
    public async Task An_answer_without_end_one_that_never_comes_and_nobody_there_are_temporary_failures()
    {
        await using var large = new LoopbackHttp(static _ => new LoopbackAnswer("{\"active\":true,\"sub\":\"alice\",\"x\":\"" + new string('x', TokenHttp.MaxAnswerLength) + "\"}"));
        using var first = new IntrospectionValidator(Options(large));
        await Assert.ThrowsAsync<SaslUnavailableException>(() => JudgeAsync(first, "token"));

        await using var silent = new LoopbackHttp(static _ => null);
        using var second = new IntrospectionValidator(Options(silent) with { Http = new TokenHttpOptions { Timeout = TimeSpan.FromMilliseconds(200) } });
        await Assert.ThrowsAsync<SaslUnavailableException>(() => JudgeAsync(second, "token"));

        using var third = new IntrospectionValidator(new IntrospectionValidatorOptions { Address = new Uri("http://127.0.0.1:1/") });
        await Assert.ThrowsAsync<SaslUnavailableException>(() => JudgeAsync(third, "token"));
    }

    [Fact]
    public async Task A_caller_that_cancels_is_told_so()
    {
        await using var silent = new LoopbackHttp(static _ => null);
        using var validator = new IntrospectionValidator(Options(silent));
        using var cancelled = new CancellationTokenSource();
        Task<TokenVerdict> asking = validator.ValidateAsync("token"u8.ToArray(), JwtWorld.Service, cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task A_token_that_is_too_long_is_not_sent()
    {
        await using var http = new LoopbackHttp(static _ => new LoopbackAnswer("""{"active":true,"sub":"alice"}"""));
        using var validator = new IntrospectionValidator(Options(http) with { MaxTokenLength = 5 });
        Assert.Equal(TokenOutcome.Invalid, (await JudgeAsync(validator, "123456")).Outcome);
        Assert.Empty(http.Requests);
        Assert.Equal(TokenOutcome.Valid, (await JudgeAsync(validator, "12345")).Outcome);
    }

    [Fact]
    public async Task Every_token_is_asked_about_unless_the_options_say_otherwise()
    {
        await using var http = new LoopbackHttp(static _ => new LoopbackAnswer("""{"active":true,"sub":"alice"}"""));
        using var validator = new IntrospectionValidator(Options(http));
        await JudgeAsync(validator, "token");
        await JudgeAsync(validator, "token");
        Assert.Equal(2, http.Requests.Count);
    }

    [Fact]
    public async Task A_yes_is_remembered_for_the_time_that_was_set_and_no_longer()
    {
        bool isRevoked = false;
        await using var http = new LoopbackHttp(_ => new LoopbackAnswer(isRevoked ? """{"active":false}""" : """{"active":true,"sub":"alice","scope":"mail"}"""));
        using var validator = new IntrospectionValidator(Options(http) with { CacheLifetime = TimeSpan.FromSeconds(60) });
        TokenGrant asked = (await JudgeAsync(validator, "token")).Grant!;
        isRevoked = true;
        _clock.Advance(TimeSpan.FromSeconds(59));
        TokenVerdict remembered = await JudgeAsync(validator, "token");
        Assert.Equal(asked, remembered.Grant);
        Assert.Equal("introspection, remembered", remembered.DecidedBy);
        Assert.Equal(TokenOutcome.Invalid, (await JudgeAsync(validator, "tokem")).Outcome);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TokenOutcome.Invalid, (await JudgeAsync(validator, "token")).Outcome);
        Assert.Equal(3, http.Requests.Count);
    }

    [Fact]
    public async Task A_yes_is_not_remembered_beyond_the_tokens_end()
    {
        await using var http = new LoopbackHttp(static _ => new LoopbackAnswer("""{"active":true,"sub":"alice","exp":2000000010}"""));
        using var validator = new IntrospectionValidator(Options(http) with { CacheLifetime = TimeSpan.FromSeconds(60) });
        await JudgeAsync(validator, "token");
        _clock.Advance(TimeSpan.FromSeconds(9));
        await JudgeAsync(validator, "token");
        Assert.Single(http.Requests);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await JudgeAsync(validator, "token");
        await JudgeAsync(validator, "token");    // valid only by the clocks' allowance: asked each time
        Assert.Equal(3, http.Requests.Count);
    }

    [Fact]
    public async Task A_no_and_no_answer_are_not_remembered()
    {
        string answer = """{"active":false}""";
        await using var http = new LoopbackHttp(_ => new LoopbackAnswer(answer));
        using var validator = new IntrospectionValidator(Options(http) with { CacheLifetime = TimeSpan.FromSeconds(60) });
        Assert.Equal(TokenOutcome.Invalid, (await JudgeAsync(validator, "token")).Outcome);
        answer = "";
        await Assert.ThrowsAsync<SaslUnavailableException>(() => JudgeAsync(validator, "token"));
        answer = """{"active":true,"sub":"alice"}""";
        Assert.Equal(TokenOutcome.Valid, (await JudgeAsync(validator, "token")).Outcome);
    }

    [Fact]
    public void No_more_is_remembered_than_the_options_say_and_the_oldest_goes_first()
    {
        var cache = new TokenCache(TimeSpan.FromSeconds(60), size: 3, _clock);
        void Keep(string token) => cache.Keep(Encoding.ASCII.GetBytes(token), new TokenGrant(token), _clock.GetUtcNow());
        string? Find(string token) => cache.Find(Encoding.ASCII.GetBytes(token))?.UserName;
        foreach (string token in (string[])["a", "b", "c", "b", "d"])
            Keep(token);
        Assert.Equal([null, "b", "c", "d"], ((string[])["a", "b", "c", "d"]).Select(Find));
        for (int i = 0; i < 1000; i++)
            Keep($"{i}");
        Assert.Equal(3, cache.Count);
        _clock.Advance(TimeSpan.FromSeconds(60));
        Keep("after");
        Assert.Equal(1, cache.Count);    // what has had its time goes when another comes
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(301, 1)]
    [InlineData(1, 0)]
    [InlineData(1, 1_000_001)]
    public void A_memory_without_bounds_is_refused(int seconds, int size) => Assert.Throws<ArgumentOutOfRangeException>(() => new IntrospectionValidator(
        new IntrospectionValidatorOptions { Address = new Uri("https://id.example.com"), CacheLifetime = TimeSpan.FromSeconds(seconds), CacheSize = size }));

    [Theory]
    [InlineData("http://id.example.com/introspect")]
    [InlineData("http://10.0.0.1/introspect")]
    [InlineData("ftp://localhost/x")]
    [InlineData("https://user:pw@id.example.com/")]
    [InlineData("https://id.example.com/#x")]
    [InlineData("/introspect")]
    public void An_endpoint_without_TLS_is_refused(string address) => Assert.Throws<ArgumentException>(
        () => new IntrospectionValidator(new IntrospectionValidatorOptions { Address = new Uri(address, UriKind.RelativeOrAbsolute) }));

    [Theory]
    [InlineData("https://id.example.com/introspect")]
    [InlineData("http://localhost:1/introspect")]
    [InlineData("http://127.8.8.8/introspect")]
    [InlineData("http://[::1]/introspect")]
    public void TLS_or_this_machine_is_accepted(string address) =>
        new IntrospectionValidator(new IntrospectionValidatorOptions { Address = new Uri(address) }).Dispose();

    private static async Task<TokenVerdict> JudgeAsync(IntrospectionValidator validator, string token) =>
        await validator.ValidateAsync(Encoding.ASCII.GetBytes(token), JwtWorld.Service, default);

    private IntrospectionValidatorOptions Options(LoopbackHttp http) => new() { Address = new Uri(http.Address, "introspect"), Clock = _clock };
}
