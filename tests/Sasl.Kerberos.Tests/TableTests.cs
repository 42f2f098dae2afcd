using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Kerberos.Tests;

/// <summary>Our client against our server, with a real KDC: who gets in, as whom, and with which protection.</summary>
[Collection(KdcCollection.Name)]
public sealed class TableTests(KdcFixture realm)
{
    public static TheoryData<string> Mechanisms => [.. Parties.All];

    [KdcTheory]
    [MemberData(nameof(Mechanisms))]
    public async Task Alice_logs_in_with_her_ticket(string mechanism)
    {
        using var parties = new Parties();
        using Login login = await parties.LogInAsync(mechanism, Parties.ChannelFor(mechanism));
        Assert.True(login.Succeeded, $"{login}, {string.Join(", ", parties.Observer.Diagnostics)}");
        Assert.Equal("alice", login.Server.Identity!.Authorized.ToString());
        Assert.Null(login.Server.SecurityLayer);
        Assert.Null(login.Server.DelegatedCredential);
        Assert.Equal(mechanism == KerberosMechanisms.Gs2PlusName ? SaslChannelBindings.TlsExporter : null, login.Server.Identity.ChannelBinding);
    }

    [KdcTheory]
    [InlineData(0, 0, 0)]
    [InlineData(256, 0, 0)]
    [InlineData(0, 256, 0)]
    [InlineData(1, 256, 1)]
    [InlineData(256, 1, 1)]
    [InlineData(255, 256, 1)]
    [InlineData(256, 128, 1)]
    [InlineData(256, 256, 256)]
    public async Task GSSAPI_uses_the_strongest_layer_that_both_allow(int serverMax, int clientMax, int ssf)
    {
        using var parties = new Parties(serverMax: serverMax, clientMax: clientMax);
        using Login login = await parties.LogInAsync(KerberosMechanisms.GssapiName);
        Assert.True(login.Succeeded, login.ToString());
        Assert.Equal(ssf, login.Server.SecurityLayer?.Ssf ?? 0);
        Assert.Equal(ssf, login.Client.SecurityLayer?.Ssf ?? 0);
    }

    [KdcTheory]
    [InlineData(0, 0, 0)]
    [InlineData(256, 0, 0)]
    [InlineData(256, 1, 1)]
    [InlineData(256, 256, 256)]
    public async Task SPNEGO_has_the_layer_that_the_client_asks_for(int serverMax, int clientMax, int ssf)
    {
        using var parties = new Parties(serverMax: serverMax, clientMax: clientMax);
        using Login login = await parties.LogInAsync(KerberosMechanisms.SpnegoName);
        Assert.True(login.Succeeded, login.ToString());
        Assert.Equal(ssf, login.Server.SecurityLayer?.Ssf ?? 0);
        Assert.Equal(ssf, login.Client.SecurityLayer?.Ssf ?? 0);
    }

    [KdcTheory]
    [InlineData(KerberosMechanisms.GssapiName, 1, 256, 0)]
    [InlineData(KerberosMechanisms.GssapiName, 256, 256, 128)]
    [InlineData(KerberosMechanisms.GssapiName, 2, 255, 256)]
    [InlineData(KerberosMechanisms.SpnegoName, 256, 256, 1)]
    public async Task A_layer_that_is_required_and_cannot_be_had_ends_the_login(string mechanism, int serverMin, int serverMax, int clientMax)
    {
        using var parties = new Parties(serverMin: serverMin, serverMax: serverMax, clientMax: clientMax);
        using Login login = await parties.LogInAsync(mechanism);
        Assert.False(login.Succeeded);
        Assert.Contains(SaslError.MechanismTooWeak, new[] { login.ServerEnd.Error, login.ClientEnd.Error });
    }

