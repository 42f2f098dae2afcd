using System.Collections.Immutable;
using Xunit;

namespace Sasl.Kerberos.Tests;

/// <summary>What docs/guide/kerberos.md shows.</summary>
[Collection(KdcCollection.Name)]
public sealed class GuideSamples(KdcFixture realm)
{
    [KdcFact]
    public async Task The_samples_of_the_page_work()
    {
        string keytab = realm.At("imap.keytab"), cache = realm.At("ccache-of-the-guide");
        ImmutableArray<SaslMechanism> others = [];
        Action<string> warn = static sentence => Assert.Fail(sentence);

        #region Server
        var options = new KerberosOptions { Keytab = keytab, Warn = warn };
        var server = new SaslServer(new SaslServerOptions
        {
            Service = "imap",
            ServerName = "localhost",
            Mechanisms = [.. KerberosMechanisms.ForServer("imap", "localhost", options), .. others],
        });
        #endregion

        #region Client
        KerberosSupport support = KerberosSupport.OfClient();
        if (!support.IsAvailable)
            warn($"No login with Kerberos: {support.Explanation}.");
        using var client = new SaslClient(new SaslClientOptions
        {
            Service = "imap",
            ServerName = "localhost",
            Mechanisms = [.. KerberosMechanisms.ForClient(), .. others],
        });
        #endregion

        using var plain = new Login(server.CreateSession(SaslChannel.Plaintext), client.CreateSession(SaslChannel.Plaintext));
        await plain.GoAsync(KerberosMechanisms.GssapiName);
        Assert.True(plain.Succeeded, plain.ToString());

        using var passing = new Parties(service: "imap", client: new KerberosOptions { Delegate = true, CredentialCache = realm.CacheOf("alice") });
        using SaslServerSession session = server.CreateSession(SaslChannel.Plaintext);
        var login = new Login(session, passing.Client.CreateSession(SaslChannel.Plaintext));
        await login.GoAsync(KerberosMechanisms.GssapiName);

        #region Delegated
        using var delegated = session.DelegatedCredential as KerberosDelegatedCredential;
        delegated?.Store($"FILE:{cache}");    // and KRB5CCNAME for the program that works in the user's name
        #endregion

        Assert.True(KerberosSupport.OfClient(new KerberosOptions { CredentialCache = cache }).IsAvailable);
    }
}
