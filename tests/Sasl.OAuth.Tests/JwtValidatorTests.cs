using System.Security.Cryptography;
using System.Text;
using Sasl.Testing.Http;
using Xunit;

namespace Sasl.OAuth.Tests;

/// <summary>JSON web tokens: those that are right, and the attacks of RFC 8725 and of the last ten years.</summary>
public sealed class JwtValidatorTests
{
    [Fact]
    public async Task A_right_token_says_whose_it_is()
    {
        using var world = new JwtWorld();
        TokenVerdict verdict = await world.JudgeAsync(world.Issuer.Sign(world.Claims(""","scope":"mail openid","n":7,"list":["a"]""")));
        Assert.Equal(TokenOutcome.Valid, verdict.Outcome);
        Assert.Equal("alice", verdict.Grant!.UserName);
        Assert.Equal("mail openid", verdict.Grant.Scope);
        Assert.Equal(world.Clock.GetUtcNow().AddSeconds(300), verdict.Grant.Expires);
        Assert.Equal(("7", "[\"a\"]", "alice"), (verdict.Grant.Claims["n"], verdict.Grant.Claims["list"], verdict.Grant.Claims["sub"]));
        Assert.Equal("jwt", verdict.DecidedBy);
    }

    [Fact]
    public async Task Every_algorithm_that_is_known_can_be_checked()
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var p521 = ECDsa.Create(ECCurve.NamedCurves.nistP521);
        using var issuer = new TestIssuer();
        string Member(ECDsa key, string name, string curve)
        {
            ECParameters parameters = key.ExportParameters(false);
            return $$"""{"kty":"EC","crv":"{{curve}}","kid":"{{name}}","x":"{{TestIssuer.Encode(parameters.Q.X!)}}","y":"{{TestIssuer.Encode(parameters.Q.Y!)}}"}""";
        }
        using var world = new JwtWorld(keys: $$"""{"keys":[{{TestIssuer.RsaMember(issuer.Rsa, "r")}},{{TestIssuer.EcMember(issuer.Ec, "e")}},{{Member(p384, "p384", "P-384")}},{{Member(p521, "p521", "P-521")}}]}""");
        foreach (string algorithm in JwtValidatorOptions.KnownAlgorithms)
        {
            HashAlgorithmName hash = new("SHA" + algorithm[2..]);
            string key = algorithm switch { "ES256" => "e", "ES384" => "p384", "ES512" => "p521", _ => "r" };
            string token = TestIssuer.Sign($$"""{"alg":"{{algorithm}}","kid":"{{key}}"}""", world.Claims(), octets => algorithm switch
            {
                "ES256" => issuer.Ec.SignData(octets, hash),
                "ES384" => p384.SignData(octets, hash),
                "ES512" => p521.SignData(octets, hash),
                ['P', ..] => issuer.Rsa.SignData(octets, hash, RSASignaturePadding.Pss),
                _ => issuer.Rsa.SignData(octets, hash, RSASignaturePadding.Pkcs1),
            });
            Assert.Equal((algorithm, TokenOutcome.Valid), (algorithm, (await world.JudgeAsync(token)).Outcome));
        }
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    [InlineData("nOnE")]
    [InlineData("")]
    public async Task A_token_without_a_signature_is_refused(string algorithm)
    {
        using var world = new JwtWorld();
        string header = $$"""{"alg":"{{algorithm}}","kid":"{{TestIssuer.RsaKey}}"}""";
        await AssertInvalidAsync(world, TestIssuer.Sign(header, world.Claims(), static _ => []), "not allowed");
        string signed = world.Issuer.Sign(world.Claims(), header);
        await AssertInvalidAsync(world, signed, "not allowed");
    }

    [Fact]
    public async Task A_token_whose_signature_was_cut_off_is_refused()
    {
        using var world = new JwtWorld();
        string token = world.Issuer.Sign(world.Claims());
        await AssertInvalidAsync(world, token[..(token.LastIndexOf('.') + 1)], "signature");
        await AssertInvalidAsync(world, token[..token.LastIndexOf('.')], "not a signed");
    }

