using System.Formats.Asn1;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Xunit;
using static Sasl.Core.Tests.Channel.TestCertificates;

namespace Sasl.Core.Tests.Channel;

public class ClientCertificateIdentityTests
{
    private const string CommonName = "2.5.4.3";

    private static readonly X509Certificate2 s_alice = Client(
        new X500DistinguishedName("CN=alice, O=Example"),
        AltNames(static names =>
        {
            names.AddEmailAddress("alice@example.org");
            names.AddDnsName("alice.example.org");
            names.AddUserPrincipalName("alice@EXAMPLE.ORG");
            names.AddUri(new Uri("spiffe://example.org/alice"));
        }));

    private static readonly SaslTlsOptions s_commonName = new() { Identity = SaslCertificateIdentity.CommonName };

    public static TheoryData<SaslCertificateIdentity, string?> Forms => new()
    {
        { SaslCertificateIdentity.None, null },
        { SaslCertificateIdentity.SubjectDistinguishedName, "CN=alice,O=Example" },
        { SaslCertificateIdentity.CommonName, "alice" },
        { SaslCertificateIdentity.EmailSubjectAltName, "alice@example.org" },
        { SaslCertificateIdentity.DnsSubjectAltName, "alice.example.org" },
        { SaslCertificateIdentity.UserPrincipalNameSubjectAltName, "alice@EXAMPLE.ORG" },
        { SaslCertificateIdentity.UriSubjectAltName, "spiffe://example.org/alice" },
    };

    public static TheoryData<SslProtocols> Protocols => [SslProtocols.Tls12, SslProtocols.Tls13];

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task The_server_names_the_client_in_the_form_that_was_chosen(SaslCertificateIdentity form, string? identity)
    {
        foreach (SslProtocols protocol in new[] { SslProtocols.Tls12, SslProtocols.Tls13 })
        {
            await using TlsPair pair = await ConnectAsync(protocol, s_alice);
            Assert.Equal(identity, SaslChannel.FromTls(pair.Server, new SaslTlsOptions { Identity = form }).ExternalIdentity);
        }
    }

