using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Sasl.OAuth;

/// <summary>Questions to an issuer, bounded in time and length.</summary>
internal sealed class TokenHttp : IDisposable
{
    /// <summary>The longest answer, in octets.</summary>
    public const int MaxAnswerLength = 512 * 1024;

    private static readonly TimeSpan s_connectionLifetime = TimeSpan.FromMinutes(5);

    private readonly HttpClient _client;

    public TokenHttp(TokenHttpOptions options)
    {
        options.ThrowIfInvalid();
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,    // a token would follow
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = options.Timeout,
            PooledConnectionLifetime = s_connectionLifetime,
        };
        if (options.TrustedRoots is { } roots)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(roots);
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }
        _client = new HttpClient(handler) { Timeout = options.Timeout, MaxResponseContentBufferSize = MaxAnswerLength };
    }

    /// <summary>Whether an address may be asked.</summary>
    public static bool IsAllowed(Uri address) => address.IsAbsoluteUri && address.UserInfo.Length == 0 && address.Fragment.Length == 0
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback));

    /// <exception cref="ArgumentException">The address may not be asked.</exception>
    public static void ThrowIfForbidden(Uri address, string name)
    {
        if (!IsAllowed(address))
            throw new ArgumentException("An address of an issuer is absolute and https, without a user and without a fragment; http reaches this machine only.", name);
    }

    /// <summary>Gets a document.</summary>
    /// <exception cref="SaslUnavailableException">There was no answer that can be used.</exception>
    public Task<byte[]> GetAsync(Uri address, string what, CancellationToken cancellationToken) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Get, address), what, cancellationToken);

    /// <summary>Asks, and disposes the question.</summary>
    /// <exception cref="SaslUnavailableException">There was no answer that can be used.</exception>
    public async Task<byte[]> SendAsync(HttpRequestMessage request, string what, CancellationToken cancellationToken)
    {
        using (request)
        {
            try
            {
                request.Headers.Accept.ParseAdd("application/json");
                using HttpResponseMessage response = await _client.SendAsync(request, cancellationToken).ConfigureAwait(false);
                return response.StatusCode is HttpStatusCode.OK
                    ? await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false)
                    : throw new SaslUnavailableException($"{what}: HTTP status {(int)response.StatusCode}");
            }
            catch (HttpRequestException exception)
            {
                throw new SaslUnavailableException($"{what}: {exception.HttpRequestError}", exception);
            }
            catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
            {
                throw new SaslUnavailableException($"{what}: no answer in {_client.Timeout.TotalSeconds} seconds", exception);
            }
        }
    }

    public void Dispose() => _client.Dispose();
}
