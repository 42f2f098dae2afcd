using System.Text;
using Microsoft.Extensions.Time.Testing;
using Sasl.Testing.Http;
using Xunit;

namespace Sasl.OAuth.Tests;

/// <summary>Where an issuer's keys come from, and how often they are read.</summary>
public sealed class JwtKeyTests : IDisposable
{
    private const string Discovery = "/.well-known/openid-configuration";

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly TestIssuer _issuer = new();

    public void Dispose() => _issuer.Dispose();

    [Fact]
    public async Task Keys_are_found_by_discovery_and_read_once()
    {
        await using LoopbackHttp http = Serve(() => _issuer.Keys);
        using JwtValidator validator = Make(http);
        for (int i = 0; i < 3; i++)
            Assert.Equal(TokenOutcome.Valid, await JudgeAsync(validator, http));
        Assert.Equal([Discovery, "/keys"], http.Requests.Select(static request => request.Path));
        Assert.Equal(new Uri(http.Address, Discovery).AbsoluteUri, validator.Discovery.OpenIdConfiguration);
    }

    [Fact]
    public async Task Old_keys_are_read_again_and_a_key_that_was_taken_back_is_not_used_any_more()
    {
        using var next = new TestIssuer();
        string keys = _issuer.Keys;
        await using LoopbackHttp http = Serve(() => keys);
        using JwtValidator validator = Make(http);
        Assert.Equal(TokenOutcome.Valid, await JudgeAsync(validator, http));
        keys = next.Keys;
        Assert.Equal(TokenOutcome.Valid, await JudgeAsync(validator, http));
        _clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(TokenOutcome.Invalid, await JudgeAsync(validator, http));
        Assert.Equal(TokenOutcome.Valid, await JudgeAsync(validator, http, next));
    }

    [Fact]
    public async Task A_new_key_is_found_when_a_token_names_it_but_strangers_cannot_make_every_login_ask()
    {
        string keys = $$"""{"keys":[{{TestIssuer.EcMember(_issuer.Ec, TestIssuer.EcKey)}}]}""";
        await using LoopbackHttp http = Serve(() => keys);
        using JwtValidator validator = Make(http);
        for (int i = 0; i < 20; i++)
            Assert.Equal(TokenOutcome.Invalid, await JudgeAsync(validator, http));
        Assert.Equal(2, http.Requests.Count);
        keys = _issuer.Keys;
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(TokenOutcome.Valid, await JudgeAsync(validator, http));
        Assert.Equal(4, http.Requests.Count);
    }

    [Fact]
    public async Task While_the_issuer_is_down_known_keys_are_used_for_a_day_and_it_is_not_asked_all_the_time()
    {
        string? keys = _issuer.Keys;
        await using LoopbackHttp http = Serve(() => keys);
        using JwtValidator validator = Make(http);
        Assert.Equal(TokenOutcome.Valid, await JudgeAsync(validator, http));
        keys = null;
        _clock.Advance(TimeSpan.FromMinutes(10));
        int before = http.Requests.Count;
        for (int i = 0; i < 5; i++)
            Assert.Equal(TokenOutcome.Valid, await JudgeAsync(validator, http));
        Assert.Equal(before + 2, http.Requests.Count);
        _clock.Advance(TimeSpan.FromDays(1));
        await Assert.ThrowsAsync<SaslUnavailableException>(() => JudgeAsync(validator, http));
        await Assert.ThrowsAsync<SaslUnavailableException>(() => JudgeAsync(validator, http));
        keys = _issuer.Keys;
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(TokenOutcome.Valid, await JudgeAsync(validator, http));
    }

