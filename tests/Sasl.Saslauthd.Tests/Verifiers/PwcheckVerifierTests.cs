using Xunit;

namespace Sasl.Saslauthd.Tests.Verifiers;

public sealed class PwcheckVerifierTests
{
    [Theory]
    [InlineData("OK", PasswordOutcome.Match, null)]
    [InlineData("Incorrect password", PasswordOutcome.Mismatch, "Incorrect password")]
    [InlineData("Userid not found", PasswordOutcome.UnknownUser, "Userid not found")]
    [InlineData("Account disabled", PasswordOutcome.Disabled, "Account disabled")]
    [InlineData("OKAY", PasswordOutcome.Mismatch, "OKAY")]
    public async Task The_reply_is_what_comes_until_the_daemon_closes(string reply, PasswordOutcome outcome, string? reason)
    {
        await using FakeDaemon daemon = FakeDaemon.Saying(reply[..1], reply[1..]);
        using var verifier = new PwcheckVerifier(daemon.Path);
        Assert.Equal(new PasswordVerdict(outcome, "pwcheck") { Reason = reason }, await verifier.AskAsync("alice", "secret", realm: "example.com"));
        Assert.Equal("alice@example.com\0secret\0", Assert.Single(daemon.Requests));
    }

    // Upstream PR #893: Cyrus SASL gives the reply to a function that formats it.
    [Theory]
    [InlineData("%n%n%s%s")]
    [InlineData("{0} {1:C}")]
    public async Task Pwcheck_format_string(string reply)
    {
        await using FakeDaemon daemon = FakeDaemon.Saying(reply);
        using var verifier = new PwcheckVerifier(daemon.Path);
        Assert.Equal(reply, (await verifier.AskAsync("alice", "secret")).Reason);
    }

    [Theory]
    [InlineData("Request too big")]
    [InlineData("Error reading request")]
    public async Task A_daemon_that_could_not_check_is_a_temporary_failure(string reply)
    {
        await using FakeDaemon daemon = FakeDaemon.Saying(reply);
        using var verifier = new PwcheckVerifier(daemon.Path);
        Assert.EndsWith(reply, await verifier.TroubleAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silence_is_no_answer_and_an_endless_reply_is_none_either()
    {
        await using FakeDaemon silent = FakeDaemon.Saying("");
        using var verifier = new PwcheckVerifier(silent.Path);
        Assert.Contains("closed the connection", await verifier.TroubleAsync(), StringComparison.Ordinal);
        await using FakeDaemon endless = FakeDaemon.Saying(new string('O', 100_000));
        using var other = new PwcheckVerifier(endless.Path);
        Assert.Equal(PasswordOutcome.Mismatch, await other.OutcomeAsync("alice", "secret"));
    }

    [Theory]
    [InlineData("al\0ice", "secret")]
    [InlineData("alice", "sec\0ret")]
    [InlineData("alice", "")]
    public async Task What_could_say_more_than_a_password_is_not_sent(string user, string password)
    {
        await using FakeDaemon daemon = FakeDaemon.Saying("OK");
        using var verifier = new PwcheckVerifier(daemon.Path);
        Assert.Equal(PasswordOutcome.Mismatch, await verifier.OutcomeAsync(user, password));
        Assert.Equal(PasswordOutcome.Mismatch, await verifier.OutcomeAsync("alice", new string('x', PwcheckVerifier.MaxRequestLength - 6)));
        Assert.Empty(daemon.Requests);
        Assert.Equal(PasswordOutcome.Match, await verifier.OutcomeAsync("alice", new string('x', PwcheckVerifier.MaxRequestLength - 7)));
    }
}