    [Theory]
    [InlineData("HS256", false)]
    [InlineData("HS256", true)]
    [InlineData("HS384", true)]
    [InlineData("HS512", true)]
    public async Task The_public_key_is_no_secret_for_an_HMAC(string algorithm, bool pem)
    {
        using var world = new JwtWorld();
        byte[] secret = pem ? Encoding.ASCII.GetBytes(world.Issuer.Rsa.ExportSubjectPublicKeyInfoPem()) : world.Issuer.Rsa.ExportParameters(false).Modulus!;
        string token = TestIssuer.Sign(
            $$"""{"alg":"{{algorithm}}","kid":"{{TestIssuer.RsaKey}}"}""", world.Claims(), octets => HMACSHA256.HashData(secret, octets));
        await AssertInvalidAsync(world, token, "not allowed");
    }

    [Fact]
    public async Task A_secret_among_the_issuers_keys_is_not_used_and_no_option_allows_it()
    {
        byte[] secret = RandomNumberGenerator.GetBytes(64);
        using var issuer = new TestIssuer();
        using var world = new JwtWorld(keys: $$"""{"keys":[{"kty":"oct","kid":"s","alg":"HS256","k":"{{TestIssuer.Encode(secret)}}"},{{TestIssuer.RsaMember(issuer.Rsa, "r")}}]}""");
        await AssertInvalidAsync(world, TestIssuer.Sign("""{"alg":"HS256","kid":"s"}""", world.Claims(), octets => HMACSHA256.HashData(secret, octets)), "not allowed");
        foreach (string algorithm in new[] { "HS256", "none", "rs256", "" })
            Assert.Throws<ArgumentException>(() => new JwtWorld(options => options with { Algorithms = [algorithm] }));
    }

    [Fact]
    public async Task An_algorithm_that_is_not_in_the_list_is_refused()
    {
        using var world = new JwtWorld(static options => options with { Algorithms = ["ES256"] });
        await AssertInvalidAsync(world, world.Issuer.Sign(world.Claims()), "not allowed");
        Assert.Equal(TokenOutcome.Valid, (await world.JudgeAsync(world.Issuer.SignEc(world.Claims()))).Outcome);
    }

    [Fact]
    public async Task A_key_of_another_kind_or_for_something_else_does_not_fit()
    {
        using var issuer = new TestIssuer();
        string rsa = TestIssuer.RsaMember(issuer.Rsa, "r");
        using var world = new JwtWorld(keys: $$"""{"keys":[{{rsa.Replace("\"sig\"", "\"enc\"", StringComparison.Ordinal)}},{{rsa.Replace("\"kid\":\"r\"", "\"kid\":\"p\",\"alg\":\"PS256\"", StringComparison.Ordinal)}},{{TestIssuer.EcMember(issuer.Ec, "e")}}]}""");
        await AssertInvalidAsync(world, issuer.Sign(world.Claims(), """{"alg":"RS256","kid":"r"}"""), "no such key");
        await AssertInvalidAsync(world, issuer.Sign(world.Claims(), """{"alg":"RS256","kid":"p"}"""), "no such key");
        await AssertInvalidAsync(world, issuer.Sign(world.Claims(), """{"alg":"RS256","kid":"e"}"""), "no such key");
        await AssertInvalidAsync(world, TestIssuer.Sign("""{"alg":"ES384","kid":"e"}""", world.Claims(), octets => issuer.Ec.SignData(octets, HashAlgorithmName.SHA384)), "no such key");
    }

    // Nothing here can check Ed25519 (RFC 8037): such a key does no harm to its neighbours, and its tokens are refused.
    [Fact]
    public async Task An_Ed25519_key_among_the_issuers_is_passed_over()
    {
        using var issuer = new TestIssuer();
        string edwards = $$"""{"kty":"OKP","crv":"Ed25519","use":"sig","kid":"ed","x":"{{TestIssuer.Encode(new byte[32])}}"}""";
        using var world = new JwtWorld(keys: $$"""{"keys":[{{edwards}},{{TestIssuer.RsaMember(issuer.Rsa, TestIssuer.RsaKey)}}]}""");
        Assert.Equal(TokenOutcome.Valid, (await world.JudgeAsync(issuer.Sign(world.Claims()))).Outcome);
        await AssertInvalidAsync(world, TestIssuer.Sign("""{"alg":"EdDSA","kid":"ed"}""", world.Claims(), static _ => new byte[64]), "not allowed");
        Assert.Throws<ArgumentException>(() => new JwtWorld(static options => options with { Algorithms = ["EdDSA"] }));
    }

