using Xunit;

namespace Sasl.Saslauthd.Tests.Daemon;

public sealed class JoinRealmTests
{
    [Fact]
    public async Task Flag_r_joins_login_and_realm_and_passes_the_realm_untouched()
    {
        await using var daemon = new TestDaemon(static options => options with { JoinRealm = true });
        await daemon.AskAsync("alice", "secret", realm: "example.com");
        await daemon.AskAsync("bob", "secret");

        Assert.Equal([new SaslUser("alice@example.com", "example.com"), new SaslUser("bob", "")], daemon.Checker.Seen.Select(static seen => seen.User));
        Assert.Equal(["alice", "bob"], (await daemon.Log.WaitAsync(2)).Select(static record => record.Login));
    }
}