    [Fact]
    public async Task Many_logins_at_once_read_the_keys_once()
    {
        await using LoopbackHttp http = Serve(() => _issuer.Keys);
        using JwtValidator validator = Make(http);
        TokenOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => JudgeAsync(validator, http)));
        Assert.All(outcomes, static outcome => Assert.Equal(TokenOutcome.Valid, outcome));
        Assert.Equal(2, http.Requests.Count);
    }

    [Theory]
    [InlineData("{\"issuer\":\"https://evil.example.com\",\"jwks_uri\":\"{0}keys\"}")]
    [InlineData("{\"jwks_uri\":\"{0}keys\"}")]
    [InlineData("{\"issuer\":\"{1}\",\"jwks_uri\":\"http://192.0.2.1/keys\"}")]
    [InlineData("{\"issuer\":\"{1}\",\"jwks_uri\":\"file:///etc/passwd\"}")]
    [InlineData("{\"issuer\":\"{1}\",\"jwks_uri\":7}")]
    [InlineData("{\"issuer\":\"{1}\"}")]
    [InlineData("[]")]
    [InlineData("x")]
    public async Task A_discovery_document_that_does_not_fit_is_not_believed(string document)
    {
        LoopbackHttp? self = null;
        await using LoopbackHttp http = self = new LoopbackHttp(request => new LoopbackAnswer(request.Path == Discovery
            ? document.Replace("{0}", self!.Address.AbsoluteUri, StringComparison.Ordinal).Replace("{1}", IssuerOf(self), StringComparison.Ordinal)
            : _issuer.Keys));
        using JwtValidator validator = Make(http);
        await Assert.ThrowsAsync<SaslUnavailableException>(() => JudgeAsync(validator, http));
        Assert.Equal([Discovery], http.Requests.Select(static request => request.Path));
    }

    [Theory]
    [InlineData("", 200)]
    [InlineData("x", 200)]
    [InlineData("[]", 200)]
    [InlineData("{\"keys\":[]}", 200)]
    [InlineData("{\"keys\":7}", 200)]
    [InlineData("{\"keys\":[{\"kty\":\"RSA\",\"n\":\"!\",\"e\":\"AQAB\"}]}", 200)]
    [InlineData("{}", 404)]
    [InlineData("{}", 301)]
    [InlineData("{}", 500)]
    public async Task Keys_that_cannot_be_used_are_a_temporary_failure(string keys, int status)
    {
        await using var http = new LoopbackHttp(_ => new LoopbackAnswer(keys, status, status == 301 ? "http://127.0.0.1:1/" : null));
        using var validator = new JwtValidator(Options(http) with { KeyAddress = new Uri(http.Address, "keys") });
        await Assert.ThrowsAsync<SaslUnavailableException>(() => JudgeAsync(validator, http));
    }

    [Fact]
    public async Task An_answer_without_end_is_cut_and_one_that_never_comes_is_not_awaited()
    {
        await using var large = new LoopbackHttp(_ => new LoopbackAnswer(new string(' ', TokenHttp.MaxAnswerLength + 1)));
        using var first = new JwtValidator(Options(large) with { KeyAddress = large.Address });
        await Assert.ThrowsAsync<SaslUnavailableException>(() => JudgeAsync(first, large));

        await using var silent = new LoopbackHttp(static _ => null);
        using var second = new JwtValidator(Options(silent) with { KeyAddress = silent.Address, Http = new TokenHttpOptions { Timeout = TimeSpan.FromMilliseconds(200) } });
        await Assert.ThrowsAsync<SaslUnavailableException>(() => JudgeAsync(second, silent));
    }

    [Fact]
    public async Task A_file_that_is_missing_is_a_temporary_failure_until_it_is_there()
    {
        string path = Path.Combine(Path.GetTempPath(), $"jwks-{Guid.NewGuid():n}.json");
        using var validator = new JwtValidator(new JwtValidatorOptions { Issuer = "urn:x", Audiences = ["smtp.example.com"], KeyFile = path, Clock = _clock });
        byte[] token = Encoding.ASCII.GetBytes(_issuer.Sign(TestIssuer.Claims("urn:x", _clock.GetUtcNow())));
        await Assert.ThrowsAsync<SaslUnavailableException>(() => validator.ValidateAsync(token, JwtWorld.Service, default).AsTask());
        try
        {
            await File.WriteAllTextAsync(path, _issuer.Keys);
            _clock.Advance(TimeSpan.FromSeconds(10));
            Assert.Equal(TokenOutcome.Valid, (await validator.ValidateAsync(token, JwtWorld.Service, default)).Outcome);
            Assert.Null(validator.Discovery.OpenIdConfiguration);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("http://id.example.com")]
    [InlineData("urn:issuer")]
    [InlineData("id.example.com")]
    [InlineData("")]
    public void An_issuer_without_TLS_cannot_be_asked_for_keys(string issuer) =>
        Assert.ThrowsAny<ArgumentException>(() => new JwtValidator(new JwtValidatorOptions { Issuer = issuer, Audiences = ["x"] }));

    [Fact]
    public void Options_that_would_take_anybodys_token_are_refused()
    {
        var good = new JwtValidatorOptions { Issuer = "https://id.example.com", Audiences = ["x"] };
        new JwtValidator(good).Dispose();
        foreach (JwtValidatorOptions bad in new[]
        {
            good with { Audiences = [] }, good with { Audiences = [""] }, good with { Algorithms = [] }, good with { KeyFile = "x", KeyAddress = new Uri("https://x/") },
            good with { KeyAddress = new Uri("http://192.0.2.1/keys") }, good with { KeyAddress = new Uri("https://user@x/keys") }, good with { MaxTokenLength = 0 },
            good with { KeyLifetime = TimeSpan.Zero }, good with { KeyRetryInterval = TimeSpan.Zero }, good with { Rules = new TokenRules { UserNameClaim = "" } },
            good with { Rules = new TokenRules { ClockSkew = TimeSpan.FromHours(1) } }, good with { Http = new TokenHttpOptions { Timeout = TimeSpan.FromHours(1) } },
        })
        {
            Assert.ThrowsAny<ArgumentException>(() => new JwtValidator(bad));
        }
    }

    private static string IssuerOf(LoopbackHttp http) => http.Address.AbsoluteUri.TrimEnd('/');

    private static LoopbackHttp Serve(Func<string?> keys)
    {
        LoopbackHttp? self = null;
        return self = new LoopbackHttp(request => request.Path switch
        {
            Discovery => new LoopbackAnswer($$"""{"issuer":"{{IssuerOf(self!)}}","jwks_uri":"{{self!.Address}}keys"}"""),
            "/keys" when keys() is { } text => new LoopbackAnswer(text),
            _ => new LoopbackAnswer("down", 503),
        });
    }

    private JwtValidatorOptions Options(LoopbackHttp http) => new() { Issuer = IssuerOf(http), Audiences = ["smtp.example.com"], Clock = _clock };

    private JwtValidator Make(LoopbackHttp http) => new(Options(http));

    private async Task<TokenOutcome> JudgeAsync(JwtValidator validator, LoopbackHttp http, TestIssuer? issuer = null)
    {
        string token = (issuer ?? _issuer).Sign(TestIssuer.Claims(IssuerOf(http), _clock.GetUtcNow()));
        return (await validator.ValidateAsync(Encoding.ASCII.GetBytes(token), JwtWorld.Service, default)).Outcome;
    }
}
