using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sasl.Cli;

/// <summary>The client's side of TLS: whom to trust, and which certificate to show.</summary>
/// <param name="host">The name or address the server's certificate must have.</param>
/// <param name="authorities">Whom to trust; null for the system's authorities.</param>
/// <param name="certificate">What to show the server; null for nothing.</param>
internal sealed class SmtpTls(string host, X509Certificate2Collection? authorities, X509Certificate2? certificate) : IDisposable
{
    private string? _complaint;

    /// <summary>The subject of the certificate shown to the server; null without one.</summary>
    public string? ClientName => certificate?.GetNameInfo(X509NameType.SimpleName, forIssuer: false);

    /// <summary>Reads the files that a request names.</summary>
    /// <exception cref="SmtpToolException">One cannot be used.</exception>
    public static SmtpTls Load(SmtpAuthRequest request) => new(
        request.Server.Host,
        request.AuthorityFile is null ? null : Read("--ca-file", () => LoadAuthorities(request.AuthorityFile)),
        request.CertificateFile is null ? null : Read("--client-cert", () => X509Certificate2.CreateFromPemFile(request.CertificateFile, request.KeyFile)));

    /// <summary>Shakes hands and verifies the server's certificate and name.</summary>
    /// <exception cref="SmtpToolException">The handshake failed, or the certificate is not trusted; the text says why.</exception>
    public async Task<SslStream> BeginAsync(Stream connection, CancellationToken cancellationToken)
    {
        var tls = new SslStream(connection, leaveInnerStreamOpen: true);
        try
        {
            await tls.AuthenticateAsClientAsync(Options(), cancellationToken);
            return tls;
        }
        catch (Exception exception)
        {
            await tls.DisposeAsync();
            if (exception is AuthenticationException or IOException)
                throw new SmtpToolException(ExitCode.Unavailable, _complaint ?? $"TLS could not be had: {exception.Message}");
            throw;
        }
    }

    public void Dispose()
    {
        certificate?.Dispose();
        foreach (X509Certificate2 authority in authorities ?? [])
            authority.Dispose();
    }

    private static X509Certificate2Collection LoadAuthorities(string file)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(file);
        return authorities.Count > 0 ? authorities : throw new CryptographicException("there is no certificate in it");
    }

    private static T Read<T>(string option, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new SmtpToolException(ExitCode.Usage, $"{option}: {exception.Message}");
        }
    }

    private SslClientAuthenticationOptions Options() => new()
    {
        TargetHost = host,
        // Before TLS 1.3, tls-exporter is only safe without renegotiation (RFC 9266).
        AllowRenegotiation = false,
        CertificateChainPolicy = ChainPolicy(),
        ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
        RemoteCertificateValidationCallback = (_, presented, chain, errors) => Judge(presented, chain, errors),
    };

    private X509ChainPolicy ChainPolicy()
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        if (authorities is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(authorities);
        }
        return policy;
    }

    private bool Judge(X509Certificate? presented, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors is SslPolicyErrors.None)
            return true;
        List<string> reasons = [];
        if (presented is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            reasons.Add("the server has none");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            reasons.Add($"it is not for {host}");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && chain is not null)
            reasons.AddRange(chain.ChainStatus.Select(static status => $"{status.Status}: {status.StatusInformation.Trim()}").Distinct());
        _complaint = $"the server's certificate is not trusted ({Printable.Of(presented?.Subject ?? "none")}): {string.Join("; ", reasons)}";
        return false;
    }
}
