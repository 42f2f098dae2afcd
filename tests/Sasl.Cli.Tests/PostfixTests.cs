using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Cli.Tests;

/// <summary><c>sasl smtp-auth</c> against a real submission server.</summary>
[Collection(PeersCollection.Name)]
public sealed class PostfixTests(SharedPeers peers) : IDisposable
{
    private const string Right = "secret";    // what PostfixServer sets

    private readonly CliFolder _folder = new();

    public static TheoryData<string> WithPassword => SampleTests.WithPassword;

    [PeerTheory("postfix")]
    [MemberData(nameof(WithPassword))]
    public async Task Postfix_lets_the_right_password_in_and_no_other(string mechanism)
    {
        PostfixServer postfix = await peers.PostfixAsync();

        CliResult right = await RunAsync(postfix.Port, Right, "--mechanism", mechanism);
        CliResult wrong = await RunAsync(postfix.Port, "wrong", "--mechanism", mechanism);

        Assert.True(right.ExitCode == 0, right.ToString());
        Assert.Contains($"Outcome: Success with {mechanism}", right.Output);
        Assert.True(wrong.ExitCode == 1, wrong.ToString());
        InteropLog.Worked(mechanism, InteropPeer.Postfix, OurSide.Client, "STARTTLS");
    }

    [PeerFact("postfix")]
    public async Task Postfix_is_spoken_to_with_implicit_TLS_too()
    {
        PostfixServer postfix = await peers.PostfixAsync();

        CliResult result = await RunAsync(postfix.ImplicitTlsPort, Right, "--tls");

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("Mechanism: SCRAM-SHA-512", result.Output);
    }

    public void Dispose() => _folder.Dispose();

    private Task<CliResult> RunAsync(int port, string password, params string[] arguments) => _folder.RunAsync(
        new TypingUser(password), ["smtp-auth", $"localhost:{port}", "--ca-file", peers.Authority.CaFile, "--user", "alice", .. arguments]);
}
