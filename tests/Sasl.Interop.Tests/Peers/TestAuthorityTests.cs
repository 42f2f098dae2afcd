using System.Security.Cryptography.X509Certificates;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Interop.Tests.Peers;

public sealed class TestAuthorityTests
{
    [PeerTheory("openssl")]
    [InlineData(CertificateSignature.EcdsaSha256, "ecdsa-with-SHA256")]
    [InlineData(CertificateSignature.EcdsaSha384, "ecdsa-with-SHA384")]
    [InlineData(CertificateSignature.RsaSha256, "sha256WithRSAEncryption")]
    [InlineData(CertificateSignature.RsaSha512, "sha512WithRSAEncryption")]
    [InlineData(CertificateSignature.RsaPssSha256, "rsassaPss")]
    public async Task OpenSSL_accepts_the_certificates_for_their_purpose(CertificateSignature signature, string algorithm)
    {
        using TestAuthority authority = TestAuthority.Create(signature);

        await OpenSslAsync("verify", "-x509_strict", "-CAfile", authority.CaFile, "-purpose", "sslserver", "-verify_hostname", "localhost", authority.Server.CertificateFile);
        await OpenSslAsync("verify", "-x509_strict", "-CAfile", authority.CaFile, "-purpose", "sslserver", "-verify_ip", "127.0.0.1", authority.Server.CertificateFile);
        await OpenSslAsync("verify", "-x509_strict", "-CAfile", authority.CaFile, "-purpose", "sslclient", "-verify_email", "alice@localhost", authority.Client.CertificateFile);
        Assert.Contains($"Signature Algorithm: {algorithm}", await OpenSslAsync("x509", "-in", authority.Server.CertificateFile, "-noout", "-text"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_files_hold_the_same_certificate_and_key_as_the_object()
    {
        using TestAuthority authority = TestAuthority.Create();

        using X509Certificate2 read = X509Certificate2.CreateFromPemFile(authority.Client.CertificateFile, authority.Client.KeyFile);

        Assert.Equal(authority.Client.Certificate.Thumbprint, read.Thumbprint);
        Assert.True(read.HasPrivateKey);
        Assert.True(authority.Client.Certificate.HasPrivateKey);
        Assert.Equal("CN=alice", read.Subject);
    }

    [Fact]
    public void The_files_go_with_the_authority()
    {
        TestAuthority authority = TestAuthority.Create();
        Assert.True(File.Exists(authority.CaFile));

        authority.Dispose();

        Assert.False(File.Exists(authority.CaFile));
    }

    private static Task<string> OpenSslAsync(params string[] arguments) => PeerProcess.RunSuccessfullyAsync(new PeerCommand("openssl", arguments));
}