    [Fact]
    public async Task A_short_RSA_key_is_not_used()
    {
        using RSA small = RSA.Create(1024);
        using var world = new JwtWorld(keys: $$"""{"keys":[{{TestIssuer.RsaMember(small, "r")}}]}""");
        await Assert.ThrowsAsync<SaslUnavailableException>(() => world.JudgeAsync(world.Issuer.Sign(world.Claims())));
    }

    [Fact]
    public async Task A_key_that_the_token_brings_along_is_not_used()
    {
        using var world = new JwtWorld();
        using var attacker = new TestIssuer();
        string jwk = TestIssuer.RsaMember(attacker.Rsa, TestIssuer.RsaKey);
        foreach (string header in new[]
        {
            $$"""{"alg":"RS256","kid":"{{TestIssuer.RsaKey}}","jwk":{{jwk}}}""",
            $$"""{"alg":"RS256","kid":"{{TestIssuer.RsaKey}}","jku":"http://127.0.0.1:1/keys","x5u":"http://127.0.0.1:1/cert"}""",
            $$"""{"alg":"RS256","jwk":{{jwk}}}""",
        })
        {
            await AssertInvalidAsync(world, attacker.Sign(world.Claims(), header), "signature");
        }
    }

    [Theory]
    [InlineData("unknown")]
    [InlineData("../../../../dev/null")]
    [InlineData("rsa-1' OR '1'='1")]
    [InlineData("ec-1")]
    public async Task A_key_that_is_not_the_named_one_is_not_used(string name)
    {
        using var world = new JwtWorld();
        await AssertInvalidAsync(world, world.Issuer.Sign(world.Claims(), $$"""{"alg":"RS256","kid":"{{name}}"}"""), "no such key");
    }

    [Fact]
    public async Task Without_a_name_the_issuers_keys_are_tried()
    {
        using var world = new JwtWorld();
        using var attacker = new TestIssuer();
        Assert.Equal(TokenOutcome.Valid, (await world.JudgeAsync(world.Issuer.Sign(world.Claims(), """{"alg":"RS256"}"""))).Outcome);
        await AssertInvalidAsync(world, attacker.Sign(world.Claims(), """{"alg":"RS256"}"""), "signature");
    }

    [Fact]
    public async Task A_token_of_another_issuer_or_for_another_service_is_refused()
    {
        using var world = new JwtWorld();
        foreach (string issuer in new[] { "https://evil.example.com", JwtWorld.IssuerName + "/", "HTTPS://ID.EXAMPLE.COM", "" })
            await AssertInvalidAsync(world, world.Issuer.Sign(world.Claims(issuer: issuer)), "another issuer");
        foreach (string audience in new[] { "\"imap.example.com\"", "\"smtp.example.com/\"", "\"SMTP.example.com\"", "[]", "[\"x\",\"y\"]", "\"\"" })
            await AssertInvalidAsync(world, world.Issuer.Sign(world.Claims(audience: audience)), "somebody else");
        Assert.Equal(TokenOutcome.Valid, (await world.JudgeAsync(world.Issuer.Sign(world.Claims(audience: "[\"x\",\"smtp.example.com\"]")))).Outcome);
    }

    [Fact]
    public async Task Claims_that_are_missing_are_not_made_up()
    {
        using var world = new JwtWorld();
        long now = world.Clock.GetUtcNow().ToUnixTimeSeconds();
        foreach ((string claims, string reason) in new[]
        {
            ($$"""{"sub":"alice","aud":"smtp.example.com","exp":{{now + 60}}}""", "issuer"),
            ($$"""{"iss":"{{JwtWorld.IssuerName}}","sub":"alice","exp":{{now + 60}}}""", "somebody else"),
            ($$"""{"iss":"{{JwtWorld.IssuerName}}","sub":"alice","aud":"smtp.example.com"}""", "when it expires"),
            ($$"""{"iss":"{{JwtWorld.IssuerName}}","aud":"smtp.example.com","exp":{{now + 60}}}""", "names the user"),
            ($$"""{"iss":"{{JwtWorld.IssuerName}}","sub":"","aud":"smtp.example.com","exp":{{now + 60}}}""", "names the user"),
            ($$"""{"iss":"{{JwtWorld.IssuerName}}","sub":7,"aud":"smtp.example.com","exp":{{now + 60}}}""", "names the user"),
            ($$"""{"iss":["{{JwtWorld.IssuerName}}"],"sub":"alice","aud":"smtp.example.com","exp":{{now + 60}}}""", ""),
        })
        {
            await AssertInvalidAsync(world, world.Issuer.Sign(claims), reason);
        }
    }