    [Fact]
    public async Task Nobody_is_named_unless_a_form_was_chosen()
    {
        await using TlsPair pair = await ConnectAsync(SslProtocols.Tls13, s_alice);

        Assert.True(pair.Server.IsMutuallyAuthenticated);
        Assert.Null(SaslChannel.FromTls(pair.Server).ExternalIdentity);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task A_client_without_a_certificate_has_no_identity(SslProtocols protocol)
    {
        await using TlsPair pair = await ConnectAsync(protocol, certificate: null);
        Assert.Null(SaslChannel.FromTls(pair.Server, s_commonName).ExternalIdentity);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task A_certificate_the_server_did_not_ask_for_is_no_identity(SslProtocols protocol)
    {
        await using TlsPair pair = await ConnectAsync(protocol, s_alice, required: false);
        Assert.Null(SaslChannel.FromTls(pair.Server, s_commonName).ExternalIdentity);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task A_servers_certificate_is_no_identity_for_its_client(SslProtocols protocol)
    {
        await using TlsPair pair = await ConnectAsync(protocol, s_alice);
        Assert.Null(SaslChannel.FromTls(pair.Client, s_commonName).ExternalIdentity);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task A_resumed_session_keeps_the_identity_and_validates_it_again(SslProtocols protocol)
    {
        const string Host = "resumed.identity.example";
        for (int i = 0; i < 2; i++)
        {
            await using TlsPair pair = await ConnectAsync(protocol, s_alice, host: Host);
            await pair.ExchangeAsync();
            Assert.Equal(i > 0, OpenSslConnection.TryOpen(pair.Server)!.IsResumed);
            Assert.Equal("alice", SaslChannel.FromTls(pair.Server, s_commonName).ExternalIdentity);
        }

        await Assert.ThrowsAsync<AuthenticationException>(
            () => ConnectAsync(protocol, s_alice, host: Host, accept: static certificate => certificate is null));
    }

    [Fact]
    public void A_form_the_certificate_lacks_gives_nobody()
    {
        X509Certificate2 bare = Client(new X500DistinguishedName(""));
        foreach (SaslCertificateIdentity form in Enum.GetValues<SaslCertificateIdentity>())
            Assert.Null(Identity(bare, form));
    }

    [Fact]
    public void Two_common_names_give_nobody()
    {
        X509Certificate2 certificate = Client(Name([(CommonName, Text("alice"))], [(CommonName, Text("bob"))]));
        Assert.Null(Identity(certificate, SaslCertificateIdentity.CommonName, first: true));
    }

    [Fact]
    public void Two_names_of_one_kind_give_nobody_unless_the_first_is_asked_for()
    {
        X509Certificate2 certificate = Client(new X500DistinguishedName("CN=x"), AltNames(static names =>
        {
            names.AddDnsName("one.example.org");
            names.AddEmailAddress("first@example.org");
            names.AddEmailAddress("second@example.org");
        }));

        Assert.Null(Identity(certificate, SaslCertificateIdentity.EmailSubjectAltName));
        Assert.Equal("first@example.org", Identity(certificate, SaslCertificateIdentity.EmailSubjectAltName, first: true));
        Assert.Equal("one.example.org", Identity(certificate, SaslCertificateIdentity.DnsSubjectAltName));
    }

    [Theory]
    [InlineData("admin\0.example.org")]
    [InlineData("admin\n")]
    [InlineData("\u007f")]
    [InlineData("")]
    public void A_name_with_a_control_character_or_none_gives_nobody(string name)
    {
        X509Certificate2 certificate = Client(Name([(CommonName, Text(name))]), RawAltNames(rfc822: name));

        Assert.Null(Identity(certificate, SaslCertificateIdentity.CommonName));
        Assert.Null(Identity(certificate, SaslCertificateIdentity.EmailSubjectAltName));
        Assert.True(name.Length == 0 || Identity(certificate, SaslCertificateIdentity.SubjectDistinguishedName) is null);
    }

    [Fact]
    public void A_name_longer_than_any_users_gives_nobody()
    {
        string longest = new('a', ClientCertificateIdentity.MaxLength);

        Assert.Equal(longest, Identity(Client(Name([(CommonName, Text(longest))])), SaslCertificateIdentity.CommonName));
        Assert.Null(Identity(Client(Name([(CommonName, Text(longest + "a"))])), SaslCertificateIdentity.CommonName));
    }

    [Fact]
    public void Another_other_name_is_no_user_principal_name()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
        {
            writer.WriteObjectIdentifier("1.3.6.1.5.5.7.8.9");
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
                writer.WriteCharacterString(UniversalTagNumber.UTF8String, "alice@example.org");
        }

        X509Certificate2 certificate = Client(new X500DistinguishedName("CN=x"), AltNamesOf(writer.Encode()));
        Assert.Null(Identity(certificate, SaslCertificateIdentity.UserPrincipalNameSubjectAltName, first: true));
    }

    [Fact]
    public void A_malformed_extension_gives_nobody()
    {
        byte[] good = RawAltNames(rfc822: "alice@example.org").RawData;
        for (int length = 0; length < good.Length; length++)
        {
            X509Certificate2 certificate = Client(new X500DistinguishedName("CN=x"), AltNamesOf(good[..length]));
            Assert.Null(Identity(certificate, SaslCertificateIdentity.EmailSubjectAltName));
        }
    }

    private static X509Extension RawAltNames(string rfc822)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
            writer.WriteCharacterString(UniversalTagNumber.IA5String, rfc822, new Asn1Tag(TagClass.ContextSpecific, 1));
        return AltNamesOf(writer.Encode());
    }

    private static X509Extension AltNamesOf(byte[] octets) => new("2.5.29.17", octets, critical: false);

    private static string? Identity(X509Certificate2 certificate, SaslCertificateIdentity form, bool first = false) =>
        ClientCertificateIdentity.Of(certificate, new SaslTlsOptions { Identity = form, TakeFirstAlternativeName = first });

    // Each call has a session of its own unless a host is named: .NET resumes sessions by the name of the host.
    private static Task<TlsPair> ConnectAsync(
        SslProtocols protocol,
        X509Certificate2? certificate,
        bool required = true,
        string? host = null,
        Func<X509Certificate?, bool>? accept = null)
    {
        SslServerAuthenticationOptions server = TlsPair.ServerOptions(Server("p256"), protocol);
        server.ClientCertificateRequired = required;
        if (accept is not null)
            server.RemoteCertificateValidationCallback = (_, presented, _, _) => accept(presented);
        SslClientAuthenticationOptions client = TlsPair.ClientOptions(protocol);
        client.TargetHost = host ?? $"{Guid.NewGuid()}.example";
        client.ClientCertificates = certificate is null ? null : [certificate];
        return TlsPair.ConnectAsync(server, client);
    }
}
