using System.Text;
using Sasl.Testing.Http;
using Sasl.Testing.Peers;
using Xunit;
using static Sasl.Tests.Builders;

namespace Sasl.Tests;

/// <summary>Token validators that smtpd.conf names.</summary>
public sealed class OAuthOptionsTests : IDisposable
{
    private const string Jwt = "oauth_issuer: https://id.example.com\noauth_audience: smtp.example.com\n";

    private readonly PrivateDirectory _directory = PrivateDirectory.Create("oauth");
    private readonly TestIssuer _issuer = new();

    public void Dispose()
    {
        _issuer.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Keys_in_a_file_let_the_owner_of_a_token_in()
    {
        string keys = _directory.Write("jwks.json", _issuer.Keys);
        using SaslServerSetup setup = Memory().Build("smtp", Conf($"{Jwt}oauth_jwks: {keys}\noauth_scope: mail"));
        Assert.Equal("jwt", setup.Explanation.TokenValidator);
        Assert.Contains("Access tokens are checked by: jwt", setup.Explanation.ToString(), StringComparison.Ordinal);
        string claims = TestIssuer.Claims("https://id.example.com", DateTimeOffset.UtcNow, more: ",\"scope\":\"mail\"");
        Assert.Equal("alice@example.com", await LogInAsync(setup, _issuer.Sign(claims)));
        Assert.Contains("invalid_token", await LogInAsync(setup, _issuer.Sign(claims) + "x"), StringComparison.Ordinal);
        Assert.Equal(
            """{"status":"insufficient_scope","scope":"mail","openid-configuration":"https://id.example.com/.well-known/openid-configuration"}""",
            await LogInAsync(setup, _issuer.Sign(claims.Replace("mail\"", "other\"", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task An_introspection_endpoint_is_asked_as_the_options_say()
    {
        await using var http = new LoopbackHttp(static request => new LoopbackAnswer(
            request.Body.StartsWith("token=good&", StringComparison.Ordinal) ? """{"active":true,"username":"alice","sub":"17"}""" : """{"active":false}"""));
        using SaslServerSetup setup = Memory().Build("smtp", Conf(
            $"oauth_introspection_url: {http.Address}\noauth_introspection_client_id: us\noauth_introspection_client_secret: hidden\noauth_username_claim: username\n"
            + "oauth_introspection_cache: 60"));
        Assert.Equal("alice@example.com", await LogInAsync(setup, "good"));
        Assert.Equal("""{"status":"invalid_token"}""", await LogInAsync(setup, "bad"));
        Assert.Equal("alice@example.com", await LogInAsync(setup, "good"));
        Assert.Equal("""{"status":"invalid_token"}""", await LogInAsync(setup, "bad"));
        Assert.Equal(3, http.Requests.Count);    // the yes is remembered, the no is not
        Assert.All(http.Requests, static request => Assert.Equal("Basic dXM6aGlkZGVu", request.Authorization));
        Assert.Contains("oauth_introspection_client_secret: (not shown)", setup.Explanation.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", setup.Explanation.ToString().Replace("hidden:", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_validator_neither_mechanism_is_offered_and_keys_without_effect_are_named()
    {
        using SaslServerSetup setup = Memory().Build("smtp", Conf("oauth_scope: mail\noauth_jwks: /x"));
        Assert.Null(setup.Explanation.TokenValidator);
        Assert.DoesNotContain(setup.Server.CreateSession(new SaslChannel { ExternalSsf = 256 }).Mechanisms, static mechanism => mechanism.Name == "XOAUTH2");
        Assert.Equal(2, setup.Explanation.Warnings.Count(static warning => warning.ToString().Contains("there is no token validator that reads it", StringComparison.Ordinal)));
        Assert.DoesNotContain(setup.Explanation.Options, static option => option.Key.StartsWith("oauth_", StringComparison.Ordinal));
    }

    [Fact]
    public void Keys_of_the_other_validator_have_no_effect()
    {
        using SaslServerSetup setup = Memory().Build("smtp", Conf($"{Jwt}oauth_introspection_url: https://id.example.com/i\noauth_algorithms: ES256"));
        Assert.Equal("introspection", setup.Explanation.TokenValidator);
        Assert.Contains(setup.Explanation.Warnings, static warning => warning.ToString().Contains("oauth_algorithms", StringComparison.Ordinal));
    }

    [Fact]
    public void The_applications_own_validator_comes_first()
    {
        SaslServerBuilder builder = Memory();
        builder.TokenValidator = new History.OneToken("x");
        using SaslServerSetup setup = builder.Build("smtp", Conf(Jwt));
        Assert.Equal("OneToken", setup.Explanation.TokenValidator);
        Assert.Contains(setup.Explanation.Warnings, static warning => warning.ToString().Contains("the application has a token validator of its own", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_is_not_there_yet_is_remarked()
    {
        using SaslServerSetup setup = Memory().Build("smtp", Conf($"{Jwt}oauth_jwks: {_directory.At("none.json")}"));
        Assert.Contains(setup.Explanation.Warnings, static warning => warning.ToString().Contains("oauth_jwks: there is no such file yet", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("oauth_issuer: https://id.example.com", "oauth_audience: A token must be for somebody")]
    [InlineData("oauth_issuer: http://id.example.com\noauth_audience: x", "oauth_issuer: The issuer is no https address")]
    [InlineData("oauth_issuer: urn:x\noauth_audience: x", "oauth_issuer: The issuer is no https address")]
    [InlineData(Jwt + "oauth_algorithms: RS256 HS256", "oauth_algorithms: An algorithm is one of RS256")]
    [InlineData(Jwt + "oauth_algorithms: none", "oauth_algorithms: An algorithm is one of RS256")]
    [InlineData(Jwt + "oauth_jwks: http://id.example.com/keys", "oauth_jwks: An address of an issuer is absolute and https")]
    [InlineData(Jwt + "oauth_jwks: keys.json", "oauth_jwks: an https address or the full path")]
    [InlineData(Jwt + "oauth_clock_skew: 601", "oauth_clock_skew: '601' is not accepted")]
    [InlineData(Jwt + "oauth_timeout: 0", "oauth_timeout: '0' is not accepted")]
    [InlineData(Jwt + "oauth_ca_file: /nowhere/ca.pem", "oauth_ca_file: the file cannot be read")]
    [InlineData("oauth_introspection_url: http://id.example.com/", "oauth_introspection_url: An address of an issuer")]
    [InlineData("oauth_introspection_url: https://id.example.com/\noauth_introspection_cache: 301", "oauth_introspection_cache: '301' is not accepted")]
    [InlineData("oauth_introspection_url: id", "oauth_introspection_url: an https address is expected")]
    [InlineData("oauth_introspection_url: https://id.example.com/\noauth_introspection_client_secret: s", "oauth_introspection_client_id: A secret needs the name")]
    public void What_cannot_work_stops_the_start(string text, string message) => Assert.Contains(
        message, Assert.Throws<SaslConfigurationException>(() => Memory().Build("smtp", Conf(text))).Message, StringComparison.Ordinal);

    // The user, or the reason of the refusal.
    private static async Task<string> LogInAsync(SaslServerSetup setup, string token)
    {
        using SaslServerSession session = setup.Server.CreateSession(new SaslChannel { ExternalSsf = 256 });
        SaslReply reply = await session.StartAsync("OAUTHBEARER", Encoding.ASCII.GetBytes($"n,,\u0001auth=Bearer {token}\u0001\u0001"));
        if (reply.IsSuccess)
            return session.Identity!.Authorized.ToString();
        string reason = Encoding.UTF8.GetString(reply.Message!.Value.Span);
        Assert.Equal(SaslError.InvalidCredentials, (await session.StepAsync(new byte[] { 1 })).Error);
        return reason;
    }
}
