using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SmtpAuth;

/// <summary>The sample's own temporary directory: smtpd.conf, sasldb, a self-signed certificate, and the folder for mail.</summary>
internal sealed class PrivateDirectory : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("sasl-sample-").FullName;

    public PrivateDirectory()
    {
        Directory.CreateDirectory(Mail);
        string shipped = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "smtpd.conf"));
        File.WriteAllText(Path.Combine(_path, "smtpd.conf"), $"{shipped}sasldb_path: {Sasldb}\n");
        Certificate = MakeCertificate();
        File.WriteAllText(CertificateFile, Certificate.ExportCertificatePem());
    }

    public string Configuration => _path;

    public string Sasldb => Path.Combine(_path, "sasldb2");

    public string Mail => Path.Combine(_path, "mail");

    public string CertificateFile => Path.Combine(_path, "localhost.pem");

    public X509Certificate2 Certificate { get; }

    public void Dispose()
    {
        Certificate.Dispose();
        Directory.Delete(_path, recursive: true);
    }

    private static X509Certificate2 MakeCertificate()
    {
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-1), now.AddDays(7));
    }
}
