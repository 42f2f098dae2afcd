using Xunit;

namespace Sasl.Core.Tests.Credentials;

public sealed class CredentialStoreChainTests
{
    [Fact]
    public async Task The_first_store_that_has_a_property_supplies_all_its_values()
    {
        CredentialStoreChain chain = Chain(
            new("one", ScriptedStore.With(("userPassword", "new"))),
            new("two", ScriptedStore.With(("userPassword", "old"), ("authPassword", "a"), ("authPassword", "b"))),
            new("three", ScriptedStore.With(("authPassword", "c"), ("mail", "m"))));
        Assert.Equal(
            ["userPassword=new", "authPassword=a", "authPassword=b", "mail=m"],
            await Ask.ValuesAsync(chain, Ask.Alice, "userPassword", "authPassword", "mail"));
    }

    [Fact]
    public async Task Later_stores_are_asked_only_for_what_is_missing()
    {
        ScriptedStore one = ScriptedStore.With(("userPassword", "new"));
        ScriptedStore two = ScriptedStore.With(("mail", "m"));
        ScriptedStore three = ScriptedStore.With(("userPassword", "old"));
        await Ask.ValuesAsync(Chain(new("one", one), new("two", two), new("three", three)), Ask.Alice, "userPassword", "mail");
        Assert.Equal(["userPassword mail"], one.Asked);
        Assert.Equal(["mail"], two.Asked);
        Assert.Empty(three.Asked);
    }

    [Fact]
    public async Task The_set_wants_afterwards_what_it_wanted_before()
    {
        using var set = new PropertySet(SaslProperty.UserPassword, new SaslProperty("mail"));
        await Chain(new("one", ScriptedStore.With(("userPassword", "x"))), new("two", ScriptedStore.Unknown())).LookupAsync(Ask.Alice, set, default);
        Assert.Equal(["userPassword", "mail"], set.Wanted.Select(static property => property.Name));
    }

    [Fact]
    public async Task The_user_is_known_when_any_store_knows_it()
    {
        Assert.False(await KnowsAsync(Chain(new("one", ScriptedStore.Unknown()), new("two", ScriptedStore.Unknown()))));
        Assert.True(await KnowsAsync(Chain(new("one", ScriptedStore.Unknown()), new("two", ScriptedStore.With()))));
        Assert.True(await KnowsAsync(Chain(new("one", ScriptedStore.With()), new("two", ScriptedStore.Unknown()))));
    }

    [Fact]
    public async Task A_question_for_nothing_still_finds_the_user()
    {
        using var set = new PropertySet();
        Assert.True(await Chain(new("one", ScriptedStore.Unknown()), new("two", ScriptedStore.With())).LookupAsync(Ask.Alice, set, default));
    }

    [Fact]
    public async Task A_store_can_be_told_to_stop_the_chain_where_it_knows_the_user()
    {
        ScriptedStore two = ScriptedStore.With(("userPassword", "outdated"));
        CredentialStoreChain chain = Chain(
            new("one", ScriptedStore.With(("authPassword", "new"))) { OnFound = SaslChainRule.Stop }, new("two", two));
        Assert.Equal(["authPassword=new"], await Ask.ValuesAsync(chain, Ask.Alice, "userPassword", "authPassword"));
        Assert.Empty(two.Asked);
    }

    [Fact]
    public async Task A_store_can_be_told_to_stop_the_chain_where_it_does_not_know_the_user()
    {
        ScriptedStore two = ScriptedStore.With(("userPassword", "x"));
        Assert.False(await KnowsAsync(Chain(new("one", ScriptedStore.Unknown()) { OnUnknownUser = SaslChainRule.Stop }, new("two", two))));
        Assert.Empty(two.Asked);
    }

    [Fact]
    public async Task A_store_that_throws_makes_the_chain_unavailable()
    {
        var down = new IOException("down");
        ScriptedStore two = ScriptedStore.With(("userPassword", "x"));
        CredentialStoreChain chain = Chain(new("sql", ScriptedStore.Throwing(down)), new("two", two));
        SaslUnavailableException thrown = await Assert.ThrowsAsync<SaslUnavailableException>(() => KnowsAsync(chain));
        Assert.Same(down, thrown.InnerException);
        Assert.Equal("the credential store 'sql' could not answer", thrown.Message);
        Assert.Empty(two.Asked);
    }

