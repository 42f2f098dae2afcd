using System.Text;
using Microsoft.Extensions.Time.Testing;
using Sasl.Testing.Http;
using Sasl.Testing.Peers;

namespace Sasl.OAuth.Tests;

/// <summary>An issuer with its keys in a file, a stopped clock, and a validator.</summary>
internal sealed class JwtWorld : IDisposable
{
    public const string IssuerName = "https://id.example.com";

    private readonly PrivateDirectory _directory = PrivateDirectory.Create("jwt");

    public JwtWorld(Func<JwtValidatorOptions, JwtValidatorOptions>? change = null, string? keys = null)
    {
        KeyFile = _directory.Write("jwks.json", keys ?? Issuer.Keys);
        var options = new JwtValidatorOptions { Issuer = IssuerName, Audiences = ["smtp.example.com"], KeyFile = KeyFile, Clock = Clock };
        Validator = new JwtValidator(change is null ? options : change(options));
    }

    public static SaslServiceInfo Service { get; } = new("smtp", "smtp.example.com", "", SaslChannel.Plaintext);

    public TestIssuer Issuer { get; } = new();

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public string KeyFile { get; }

    public JwtValidator Validator { get; }

    public string Claims(string more = "", string issuer = IssuerName, string audience = "\"smtp.example.com\"") =>
        TestIssuer.Claims(issuer, Clock.GetUtcNow(), audience, more);

    public async Task<TokenVerdict> JudgeAsync(string token) => await Validator.ValidateAsync(Encoding.ASCII.GetBytes(token), Service, default);

    public void Dispose()
    {
        Validator.Dispose();
        Issuer.Dispose();
        _directory.Dispose();
    }
}
