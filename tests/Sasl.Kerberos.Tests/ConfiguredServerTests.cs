using Xunit;

namespace Sasl.Kerberos.Tests;

/// <summary>Kerberos in a server that is built from a configuration.</summary>
[Collection(KdcCollection.Name)]
public sealed class ConfiguredServerTests(KdcFixture realm)
{
    private static readonly string[] s_offered = [KerberosMechanisms.SpnegoName, KerberosMechanisms.GssapiName, KerberosMechanisms.Gs2Name];

    [KdcFact]
    public async Task A_keytab_offers_Kerberos_in_Cyrus_SASLs_order_and_lets_clients_in()
    {
        using SaslServerSetup setup = Build("imap", $"keytab: {realm.At("imap.keytab")}\n");
        using SaslServerSession session = setup.Server.CreateSession(SaslChannel.Plaintext);
        Assert.Equal([KerberosMechanisms.SpnegoName, KerberosMechanisms.GssapiName], session.Mechanisms.Take(2).Select(static mechanism => mechanism.Name));
        using var parties = new Parties(service: "imap");
        using var login = new Login(session, parties.Client.CreateSession(SaslChannel.Plaintext));
        await login.GoAsync(KerberosMechanisms.GssapiName);
        Assert.True(login.Succeeded, login.ToString());
        Assert.Empty(setup.Explanation.Warnings);
    }

    [KdcFact]
    public void A_list_that_names_Kerberos_offers_it_with_the_systems_keytab()
    {
        using SaslServerSetup setup = Build("sample", "mech_list: GSS-SPNEGO GSSAPI GS2-KRB5\n");
        Assert.Equal(s_offered, setup.Server.CreateSession(SaslChannel.Plaintext).Mechanisms.Select(static mechanism => mechanism.Name));
    }

    [KdcFact]
    public void Without_a_list_and_a_keytab_there_is_none()
    {
        using SaslServerSetup setup = Build("sample", "");
        Assert.DoesNotContain(setup.Explanation.Reports.SelectMany(static report => report.Entries), static entry => entry.Mechanism == KerberosMechanisms.GssapiName);
    }

    [KdcFact]
    public void A_keytab_without_the_services_key_is_explained()
    {
        using SaslServerSetup setup = Build("sample", $"keytab: {realm.At("imap.keytab")}\n");
        Assert.Contains("the keytab cannot be read or has no key for this service", setup.Explanation.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(setup.Server.CreateSession(SaslChannel.Plaintext).Mechanisms, static mechanism => KerberosMechanisms.Names.Contains(mechanism.Name));
    }

    [KdcFact]
    public async Task Each_option_reaches_the_mechanism()
    {
        string store = realm.At("configured-%U");
        using SaslServerSetup setup = Build("sample", $"keytab: {realm.At("imap.keytab")}\nservice_principal: imap@localhost\nccache_store: {store}\nad_compat: yes\n");
        using var parties = new Parties(service: "imap", client: new KerberosOptions { Delegate = true, CredentialCache = realm.CacheOf("bob") });
        using var login = new Login(setup.Server.CreateSession(SaslChannel.Plaintext), parties.Client.CreateSession(SaslChannel.Plaintext));
        await login.GoAsync(KerberosMechanisms.GssapiName);
        Assert.True(login.Succeeded, login.ToString());
        Assert.True(File.Exists(realm.At("configured-bob")));
    }

    [KdcFact]
    public void A_list_of_the_applications_own_gets_keys_too()
    {
        SaslServerBuilder builder = Builder();
        builder.Mechanisms = [KerberosMechanisms.Standard[1]];
        Assert.Contains("has no key for this service", Assert.Throws<SaslConfigurationException>(
            () => builder.Build("nosuch", SaslConfiguration.Empty)).Message, StringComparison.Ordinal);
        using SaslServerSetup setup = builder.Build("sample", SaslConfiguration.Empty);
        Assert.Equal([KerberosMechanisms.GssapiName], setup.Server.CreateSession(SaslChannel.Plaintext).Mechanisms.Select(static mechanism => mechanism.Name));
    }

    private static SaslServerBuilder Builder()
    {
        var builder = new SaslServerBuilder { ServerName = "localhost" };
        builder.Stores["memory"] = static _ => new MemoryCredentialStore();
        return builder;
    }

    private static SaslServerSetup Build(string service, string configuration) =>
        Builder().Build(service, SaslConfiguration.Parse(configuration, "sample.conf"));
}