    [Theory]
    [InlineData(359, true)]
    [InlineData(360, false)]
    [InlineData(100_000, false)]
    public async Task A_token_lives_until_its_end_and_a_minute_for_clocks_that_differ(int later, bool valid)
    {
        using var world = new JwtWorld();
        string token = world.Issuer.Sign(world.Claims());
        world.Clock.Advance(TimeSpan.FromSeconds(later));
        Assert.Equal(valid ? TokenOutcome.Valid : TokenOutcome.Invalid, (await world.JudgeAsync(token)).Outcome);
    }

    [Theory]
    [InlineData("nbf", 60, true)]
    [InlineData("nbf", 61, false)]
    [InlineData("nbf", -100, true)]
    public async Task A_token_does_not_live_before_its_beginning(string claim, int seconds, bool valid)
    {
        using var world = new JwtWorld();
        TokenVerdict verdict = await world.JudgeAsync(world.Issuer.Sign(world.Claims($",\"{claim}\":{world.Clock.GetUtcNow().ToUnixTimeSeconds() + seconds}")));
        Assert.Equal(valid ? TokenOutcome.Valid : TokenOutcome.Invalid, verdict.Outcome);
    }

    [Theory]
    [InlineData("\"4102444800\"")]
    [InlineData("-1")]
    [InlineData("1e300")]
    [InlineData("9999999999999999999999")]
    [InlineData("null")]
    [InlineData("true")]
    public async Task A_time_that_is_none_is_refused(string time)
    {
        using var world = new JwtWorld();
        await AssertInvalidAsync(world, world.Issuer.Sign(
            $$"""{"iss":"{{JwtWorld.IssuerName}}","sub":"alice","aud":"smtp.example.com","exp":{{time}}}"""), "");
    }

    [Fact]
    public async Task A_claim_that_stands_twice_is_refused()
    {
        using var world = new JwtWorld();
        await AssertInvalidAsync(world, world.Issuer.Sign(world.Claims(""","sub":"root" """)), "twice");
    }

    [Fact]
    public async Task A_token_that_is_bound_to_a_key_or_has_extensions_or_another_type_is_refused()
    {
        using var world = new JwtWorld();
        await AssertInvalidAsync(world, world.Issuer.Sign(world.Claims(""","cnf":{"jkt":"x"}""")), "bound to a key");
        await AssertInvalidAsync(world, world.Issuer.Sign(world.Claims(), $$"""{"alg":"RS256","kid":"{{TestIssuer.RsaKey}}","crit":["b64"],"b64":false}"""), "extensions");
        foreach (string type in new[] { "dpop+jwt", "logout+jwt", "secevent+jwt", "id_token" })
            await AssertInvalidAsync(world, world.Issuer.Sign(world.Claims(), $$"""{"alg":"RS256","kid":"{{TestIssuer.RsaKey}}","typ":"{{type}}"}"""), "another type");
        foreach (string type in new[] { "JWT", "jwt", "at+jwt", "application/at+jwt" })
            Assert.Equal(TokenOutcome.Valid, (await world.JudgeAsync(world.Issuer.Sign(world.Claims(), $$"""{"alg":"RS256","kid":"{{TestIssuer.RsaKey}}","typ":"{{type}}"}"""))).Outcome);
    }

    [Fact]
    public async Task The_scopes_that_are_asked_for_are_needed_all()
    {
        using var world = new JwtWorld(static options => options with { Rules = new TokenRules { Scopes = ["mail", "send"] } });
        foreach ((string claim, TokenOutcome outcome) in new[]
        {
            (""","scope":"send x mail" """, TokenOutcome.Valid),
            (""","scp":["mail","send"]""", TokenOutcome.Valid),
            (""","scope":"mail" """, TokenOutcome.InsufficientScope),
            (""","scope":"mailsend" """, TokenOutcome.InsufficientScope),
            (""","scope":"MAIL SEND" """, TokenOutcome.InsufficientScope),
            (""","scope":7""", TokenOutcome.InsufficientScope),
            ("", TokenOutcome.InsufficientScope),
        })
        {
            Assert.Equal((claim, outcome), (claim, (await world.JudgeAsync(world.Issuer.Sign(world.Claims(claim)))).Outcome));
        }
        Assert.Equal("mail send", world.Validator.Discovery.Scope);
        Assert.Equal("https://id.example.com/.well-known/openid-configuration", world.Validator.Discovery.OpenIdConfiguration);
    }

