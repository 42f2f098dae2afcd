using System.Security.Cryptography.X509Certificates;

namespace Sasl.Testing.Peers;

/// <summary>A certificate with its private key: as files for peers, as an object for us.</summary>
/// <param name="CertificateFile">PEM file of the certificate.</param>
/// <param name="KeyFile">PEM file of the private key (PKCS #8, not encrypted), mode 0600.</param>
/// <param name="Certificate">The same, with the private key.</param>
public sealed record TestCertificate(string CertificateFile, string KeyFile, X509Certificate2 Certificate);
