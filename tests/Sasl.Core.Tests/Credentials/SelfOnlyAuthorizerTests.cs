using Xunit;

namespace Sasl.Core.Tests.Credentials;

public sealed class SelfOnlyAuthorizerTests
{
    [Fact]
    public async Task Everybody_may_act_as_themselves_and_as_nobody_else()
    {
        Assert.True(await MayAsync(Ask.Alice, new SaslUser("alice", "example.com")));
        Assert.False(await MayAsync(Ask.Alice, Ask.Bob));
        Assert.False(await MayAsync(Ask.Alice, Ask.Alice with { Realm = "other" }));
        Assert.False(await MayAsync(Ask.Alice, Ask.Alice with { Name = "Alice" }));
    }

    private static async Task<bool> MayAsync(SaslUser authenticated, SaslUser requested) =>
        await SelfOnlyAuthorizer.Instance.MayActAsAsync(authenticated, requested, Ask.Service, default);
}
