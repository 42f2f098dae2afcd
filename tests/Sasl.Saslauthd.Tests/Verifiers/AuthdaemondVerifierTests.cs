using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Saslauthd.Tests.Verifiers;

public sealed class AuthdaemondVerifierTests
{
    [Theory]
    [InlineData("FAIL\n", PasswordOutcome.Mismatch)]
    [InlineData("USERNAME=alice\nHOME=/home/alice\n.\n", PasswordOutcome.Match)]
    [InlineData(".\n", PasswordOutcome.Match)]
    [InlineData("NAME=.\nNAME=FAIL\nFAIL\n.\n", PasswordOutcome.Mismatch)]
    public async Task The_first_line_that_is_an_answer_decides(string reply, PasswordOutcome outcome)
    {
        await using FakeDaemon daemon = FakeDaemon.Saying([.. reply.Select(static octet => octet.ToString())]);
        using var verifier = new AuthdaemondVerifier(daemon.Path);
        Assert.Equal(new PasswordVerdict(outcome, "authdaemond"), await verifier.AskAsync("interop1", "pw1pw1"));
        Assert.Equal("AUTH 27\nsmtp\nlogin\ninterop1\npw1pw1\n\n", Assert.Single(daemon.Requests));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("USERNAME=alice\n")]
    public async Task A_reply_without_an_answer_is_none(string reply)
    {
        await using FakeDaemon daemon = FakeDaemon.Saying(reply);
        using var verifier = new AuthdaemondVerifier(daemon.Path);
        Assert.Contains("closed the connection", await verifier.TroubleAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endless_reply_is_garbage()
    {
        await using FakeDaemon daemon = FakeDaemon.Saying(new string('A', 100_000));
        using var verifier = new AuthdaemondVerifier(daemon.Path);
        Assert.Contains("does not answer as authdaemond does", await verifier.TroubleAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("alice", "secret\nlogin")]
    [InlineData("alice", "secret\r")]
    [InlineData("alice", "sec\0ret")]
    [InlineData("alice\nroot", "secret")]
    public async Task Authdaemond_newline_injection(string user, string password)
    {
        await using FakeDaemon daemon = FakeDaemon.Saying(".\n");
        using var verifier = new AuthdaemondVerifier(daemon.Path);
        Assert.Equal(PasswordOutcome.Mismatch, await verifier.OutcomeAsync(user, password));
        Assert.Equal(PasswordOutcome.Mismatch, await verifier.OutcomeAsync("alice", new string('x', AuthdaemondVerifier.MaxLinesLength)));
        Assert.Empty(daemon.Requests);
    }

    [PeerFact("authdaemond", "unshare")]
    public async Task Couriers_authdaemond_tells_right_from_wrong()
    {
        await using AuthdaemondPeer peer = await AuthdaemondPeer.StartAsync();
        using var verifier = new AuthdaemondVerifier(peer.SocketPath);
        Assert.True((await verifier.ProbeAsync(CancellationToken.None)).IsReady);
        Assert.Equal(PasswordOutcome.Match, await verifier.OutcomeAsync("alice", "secret"));
        Assert.Equal(PasswordOutcome.Mismatch, await verifier.OutcomeAsync("alice", "wrong"));
        Assert.Equal(PasswordOutcome.Mismatch, await verifier.OutcomeAsync("nobody-here", "secret"));
    }
}
