using Xunit;

namespace Sasl.Core.Tests.Credentials;

public sealed class PasswordVerifierChainTests
{
    [Fact]
    public async Task A_match_ends_the_questions()
    {
        var second = new ScriptedVerifier(PasswordOutcome.Disabled);
        PasswordVerdict verdict = await VerifyAsync(Link("saslauthd", PasswordOutcome.Match), new("auxprop", second));
        Assert.Equal(new PasswordVerdict(PasswordOutcome.Match, "saslauthd"), verdict);
        Assert.Equal(0, second.Asked);
    }

    [Theory]
    [InlineData(PasswordOutcome.Mismatch)]
    [InlineData(PasswordOutcome.UnknownUser)]
    [InlineData(PasswordOutcome.Unavailable)]
    public async Task A_later_match_wins(PasswordOutcome first)
    {
        PasswordVerdict verdict = await VerifyAsync(Link("one", first), Link("two", PasswordOutcome.Match));
        Assert.Equal(new PasswordVerdict(PasswordOutcome.Match, "two"), verdict);
    }

    [Theory]
    [InlineData(PasswordOutcome.Mismatch, PasswordOutcome.UnknownUser, PasswordOutcome.Mismatch, "one")]
    [InlineData(PasswordOutcome.UnknownUser, PasswordOutcome.Mismatch, PasswordOutcome.Mismatch, "two")]
    [InlineData(PasswordOutcome.UnknownUser, PasswordOutcome.UnknownUser, PasswordOutcome.UnknownUser, "one")]
    [InlineData(PasswordOutcome.Unavailable, PasswordOutcome.Mismatch, PasswordOutcome.Unavailable, "one")]
    [InlineData(PasswordOutcome.Mismatch, PasswordOutcome.Unavailable, PasswordOutcome.Unavailable, "two")]
    [InlineData(PasswordOutcome.UnknownUser, PasswordOutcome.Unavailable, PasswordOutcome.Unavailable, "two")]
    public async Task Without_a_match_silence_outweighs_no_and_no_outweighs_unknown(
        PasswordOutcome first, PasswordOutcome second, PasswordOutcome expected, string decidedBy)
    {
        PasswordVerdict verdict = await VerifyAsync(Link("one", first), Link("two", second));
        Assert.Equal(new PasswordVerdict(expected, decidedBy), verdict);
    }

    [Theory]
    [InlineData(PasswordOutcome.Disabled)]
    [InlineData(PasswordOutcome.Expired)]
    public async Task A_disabled_or_expired_account_ends_the_questions(PasswordOutcome outcome)
    {
        var last = new ScriptedVerifier(PasswordOutcome.Match);
        PasswordVerdict verdict = await VerifyAsync(Link("one", PasswordOutcome.Unavailable), Link("two", outcome), new("three", last));
        Assert.Equal(new PasswordVerdict(outcome, "two"), verdict);
        Assert.Equal(0, last.Asked);
    }

    [Theory]
    [InlineData(PasswordOutcome.Match)]
    [InlineData(PasswordOutcome.Mismatch)]
    [InlineData(PasswordOutcome.UnknownUser)]
    [InlineData(PasswordOutcome.Unavailable)]
    [InlineData(PasswordOutcome.Disabled)]
    [InlineData(PasswordOutcome.Expired)]
    public async Task Each_answer_can_be_told_to_stop_or_to_go_on(PasswordOutcome outcome)
    {
        foreach (SaslChainRule rule in Enum.GetValues<SaslChainRule>())
        {
            var second = new ScriptedVerifier(PasswordOutcome.UnknownUser);
            var link = new PasswordVerifierLink("one", new ScriptedVerifier(outcome))
            {
                OnMatch = rule, OnMismatch = rule, OnUnknownUser = rule, OnUnavailable = rule, OnDisabled = rule, OnExpired = rule,
            };
            PasswordVerdict verdict = await VerifyAsync(link, new("two", second));
            Assert.Equal(outcome, verdict.Outcome);
            Assert.Equal(rule is SaslChainRule.Stop ? 0 : 1, second.Asked);
        }
    }

    [Fact]
    public async Task After_a_match_that_goes_on_a_later_verifier_can_still_find_the_account_disabled()
    {
        PasswordVerifierLink first = Link("one", PasswordOutcome.Match) with { OnMatch = SaslChainRule.Continue };
        Assert.Equal(PasswordOutcome.Disabled, (await VerifyAsync(first, Link("two", PasswordOutcome.Disabled))).Outcome);
        Assert.Equal(PasswordOutcome.Match, (await VerifyAsync(first, Link("two", PasswordOutcome.Mismatch))).Outcome);
        Assert.Equal(PasswordOutcome.Match, (await VerifyAsync(first, Link("two", PasswordOutcome.Unavailable))).Outcome);
    }

