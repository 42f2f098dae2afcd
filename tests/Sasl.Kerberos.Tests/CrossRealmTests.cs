using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Kerberos.Tests;

/// <summary>A user of another realm, which ours trusts: two KDCs that share a key.</summary>
[Collection(KdcCollection.Name)]
public sealed class CrossRealmTests(KdcFixture realm)
{
    private const string Partner = "PARTNER.TEST";
    private const string Carol = $"carol@{Partner}";

    public static TheoryData<string> Mechanisms => [.. Parties.All];

    // Also where a rule for local names (auth_to_local) would shorten it: Cyrus SASL does not ask for local names.
    [KdcTheory]
    [MemberData(nameof(Mechanisms))]
    public async Task A_user_of_a_trusted_realm_logs_in_with_the_whole_name(string mechanism)
    {
        using var parties = new Parties(client: new KerberosOptions { CredentialCache = await TicketOfAsync("carol") });
        using Login login = await parties.LogInAsync(mechanism, Parties.ChannelFor(mechanism));
        Assert.True(login.Succeeded, $"{login}, {string.Join(", ", parties.Observer.Diagnostics)}");
        Assert.Equal(Carol, login.Server.Identity!.Authorized.ToString());
    }

    // alice@PARTNER.TEST is not alice, whatever the server's own realm is called.
    [KdcTheory]
    [InlineData("")]
    [InlineData("SASL.TEST")]
    public async Task A_namesake_of_another_realm_is_somebody_else(string ownRealm)
    {
        var options = new KerberosOptions { CredentialCache = await TicketOfAsync("alice") };
        using var asAlice = new Parties(client: options, authzid: "alice", realm: ownRealm);
        using Login login = await asAlice.LogInAsync(KerberosMechanisms.GssapiName);
        Assert.Equal(SaslError.NotAuthorized, login.ServerEnd.Error);
        using var asHerself = new Parties(client: options, realm: ownRealm);
        using Login own = await asHerself.LogInAsync(KerberosMechanisms.GssapiName);
        Assert.Equal(new SaslUser("alice", Partner), own.Server.Identity!.Authorized);
    }

    [KdcTheory("sasl-sample-server", "sasl-sample-client", "saslpasswd2")]
    [InlineData(KerberosMechanisms.GssapiName)]
    [InlineData(KerberosMechanisms.Gs2Name)]
    public async Task Cyrus_SASL_calls_her_the_same(string mechanism)
    {
        string cache = await TicketOfAsync("carol");
        await using CyrusSample cyrus = await CyrusSample.StartAsync("GSSAPI GSS-SPNEGO GS2-KRB5");
        var options = new CyrusSampleOptions
        {
            Mechanism = mechanism,
            User = Carol,
            ActAs = "",
            Environment = new Dictionary<string, string>(realm.Kdc.Environment) { ["KRB5CCNAME"] = $"FILE:{cache}" },
        };
        using var parties = new Parties(client: new KerberosOptions { CredentialCache = cache });
        await using SamplePeer server = cyrus.StartServer(options);
        using SaslClientSession client = parties.Client.CreateSession(SaslChannel.Plaintext);
        SaslReply end = await SampleTalk.LogInAsync(client, server);
        Assert.True(end.IsSuccess, $"{end} {client.FailureDetail}\n{server.Transcript}");
        Assert.Contains($"Username: {Carol}", server.Transcript.ToString(), StringComparison.Ordinal);

        await using SamplePeer theirs = cyrus.StartClient(options);
        using SaslServerSession session = parties.Server.CreateSession(SaslChannel.Plaintext);
        SaslReply served = await SampleTalk.ServeAsync(session, theirs);
        Assert.True(served.IsSuccess, $"{served} {string.Join(", ", parties.Observer.Diagnostics)}\n{theirs.Transcript}");
        Assert.Equal(Carol, session.Identity!.Authorized.ToString());
    }

    [KdcFact]
    public async Task A_realm_that_is_not_trusted_gets_nobody_in()
    {
        await using KdcPeer stranger = await KdcPeer.StartAsync("STRANGER.TEST");
        string cache = realm.At("ccache-stranger");
        await stranger.TakeTicketAsync("alice", "secret", cache);
        using var parties = new Parties(client: new KerberosOptions { CredentialCache = cache });
        using Login login = await parties.LogInAsync(KerberosMechanisms.GssapiName);
        Assert.False(login.Succeeded);
        Assert.Equal("the KDC knows no such service, or no way to its realm", login.Client.FailureDetail);
    }

    private async Task<string> TicketOfAsync(string user)
    {
        KdcPeer partner = await realm.PartnerAsync();
        string cache = realm.At($"ccache-{user}-{partner.Realm}");
        await partner.TakeTicketAsync(user, "secret", cache);
        return cache;
    }
}
