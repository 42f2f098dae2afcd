using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Xunit;

namespace Sasl.Core.Tests.Channel;

/// <summary>RFC 5929 section 4.1, over the certificates of certificates.txt, whose hashes OpenSSL computed.</summary>
public class SaslTlsServerEndPointTests
{
    public static TheoryData<string, string, string, string> Certificates()
    {
        var data = new TheoryData<string, string, string, string>();
        using var reader = new StreamReader(typeof(SaslTlsServerEndPointTests).Assembly.GetManifestResourceStream("certificates.txt")!);
        while (reader.ReadLine() is { } line)
        {
            if (line.Split(' ') is [var name, var digest, var value, var certificate])
                data.Add(name, digest, value, certificate);
        }

        return data;
    }

    [Fact]
    public void Every_kind_of_signature_has_a_certificate_here() => Assert.Equal(28, Certificates().Count);

    [Theory]
    [MemberData(nameof(Certificates))]
    public void The_hash_is_the_one_the_signature_asks_for(string name, string digest, string value, string certificate)
    {
        byte[] octets = Convert.FromBase64String(certificate);
        bool known = SaslTlsServerEndPoint.TryCompute(octets, out ReadOnlyMemory<byte> data);

        Assert.Equal(IsComputable(digest), known);
        Assert.Equal(known ? value : "", Convert.ToHexStringLower(data.Span));
        Assert.NotEmpty(name);
    }

    [Theory]
    [MemberData(nameof(Certificates))]
    public void A_certificate_object_gives_what_its_octets_give(string name, string digest, string value, string certificate)
    {
        using X509Certificate2 loaded = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(certificate));
        using var old = new X509Certificate(loaded);

        foreach (X509Certificate either in new[] { loaded, old })
        {
            Assert.Equal(IsComputable(digest), SaslTlsServerEndPoint.TryCompute(either, out ReadOnlyMemory<byte> data));
            Assert.Equal(IsComputable(digest) ? value : "", Convert.ToHexStringLower(data.Span));
        }

        Assert.NotEmpty(name);
    }

    [Fact]
    public void Octets_that_are_no_certificate_have_no_binding()
    {
        byte[] certificate = TestCertificates.Server("p256").RawData;

        Assert.False(SaslTlsServerEndPoint.TryCompute(ReadOnlyMemory<byte>.Empty, out _));
        Assert.False(SaslTlsServerEndPoint.TryCompute("certificate"u8.ToArray(), out _));
        Assert.False(SaslTlsServerEndPoint.TryCompute((byte[])[.. certificate, 0], out _));
        for (int length = 1; length < certificate.Length; length++)
            Assert.False(SaslTlsServerEndPoint.TryCompute(certificate.AsMemory(0, length), out _));
    }

    [Fact]
    public void No_changed_octet_makes_it_throw()
    {
        foreach (string kind in new[] { "rsa-pss", "p384" })
        {
            byte[] certificate = TestCertificates.Server(kind).RawData;
            for (int i = 0; i < certificate.Length; i++)
            {
                foreach (byte other in new byte[] { 0x00, 0x30, 0x7f, 0x80, 0xa0, 0xff })
                {
                    byte[] changed = [.. certificate];
                    changed[i] = other;
                    SaslTlsServerEndPoint.TryCompute(changed, out _);
                }
            }
        }
    }

    [Fact]
    public void A_missing_certificate_is_the_callers_fault() =>
        Assert.Throws<ArgumentNullException>(static () => SaslTlsServerEndPoint.TryCompute((X509Certificate)null!, out _));

    private static bool IsComputable(string digest) => digest switch
    {
        "none" => false,
        "sha3-256" => SHA3_256.IsSupported,
        "sha3-384" => SHA3_384.IsSupported,
        "sha3-512" => SHA3_512.IsSupported,
        _ => true,
    };
}