    [Theory]
    [InlineData(""","email":"a@example.com","email_verified":true""", true)]
    [InlineData(""","email":"a@example.com","email_verified":"true" """, true)]
    [InlineData(""","email":"a@example.com" """, true)]
    [InlineData(""","email":"a@example.com","email_verified":false""", false)]
    [InlineData(""","email":"a@example.com","email_verified":"false" """, false)]
    [InlineData(""","email":"a@example.com","email_verified":1""", false)]
    [InlineData("", false)]
    public async Task An_address_that_was_not_verified_names_nobody(string claims, bool valid)
    {
        using var world = new JwtWorld(static options => options with { Rules = new TokenRules { UserNameClaim = "email" } });
        TokenVerdict verdict = await world.JudgeAsync(world.Issuer.Sign(world.Claims(claims)));
        Assert.Equal(valid ? "a@example.com" : null, verdict.Grant?.UserName);
    }

    [Fact]
    public async Task Every_octet_of_a_token_counts()
    {
        using var world = new JwtWorld();
        string token = world.Issuer.SignEc(world.Claims());
        for (int i = 0; i < token.Length; i++)
        {
            foreach (char other in "A.=")
            {
                string damaged = token[..i] + other + token[(i + 1)..];
                // The last letter of a part may have bits that mean nothing, which readers of base64url overlook.
                if (damaged != token && !IsLastOfPart(token, i))
                    Assert.NotEqual(TokenOutcome.Valid, (await world.JudgeAsync(damaged)).Outcome);
            }
            Assert.NotEqual(TokenOutcome.Valid, (await world.JudgeAsync(token[..i])).Outcome);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("...")]
    [InlineData("a.b.c")]
    [InlineData("a.b.c.d.e")]
    [InlineData("eyJhbGciOiJSUzI1NiJ9..")]
    [InlineData("bnVsbA.bnVsbA.bnVsbA")]
    [InlineData("W10.W10.W10")]
    [InlineData("opaque-token")]
    public async Task What_is_no_token_is_invalid_and_nothing_throws(string text)
    {
        using var world = new JwtWorld();
        Assert.Equal(TokenOutcome.Invalid, (await world.JudgeAsync(text)).Outcome);
    }

    [Fact]
    public async Task What_is_deep_or_long_is_invalid()
    {
        using var world = new JwtWorld();
        await AssertInvalidAsync(world, world.Issuer.Sign(world.Claims($",\"deep\":{new string('[', 100)}{new string(']', 100)}")), "");
        await AssertInvalidAsync(world, world.Issuer.Sign(world.Claims($",\"long\":\"{new string('x', 20_000)}\"")), "longer");
        await AssertInvalidAsync(world, world.Issuer.Sign("[]"), "");
        await AssertInvalidAsync(world, world.Issuer.Sign("not JSON"), "");
    }

    [Fact]
    public async Task Reasons_repeat_nothing_of_the_token()
    {
        using var world = new JwtWorld();
        string token = world.Issuer.Sign(world.Claims(issuer: "https://evil.example.com"), $$"""{"alg":"RS256","kid":"{{TestIssuer.RsaKey}}","typ":"JWT"}""");
        TokenVerdict verdict = await world.JudgeAsync(token);
        Assert.DoesNotContain("evil", verdict.ToString(), StringComparison.Ordinal);
        Assert.All(token.Split('.'), part => Assert.DoesNotContain(part, verdict.ToString(), StringComparison.Ordinal));
    }

    private static bool IsLastOfPart(string token, int index) => index == token.Length - 1 || token[index + 1] == '.';

    private static async Task AssertInvalidAsync(JwtWorld world, string token, string reason)
    {
        TokenVerdict verdict = await world.JudgeAsync(token);
        Assert.Equal(TokenOutcome.Invalid, verdict.Outcome);
        Assert.Contains(reason, verdict.Reason, StringComparison.Ordinal);
        Assert.Null(verdict.Grant);
    }
}
