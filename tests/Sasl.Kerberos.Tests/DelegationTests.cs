using Xunit;

namespace Sasl.Kerberos.Tests;

/// <summary>Tickets that a client passes on.</summary>
[Collection(KdcCollection.Name)]
public sealed class DelegationTests(KdcFixture realm)
{
    public static TheoryData<string> Mechanisms => [.. Parties.All];

    [KdcTheory]
    [MemberData(nameof(Mechanisms))]
    public async Task Delegated_tickets_are_the_applications_and_log_in_elsewhere(string mechanism)
    {
        using var parties = new Parties(client: new KerberosOptions { Delegate = true, CredentialCache = realm.CacheOf("bob") });
        using Login login = await parties.LogInAsync(mechanism, Parties.ChannelFor(mechanism));
        Assert.True(login.Succeeded, login.ToString());
        var delegated = Assert.IsType<KerberosDelegatedCredential>(login.Server.DelegatedCredential);
        Assert.Equal($"bob@{realm.Kdc.Realm}", delegated.Principal);

        string cache = realm.At($"ccache-passed-on-{mechanism}");
        delegated.Store(cache);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(cache));
        using var elsewhere = new Parties(
            server: new KerberosOptions { Keytab = realm.At("imap.keytab") }, client: new KerberosOptions { CredentialCache = cache }, service: "imap");
        using Login second = await elsewhere.LogInAsync(KerberosMechanisms.GssapiName);
        Assert.True(second.Succeeded, second.ToString());
        Assert.Equal("bob", second.Server.Identity!.Authorized.ToString());

        delegated.Dispose();
        Assert.Throws<ObjectDisposedException>(() => delegated.Store(cache));
    }

    [KdcFact]
    public async Task Tickets_that_cannot_be_forwarded_are_not_passed_on_and_the_login_is_good()
    {
        using var parties = new Parties(client: new KerberosOptions { Delegate = true });    // without kinit -f
        using Login login = await parties.LogInAsync(KerberosMechanisms.GssapiName);
        Assert.True(login.Succeeded, login.ToString());
        Assert.Null(login.Server.DelegatedCredential);
    }

    [KdcFact]
    public async Task A_cache_that_cannot_be_written_is_the_administrators_and_not_the_clients_matter()
    {
        var said = new List<string>();
        using var parties = new Parties(
            server: new KerberosOptions { CcacheStore = realm.At("no-such-folder/krb5cc_%U"), Warn = said.Add },
            client: new KerberosOptions { Delegate = true, CredentialCache = realm.CacheOf("bob") });
        for (int i = 0; i < 2; i++)
        {
            using Login login = await parties.LogInAsync(KerberosMechanisms.GssapiName);
            Assert.True(login.Succeeded, login.ToString());
        }
        Assert.StartsWith("The delegated tickets cannot be stored: ", Assert.Single(said), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FILE:/run/krb5cc_%U", "alice", "FILE:/run/krb5cc_alice")]
    [InlineData("%u-%%", "root", "0-%")]
    [InlineData("plain", "alice", "plain")]
    public void The_name_of_a_cache_is_made_of_the_template(string template, string user, string expected)
    {
        Assert.True(CacheName.TryMake(template, user, out string? name, out _));
        Assert.Equal(expected, name);
    }

    [Fact]
    public void The_process_and_its_user_may_be_in_the_name()
    {
        Assert.True(CacheName.TryMake("%p %E %e", "alice", out string? name, out _));
        Assert.StartsWith($"{Environment.ProcessId} {Environment.UserName} ", name, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("krb5cc_%U", "../../etc/cron.d/x")]
    [InlineData("krb5cc_%U", "host/localhost")]
    [InlineData("krb5cc_%U", "..")]
    [InlineData("krb5cc_%U", "a\nb")]
    [InlineData("krb5cc_%u", "nobody-has-this-name")]
    [InlineData("krb5cc_%", "alice")]
    [InlineData("krb5cc_%x", "alice")]
    public void A_name_that_could_lead_elsewhere_makes_no_cache(string template, string user)
    {
        Assert.False(CacheName.TryMake(template, user, out string? name, out string? why));
        Assert.Null(name);
        Assert.False(string.IsNullOrEmpty(why));
        Assert.DoesNotContain(user.Length > 6 ? user : "cron", why, StringComparison.Ordinal);
    }
}