    [Theory]
    [InlineData(PasswordOutcome.Mismatch)]
    [InlineData(PasswordOutcome.UnknownUser)]
    [InlineData(PasswordOutcome.Unavailable)]
    public async Task A_verifier_that_throws_makes_the_chain_throw_where_nobody_says_yes(PasswordOutcome other)
    {
        var reported = new List<(string, Exception)>();
        var down = new IOException("down");
        PasswordVerifierLink silent = new("saslauthd", ScriptedVerifier.Throwing(down));
        foreach (PasswordVerifierLink[] links in new PasswordVerifierLink[][] { [silent, Link("auxprop", other)], [Link("auxprop", other), silent] })
        {
            var chain = new PasswordVerifierChain(links, (name, exception) => reported.Add((name, exception)));
            SaslUnavailableException thrown = await Assert.ThrowsAsync<SaslUnavailableException>(
                async () => await chain.VerifyAsync(Ask.Alice, default, Ask.Service, default));
            Assert.Same(down, thrown.InnerException);
            Assert.Equal("the password verifier 'saslauthd' could not answer", thrown.Message);
        }
        Assert.Empty(reported);    // it is told once, by whoever catches it
    }

    [Theory]
    [InlineData(PasswordOutcome.Match)]
    [InlineData(PasswordOutcome.Disabled)]
    [InlineData(PasswordOutcome.Expired)]
    public async Task A_verifier_that_throws_is_reported_where_another_one_decides(PasswordOutcome other)
    {
        var reported = new List<(string, Exception)>();
        var down = new IOException("down");
        var chain = new PasswordVerifierChain(
            [new("saslauthd", ScriptedVerifier.Throwing(down)), Link("auxprop", other)], (name, exception) => reported.Add((name, exception)));
        Assert.Equal(new PasswordVerdict(other, "auxprop"), await chain.VerifyAsync(Ask.Alice, default, Ask.Service, default));
        Assert.Equal([("saslauthd", down)], reported);
    }

    [Fact]
    public async Task Of_two_verifiers_that_throw_the_first_is_thrown_on_and_the_other_is_reported()
    {
        var reported = new List<(string, Exception)>();
        (Exception first, Exception second) = (new IOException("first"), new IOException("second"));
        var chain = new PasswordVerifierChain(
            [new("one", ScriptedVerifier.Throwing(first)), new("two", ScriptedVerifier.Throwing(second))],
            (name, exception) => reported.Add((name, exception)));
        Assert.Same(first, (await Assert.ThrowsAsync<SaslUnavailableException>(
            async () => await chain.VerifyAsync(Ask.Alice, default, Ask.Service, default))).InnerException);
        Assert.Equal([("two", second)], reported);
    }

    [Fact]
    public async Task A_verifiers_own_time_limit_is_silence_and_not_cancellation()
    {
        PasswordVerdict verdict = await VerifyAsync(
            new("slow", ScriptedVerifier.Throwing(new TaskCanceledException())), Link("auxprop", PasswordOutcome.Match));
        Assert.Equal(PasswordOutcome.Match, verdict.Outcome);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_callers_cancellation_is_never_swallowed(bool asCancellation)
    {
        using var cancellation = new CancellationTokenSource();
        var last = new ScriptedVerifier(PasswordOutcome.Match);
        var first = new ScriptedVerifier(token =>
        {
            cancellation.Cancel();
            throw asCancellation ? new OperationCanceledException(token) : new IOException("the socket was closed");
        });
        var reported = new List<string>();
        var chain = new PasswordVerifierChain([new("one", first), new("two", last)], (name, _) => reported.Add(name));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await chain.VerifyAsync(Ask.Alice, default, Ask.Service, cancellation.Token));
        Assert.Equal(0, last.Asked);
        Assert.Empty(reported);
    }

    [Fact]
    public async Task A_cancelled_call_asks_nobody_further()
    {
        using var cancellation = new CancellationTokenSource();
        var last = new ScriptedVerifier(PasswordOutcome.Match);
        var first = new ScriptedVerifier(_ =>
        {
            cancellation.Cancel();
            return new(PasswordOutcome.Mismatch);
        });
        var chain = new PasswordVerifierChain([new("one", first), new("two", last)]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await chain.VerifyAsync(Ask.Alice, default, Ask.Service, cancellation.Token));
        Assert.Equal(0, last.Asked);
    }

    [Fact]
    public async Task A_verifier_that_says_who_decided_is_quoted()
    {
        PasswordVerdict verdict = await VerifyAsync(new PasswordVerifierLink("outer", new ScriptedVerifier(PasswordOutcome.Match, "inner")));
        Assert.Equal("inner", verdict.DecidedBy);
    }

    [Fact]
    public void A_chain_has_a_link() =>
        Assert.Throws<ArgumentOutOfRangeException>(static () => new PasswordVerifierChain([]));

    private static PasswordVerifierLink Link(string name, PasswordOutcome outcome) => new(name, new ScriptedVerifier(outcome));

    private static async Task<PasswordVerdict> VerifyAsync(params PasswordVerifierLink[] links) =>
        await new PasswordVerifierChain(links).VerifyAsync(Ask.Alice, Ask.Octets("pencil"), Ask.Service, default);
}
