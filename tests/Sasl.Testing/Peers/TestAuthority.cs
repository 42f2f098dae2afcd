using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sasl.Testing.Peers;

/// <summary>A certification authority that lives as long as a test: its own certificate, one for a server and one for a client.</summary>
public sealed class TestAuthority : IDisposable
{
    private readonly PrivateDirectory _directory = PrivateDirectory.Create("tls");
    private readonly AsymmetricAlgorithm _key;
    private readonly X509SignatureGenerator _generator;
    private readonly HashAlgorithmName _hash;
    private readonly List<X509Certificate2> _issued = [];

    private TestAuthority(AsymmetricAlgorithm key, X509SignatureGenerator generator, HashAlgorithmName hash)
    {
        _key = key;
        _generator = generator;
        _hash = hash;
        Certificate = MakeAuthority();
        CaFile = _directory.Write("ca.pem", Certificate.ExportCertificatePem());
        Server = IssueServer();
        Client = IssueClient("alice", "alice@localhost");
    }

    /// <summary>The CA's certificate.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>PEM file of the CA's certificate, for the "CA file" setting of peers.</summary>
    public string CaFile { get; }

    /// <summary>For localhost, 127.0.0.1 and ::1.</summary>
    public TestCertificate Server { get; }

    /// <summary>For a client: subject CN=alice, subjectAltName email:alice@localhost.</summary>
    public TestCertificate Client { get; }

    /// <summary>Makes a new one, with files in a folder of its own that goes when it is disposed.</summary>
    public static TestAuthority Create(CertificateSignature signature = CertificateSignature.EcdsaSha256) => signature switch
    {
        CertificateSignature.EcdsaSha256 => WithEcdsa(ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA256),
        CertificateSignature.EcdsaSha384 => WithEcdsa(ECCurve.NamedCurves.nistP384, HashAlgorithmName.SHA384),
        CertificateSignature.RsaSha256 => WithRsa(RSASignaturePadding.Pkcs1, HashAlgorithmName.SHA256),
        CertificateSignature.RsaSha512 => WithRsa(RSASignaturePadding.Pkcs1, HashAlgorithmName.SHA512),
        CertificateSignature.RsaPssSha256 => WithRsa(RSASignaturePadding.Pss, HashAlgorithmName.SHA256),
    };

    /// <summary>Issues another server certificate, for localhost, 127.0.0.1 and ::1.</summary>
    public TestCertificate IssueServer()
    {
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        return Issue("CN=localhost", names, "1.3.6.1.5.5.7.3.1", "TLS server");
    }

    /// <summary>Issues another client certificate.</summary>
    public TestCertificate IssueClient(string commonName, string email)
    {
        SubjectAlternativeNameBuilder names = new();
        names.AddEmailAddress(email);
        return Issue($"CN={commonName}", names, "1.3.6.1.5.5.7.3.2", "TLS client");
    }

    /// <summary>Deletes the files and the keys.</summary>
    public void Dispose()
    {
        _issued.ForEach(static certificate => certificate.Dispose());
        Certificate.Dispose();
        _key.Dispose();
        _directory.Dispose();
    }

    private static TestAuthority WithEcdsa(ECCurve curve, HashAlgorithmName hash)
    {
        ECDsa key = ECDsa.Create(curve);
        return new TestAuthority(key, X509SignatureGenerator.CreateForECDsa(key), hash);
    }

    private static TestAuthority WithRsa(RSASignaturePadding padding, HashAlgorithmName hash)
    {
        RSA key = RSA.Create(2048);
        return new TestAuthority(key, X509SignatureGenerator.CreateForRSA(key, padding), hash);
    }

    private X509Certificate2 MakeAuthority()
    {
        CertificateRequest request = new(new X500DistinguishedName("CN=Sasl test CA"), _generator.PublicKey, _hash);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return Sign(request, request.SubjectName, TimeSpan.FromDays(2));
    }

    private TestCertificate Issue(string subject, SubjectAlternativeNameBuilder names, string purposeOid, string purpose)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(subject, key, _hash);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purposeOid, purpose)], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 signed = Sign(request, Certificate.SubjectName, TimeSpan.FromDays(1));
        X509Certificate2 certificate = signed.CopyWithPrivateKey(key);
        _issued.Add(certificate);
        return WriteFiles(certificate, key, $"{(purpose == "TLS server" ? "server" : "client")}{_issued.Count}");
    }

    private TestCertificate WriteFiles(X509Certificate2 certificate, ECDsa key, string name)
    {
        string keyFile = _directory.Write($"{name}.key", "");
        Unix.SetMode(keyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return new TestCertificate(_directory.Write($"{name}.pem", certificate.ExportCertificatePem()), keyFile, certificate);
    }

    private X509Certificate2 Sign(CertificateRequest request, X500DistinguishedName issuer, TimeSpan margin)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        byte[] serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7F;
        serial[0] |= 0x01;
        return request.Create(issuer, _generator, now - margin, now + margin, serial);
    }
}
