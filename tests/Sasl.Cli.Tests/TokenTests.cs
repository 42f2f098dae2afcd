using Sasl.Testing.Http;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Cli.Tests;

/// <summary>The programs with an access token in the place of a password.</summary>
public sealed class TokenTests : IDisposable
{
    private const string Issuer = "https://id.example.com";

    private readonly CliFolder _folder = new();
    private readonly TestAuthority _authority = TestAuthority.Create();
    private readonly PrivateDirectory _directory = PrivateDirectory.Create("token");
    private readonly TestIssuer _issuer = new();

    public void Dispose()
    {
        _issuer.Dispose();
        _directory.Dispose();
        _authority.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("OAUTHBEARER")]
    [InlineData("XOAUTH2")]
    public async Task Smtp_auth_logs_in_with_the_right_token_only_and_shows_none(string mechanism)
    {
        using SaslServerSetup setup = new SaslServerBuilder { ServerName = "localhost" }.Build("smtp", SaslConfiguration.Parse(Options(), "smtpd.conf"));
        await using var server = new TestSmtpServer(setup.Server) { Certificate = _authority.Server.Certificate };
        string token = Token();
        string variable = $"SASL_TEST_TOKEN_{Guid.NewGuid():n}";
        Environment.SetEnvironmentVariable(variable, token[..^4] + "AAAA");
        string[] arguments = ["smtp-auth", server.Address, "--ca-file", _authority.CaFile, "--user", "alice", "--mechanism", mechanism];

        CliResult right = await _folder.RunAsync("", [.. arguments, "--token-file", _directory.Write("right", token + "\n")]);
        CliResult wrong = await _folder.RunAsync("", [.. arguments, "--token-env", variable]);
        Environment.SetEnvironmentVariable(variable, null);

        Assert.True(right.ExitCode == 0, right.ToString());
        Assert.Contains($"Outcome: Success with {mechanism} (235 2.7.0)", right.Output);
        Assert.True(wrong.ExitCode == 1, wrong.ToString());
        Assert.Contains("the server says that the access token is not valid", wrong.Output);
        string shown = right.Output + right.Error + wrong.Output + wrong.Error;
        Assert.DoesNotContain(token[..40], shown, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(token[..36]))[4..40], shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OAUTHBEARER")]
    [InlineData("XOAUTH2")]
    public async Task The_sample_programs_take_a_token(string mechanism)
    {
        _folder.Configure("sample", Options());
        string[] server = ["-s", "sample", "-d", "localhost", "-m", mechanism];
        string[] client = ["-s", "sample", "-n", "localhost", "-a", "alice", "-u", "alice", "-m", mechanism, "--token-file"];

        (CliResult atServer, CliResult atClient) = await SamplePair.RunAsync(_folder, new TypingUser(), server, [.. client, _directory.Write("right", Token())]);
        Assert.Equal((0, 0), (atServer.ExitCode, atClient.ExitCode));
        Assert.Contains("Username: alice\n", atServer.Output);
        Assert.Contains("received decoded message 'srv message 1'", atClient.Output);

        (atServer, atClient) = await SamplePair.RunAsync(_folder, new TypingUser(), server, [.. client, _directory.Write("wrong", "wrong.token.here")]);
        Assert.Equal((1, 1), (atServer.ExitCode, atClient.ExitCode));
        Assert.Contains("Performing SASL negotiation: InvalidCredentials", atServer.Output);
    }

    private string Options() => $"oauth_issuer: {Issuer}\noauth_audience: smtp.example.com\noauth_jwks: {_directory.Write("jwks.json", _issuer.Keys)}\n";

    private string Token() => _issuer.Sign(TestIssuer.Claims(Issuer, DateTimeOffset.UtcNow));
}
