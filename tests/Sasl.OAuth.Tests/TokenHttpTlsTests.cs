using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.OAuth.Tests;

/// <summary>An issuer over TLS is believed only with a certificate of an authority that is trusted, for the name that was asked.</summary>
public sealed class TokenHttpTlsTests : IDisposable
{
    private const string Body = """{"active":true,"sub":"alice"}""";

    private readonly TestAuthority _authority = TestAuthority.Create();
    private readonly TestAuthority _other = TestAuthority.Create();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public TokenHttpTlsTests() => _listener.Start();

    public void Dispose()
    {
        _listener.Stop();
        _authority.Dispose();
        _other.Dispose();
    }

    [Theory]
    [InlineData("localhost", true, true)]
    [InlineData("localhost", false, false)]
    [InlineData("localhost", null, false)]
    [InlineData("issuer.localhost", true, false)]
    public async Task Only_a_certificate_that_is_trusted_is_told_a_token(string host, bool? ofThatAuthority, bool valid)
    {
        Task<bool> serving = ServeAsync();
        X509Certificate2Collection? roots = ofThatAuthority switch { true => [_authority.Certificate], false => [_other.Certificate], null => null };
        using var validator = new IntrospectionValidator(new IntrospectionValidatorOptions
        {
            Address = new Uri($"https://{host}:{((IPEndPoint)_listener.LocalEndpoint).Port}/introspect"),
            Http = new TokenHttpOptions { TrustedRoots = roots },
        });
        Task<TokenVerdict> asking = validator.ValidateAsync("token"u8.ToArray(), JwtWorld.Service, default).AsTask();
        if (valid)
            Assert.Equal(TokenOutcome.Valid, (await asking).Outcome);
        else
            await Assert.ThrowsAsync<SaslUnavailableException>(() => asking);
        _listener.Stop();
        Assert.Equal(valid, await serving);
    }

    // Whether a question came.
    private async Task<bool> ServeAsync()
    {
        try
        {
            using TcpClient client = await _listener.AcceptTcpClientAsync();
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsServerAsync(_authority.Server.Certificate);
            byte[] question = new byte[4096];
            if (await tls.ReadAsync(question) == 0)
                return false;
            await tls.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\nConnection: close\r\n\r\n{Body}"));
            return true;
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
            return false;
        }
    }
}