    [Fact]
    public async Task A_store_that_throws_can_be_passed_over_where_another_knows_the_user()
    {
        var reported = new List<(string, Exception)>();
        var down = new IOException("down");
        var chain = new CredentialStoreChain(
            [
                new("sql", ScriptedStore.Throwing(down)) { OnError = SaslChainErrorRule.Continue },
                new("two", ScriptedStore.With(("userPassword", "x"))),
            ],
            (name, exception) => reported.Add((name, exception)));
        Assert.Equal(["userPassword=x"], await Ask.ValuesAsync(chain, Ask.Alice, "userPassword"));
        Assert.Equal([("sql", down)], reported);
    }

    [Fact]
    public async Task A_store_that_throws_might_have_known_the_user_whom_nobody_else_knows()
    {
        CredentialStoreChain chain = Chain(
            new("sql", ScriptedStore.Throwing(new IOException("down"))) { OnError = SaslChainErrorRule.Continue },
            new("two", ScriptedStore.Unknown()));
        await Assert.ThrowsAsync<SaslUnavailableException>(() => KnowsAsync(chain));
    }

    [Fact]
    public async Task What_a_store_gave_before_it_threw_is_forgotten()
    {
        var half = new ScriptedStore(static (properties, _) =>
        {
            properties.Add("userPassword", "half"u8);
            throw new IOException("down");
        });
        CredentialStoreChain chain = Chain(
            new("half", half) { OnError = SaslChainErrorRule.Continue }, new("two", ScriptedStore.With(("userPassword", "whole"))));
        Assert.Equal(["userPassword=whole"], await Ask.ValuesAsync(chain, Ask.Alice, "userPassword"));
    }

    [Fact]
    public async Task What_a_store_gave_for_a_user_it_does_not_know_is_forgotten()
    {
        var odd = new ScriptedStore(static (properties, _) =>
        {
            properties.Add("userPassword", "odd"u8);
            return new(false);
        });
        Assert.Equal(
            ["userPassword=right"],
            await Ask.ValuesAsync(Chain(new("odd", odd), new("two", ScriptedStore.With(("userPassword", "right")))), Ask.Alice, "userPassword"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_callers_cancellation_is_never_swallowed(bool asCancellation)
    {
        using var cancellation = new CancellationTokenSource();
        var one = new ScriptedStore((_, token) =>
        {
            cancellation.Cancel();
            throw asCancellation ? new OperationCanceledException(token) : new IOException("the socket was closed");
        });
        ScriptedStore two = ScriptedStore.With(("userPassword", "x"));
        CredentialStoreChain chain = Chain(new("one", one) { OnError = SaslChainErrorRule.Continue }, new("two", two));
        using var set = new PropertySet(SaslProperty.UserPassword);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await chain.LookupAsync(Ask.Alice, set, cancellation.Token));
        Assert.Empty(two.Asked);
    }

    [Fact]
    public async Task Chains_can_be_nested()
    {
        CredentialStoreChain inner = Chain(
            new("a", ScriptedStore.With(("userPassword", "a"))), new("b", ScriptedStore.With(("mail", "b"))));
        CredentialStoreChain outer = Chain(new("inner", inner), new("c", ScriptedStore.With(("userPassword", "c"), ("note", "c"))));
        Assert.Equal(
            ["userPassword=a", "mail=b", "note=c"], await Ask.ValuesAsync(outer, Ask.Alice, "userPassword", "mail", "note"));
    }

    [Fact]
    public async Task A_chain_inside_a_chain_that_gives_up_gives_up_for_both()
    {
        CredentialStoreChain inner = Chain(
            new("sql", ScriptedStore.Throwing(new IOException("down"))) { OnError = SaslChainErrorRule.Continue }, new("b", ScriptedStore.Unknown()));
        ScriptedStore last = ScriptedStore.With(("userPassword", "x"));
        using var set = new PropertySet(SaslProperty.UserPassword) { HeedsSilence = true };
        await Assert.ThrowsAsync<SaslUnavailableException>(
            async () => await Chain(new("inner", inner), new("last", last)).LookupAsync(Ask.Alice, set, default));
        Assert.Empty(last.Asked);
        Assert.True(set.HeedsSilence);
    }

    private static CredentialStoreChain Chain(params CredentialStoreLink[] links) => new(links);

    private static async Task<bool> KnowsAsync(CredentialStoreChain chain)
    {
        using var set = new PropertySet(SaslProperty.UserPassword);
        return await chain.LookupAsync(Ask.Alice, set, default);
    }
}
