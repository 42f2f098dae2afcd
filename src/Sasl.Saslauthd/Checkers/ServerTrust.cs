using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sasl.Saslauthd;

/// <summary>Which server certificates a checker trusts. The name and the chain are always checked.</summary>
internal static class ServerTrust
{
    /// <summary>The client's end of TLS with a host.</summary>
    /// <param name="host">Whom the certificate has to be for.</param>
    /// <param name="authorities">The only authorities that count; null takes the system's.</param>
    public static SslClientAuthenticationOptions For(string host, X509Certificate2Collection? authorities)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = host,
            EnabledSslProtocols = SslProtocols.None,    // the system's choice
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        };
        if (authorities is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }
        return options;
    }

    /// <summary>Reads authorities from a PEM file.</summary>
    /// <param name="path">The file; null gives null, the system's authorities.</param>
    /// <param name="wrong">Makes the exception for a file that cannot be used.</param>
    public static X509Certificate2Collection? Load(string? path, Func<string, Exception?, SaslConfigurationException> wrong)
    {
        if (path is null)
            return null;
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw wrong($"the certificates in {path} cannot be read ({SaslFileAccess.Describe(path)})", exception);
        }
        return authorities.Count > 0 ? authorities : throw wrong($"{path} has no certificate in PEM form", null);
    }
}
