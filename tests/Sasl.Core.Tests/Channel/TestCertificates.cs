using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sasl.Core.Tests.Channel;

/// <summary>Self-signed certificates, made once for all tests.</summary>
internal static class TestCertificates
{
    private static readonly Lazy<X509Certificate2> s_rsa = new(static () => Rsa(HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    private static readonly Lazy<X509Certificate2> s_rsaPss = new(static () => Rsa(HashAlgorithmName.SHA384, RSASignaturePadding.Pss));
    private static readonly Lazy<X509Certificate2> s_p256 = new(static () => Ecdsa(ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA256));
    private static readonly Lazy<X509Certificate2> s_p384 = new(static () => Ecdsa(ECCurve.NamedCurves.nistP384, HashAlgorithmName.SHA384));

    /// <summary>A server certificate by the name of its key and signature: rsa, rsa-pss, p256 or p384.</summary>
    public static X509Certificate2 Server(string kind) => kind switch
    {
        "rsa" => s_rsa.Value,
        "rsa-pss" => s_rsaPss.Value,
        "p256" => s_p256.Value,
        "p384" => s_p384.Value,
        _ => throw new ArgumentException("No such certificate.", nameof(kind)),
    };

    /// <summary>What tls-server-end-point is for such a certificate, hashed here.</summary>
    public static byte[] EndPoint(string kind) => kind is "rsa" or "p256"
        ? SHA256.HashData(Server(kind).RawData)
        : SHA384.HashData(Server(kind).RawData);

    /// <summary>A client certificate with the given subject and, if any, the given subjectAltName.</summary>
    public static X509Certificate2 Client(X500DistinguishedName subject, params ReadOnlySpan<X509Extension> extensions)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        foreach (X509Extension extension in extensions)
            request.CertificateExtensions.Add(extension);
        return SelfSigned(request);
    }

    /// <summary>A name with the attributes as they are given, one to a part; the value is the encoded one.</summary>
    public static X500DistinguishedName Name(params ReadOnlySpan<(string Type, byte[] Value)[]> parts)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            foreach ((string Type, byte[] Value)[] part in parts)
            {
                using (writer.PushSetOf())
                {
                    foreach ((string type, byte[] value) in part)
                    {
                        using (writer.PushSequence())
                        {
                            writer.WriteObjectIdentifier(type);
                            writer.WriteEncodedValue(value);
                        }
                    }
                }
            }
        }

        return new X500DistinguishedName(writer.Encode());
    }

    /// <summary>A character string, encoded.</summary>
    public static byte[] Text(string text, UniversalTagNumber type = UniversalTagNumber.UTF8String)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteCharacterString(type, text);
        return writer.Encode();
    }

    /// <summary>A subjectAltName extension.</summary>
    public static X509Extension AltNames(Action<SubjectAlternativeNameBuilder> add)
    {
        var builder = new SubjectAlternativeNameBuilder();
        add(builder);
        return builder.Build();
    }

    private static X509Certificate2 Rsa(HashAlgorithmName hash, RSASignaturePadding padding)
    {
        using var key = RSA.Create(2048);
        return SelfSigned(ForServer(new CertificateRequest("CN=localhost", key, hash, padding)));
    }

    private static X509Certificate2 Ecdsa(ECCurve curve, HashAlgorithmName hash)
    {
        using var key = ECDsa.Create(curve);
        return SelfSigned(ForServer(new CertificateRequest("CN=localhost", key, hash)));
    }

    private static CertificateRequest ForServer(CertificateRequest request)
    {
        request.CertificateExtensions.Add(AltNames(static names =>
        {
            names.AddDnsName("localhost");
            names.AddIpAddress(IPAddress.Loopback);
        }));
        return request;
    }

    private static X509Certificate2 SelfSigned(CertificateRequest request) =>
        request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
}