    [KdcTheory]
    [InlineData(KerberosMechanisms.GssapiName)]
    [InlineData(KerberosMechanisms.Gs2Name)]
    public async Task An_authorization_id_is_carried_and_judged(string mechanism)
    {
        using var asHerself = new Parties(authzid: "alice");
        using Login own = await asHerself.LogInAsync(mechanism);
        Assert.True(own.Succeeded, own.ToString());
        using var asBob = new Parties(authzid: "bob,=ü");
        using Login other = await asBob.LogInAsync(mechanism);
        Assert.Equal(SaslError.NotAuthorized, other.ServerEnd.Error);
    }

    [KdcFact]
    public async Task SPNEGO_is_not_chosen_to_act_as_somebody_else()
    {
        using var parties = new Parties(authzid: "bob");
        using Login login = await parties.LogInAsync(KerberosMechanisms.SpnegoName);
        Assert.Equal(SaslError.MechanismUnavailable, login.ClientEnd.Error);
    }

    [KdcFact]
    public async Task A_principal_of_the_own_realm_is_a_user_of_the_servers_realm()
    {
        using var parties = new Parties(realm: "example.com");
        using Login login = await parties.LogInAsync(KerberosMechanisms.GssapiName);
        Assert.Equal(new SaslUser("alice", "example.com"), login.Server.Identity!.Authorized);
    }

    [KdcTheory]
    [MemberData(nameof(Mechanisms))]
    public async Task A_principal_whose_name_has_escapes_is_nobodys(string mechanism)
    {
        using var parties = new Parties(client: new KerberosOptions { CredentialCache = realm.CacheOf("escaped") });
        using Login login = await parties.LogInAsync(mechanism, Parties.ChannelFor(mechanism));
        Assert.Equal(SaslError.InvalidCredentials, login.ServerEnd.Error);
        Assert.Equal("the principal's name cannot be a user's", Assert.Single(parties.Observer.Diagnostics));
    }

    [KdcFact]
    public async Task The_cache_that_is_named_decides_who_logs_in()
    {
        using var parties = new Parties(client: new KerberosOptions { CredentialCache = realm.CacheOf("bob") });
        using Login login = await parties.LogInAsync(KerberosMechanisms.GssapiName);
        Assert.Equal("bob", login.Server.Identity!.Authorized.ToString());
    }

    [KdcFact]
    public async Task A_client_keytab_needs_no_ticket()
    {
        await realm.Kdc.AdministrateAsync("ktadd", "-norandkey", "-k", realm.At("client.keytab"), "bob");
        using var parties = new Parties(client: new KerberosOptions { CredentialCache = realm.At("none-yet"), ClientKeytab = realm.At("client.keytab") });
        using Login login = await parties.LogInAsync(KerberosMechanisms.GssapiName);
        Assert.True(login.Succeeded, login.ToString());
        Assert.Equal("bob", login.Server.Identity!.Authorized.ToString());
    }

    [KdcTheory]
    [MemberData(nameof(Mechanisms))]
    public async Task The_last_token_may_come_with_success(string mechanism)
    {
        using var parties = new Parties(successData: true);
        using Login login = await parties.LogInAsync(mechanism, Parties.ChannelFor(mechanism));
        Assert.True(login.Succeeded, login.ToString());
    }

    [KdcFact]
    public async Task A_service_principal_of_either_form_serves_and_a_star_serves_every_key()
    {
        var imap = new KerberosOptions { Keytab = realm.At("imap.keytab") };
        foreach (string name in (string[])["imap@localhost", "imap/localhost", $"imap/localhost@{realm.Kdc.Realm}"])
        {
            using var parties = new Parties(
                server: imap with { ServicePrincipal = name }, client: new KerberosOptions { ServicePrincipal = name });
            using Login login = await parties.LogInAsync(KerberosMechanisms.GssapiName);
            Assert.True(login.Succeeded, $"{name}: {login}");
        }
        using var any = new Parties(server: imap with { ServicePrincipal = "*" }, client: new KerberosOptions { ServicePrincipal = "imap@localhost" });
        using Login star = await any.LogInAsync(KerberosMechanisms.GssapiName);
        Assert.True(star.Succeeded, star.ToString());
    }
}
