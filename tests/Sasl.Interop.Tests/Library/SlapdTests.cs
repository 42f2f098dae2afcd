using System.Collections.Immutable;
using System.Globalization;
using Sasl.Interop.Tests.Peers;
using Sasl.Mechanisms;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Interop.Tests.Library;

/// <summary>Our client bound to OpenLDAP's slapd, and then at work inside the layer that the bind has negotiated.</summary>
[Collection(PeersCollection.Name)]
public sealed class SlapdTests(SharedPeers peers)
{
    private const string AliceDn = "uid=alice," + SlapdPeer.People;
    private const string InvalidCredentials = "49 ";
    private const string NoSuchUser = "80 SASL(-1): ";    // Cyrus SASL has somebody without a password for a failure of its own

    [PeerTheory("slapd")]
    [InlineData("PLAIN", "TLS")]
    [InlineData("PLAIN", "no TLS")]
    [InlineData("LOGIN", "TLS")]
    [InlineData("LOGIN", "no TLS")]
    [InlineData("CRAM-MD5", "no TLS")]
    [InlineData("NTLM", "no TLS")]
    [InlineData("SCRAM-SHA-1", "no TLS")]
    [InlineData("SCRAM-SHA-224", "no TLS")]
    [InlineData("SCRAM-SHA-256", "no TLS")]
    [InlineData("SCRAM-SHA-256", "TLS")]
    [InlineData("SCRAM-SHA-384", "no TLS")]
    [InlineData("SCRAM-SHA-512", "no TLS")]
    public async Task It_lets_us_bind_with_the_right_password_only(string mechanism, string detail)
    {
        await AssertBindsAsync(SaslMechanisms.Standard, mechanism, ssf: 0, tls: detail == "TLS");
        InteropLog.Worked(mechanism, InteropPeer.OpenLdap, OurSide.Client, detail);
    }

    [PeerTheory("slapd")]
    [InlineData("auth", 0, DigestMd5Ciphers.None)]
    [InlineData("auth-int", 1, DigestMd5Ciphers.None)]
    [InlineData("auth-conf rc4-40", 40, DigestMd5Ciphers.Rc4With40Bits)]
    [InlineData("auth-conf des", 55, DigestMd5Ciphers.Des)]
    [InlineData("auth-conf rc4-56", 56, DigestMd5Ciphers.Rc4With56Bits)]
    [InlineData("auth-conf rc4", 128, DigestMd5Ciphers.Rc4)]
    public async Task It_answers_inside_every_layer_of_DIGEST_MD5(string detail, int ssf, DigestMd5Ciphers ciphers)
    {
        await AssertBindsAsync(
            SaslMechanisms.Create(new SaslMechanismOptions { DigestMd5 = new DigestMd5Options { Ciphers = ciphers } }), "DIGEST-MD5", ssf, tls: false);
        InteropLog.Worked("DIGEST-MD5", InteropPeer.OpenLdap, OurSide.Client, detail);
    }

    private async Task AssertBindsAsync(ImmutableArray<SaslMechanism> mechanisms, string mechanism, int ssf, bool tls)
    {
        SlapdPeer slapd = await peers.SlapdAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        int before = slapd.Log.Count;
        await using LdapConnection connection = await OpenAsync(slapd, tls, limit.Token);
        Assert.Null(await BindAsync(connection, mechanisms, mechanism, ssf, "alice", "secret", limit.Token));
        await AssertWorksAsync(connection, limit.Token);
        await slapd.WaitForLogAsync(
            line => line.Contains($"dn=\"{AliceDn}\" mech={mechanism} bind_ssf={ssf}", StringComparison.Ordinal), before);

        foreach ((string user, string secret, string answer) in ((string, string, string)[])[("alice", "not it", InvalidCredentials), ("nobody", "secret", NoSuchUser)])
        {
            await using LdapConnection refused = await OpenAsync(slapd, tls, limit.Token);
            Assert.StartsWith(answer, await BindAsync(refused, mechanisms, mechanism, ssf, user, secret, limit.Token), StringComparison.Ordinal);
            Assert.Equal("", await refused.WhoAmIAsync(limit.Token));    // still nobody
        }
    }

    // Short and long both ways: the long question and the long answer take several packets each.
    private static async Task AssertWorksAsync(LdapConnection connection, CancellationToken cancellationToken)
    {
        Assert.Equal($"dn:{AliceDn}", await connection.WhoAmIAsync(cancellationToken));
        Assert.Equal([AliceDn], await connection.SearchAsync(SlapdPeer.Suffix, ["alice"], cancellationToken));
        Assert.Empty(await connection.SearchAsync(SlapdPeer.Suffix, ["nobody"], cancellationToken));
        IEnumerable<string> many = Enumerable.Range(0, 6000).Select(static number => string.Create(CultureInfo.InvariantCulture, $"nobody of the number {number}"));
        Assert.Equal([AliceDn], await connection.SearchAsync(SlapdPeer.Suffix, many.Append("alice"), cancellationToken));
        Assert.Equal($"dn:{AliceDn}", await connection.WhoAmIAsync(cancellationToken));
    }

    private Task<LdapConnection> OpenAsync(SlapdPeer slapd, bool tls, CancellationToken cancellationToken) => tls
        ? LdapConnection.OpenAsync(slapd.TlsPort, peers.Authority.Server.Certificate, cancellationToken)
        : LdapConnection.OpenAsync(slapd.Port, certificate: null, cancellationToken);

    private static async Task<string?> BindAsync(
        LdapConnection connection, ImmutableArray<SaslMechanism> mechanisms, string mechanism, int ssf, string user, string secret, CancellationToken cancellationToken)
    {
        using SaslSecret password = SaslSecret.FromText(secret);
        using var client = new SaslClient(new SaslClientOptions
        {
            Service = "ldap",
            ServerName = "localhost",
            Mechanisms = mechanisms,
            Policy = new SaslPolicy { Allow = [mechanism], MinSsf = ssf, MaxSsf = ssf },
            UserName = user,
            Password = password,
        });
        using SaslClientSession session = client.CreateSession(connection.Channel);
        return await connection.BindAsync(session, mechanism, cancellationToken);
    }
}
