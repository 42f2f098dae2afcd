using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Sasl.Interop.Tests.Library;

/// <summary>As much of PostgreSQL's protocol (version 3, chapter "Message Flow") as it takes to log in with SASL inside TLS.</summary>
internal sealed class PostgresConnection : IAsyncDisposable
{
    private const int SslRequest = 80877103;
    private const int ProtocolVersion = 3 << 16;
    private const int MaxMessageLength = 64 * 1024;
    private const int AuthenticationOk = 0;
    private const int AuthenticationSasl = 10;
    private const int AuthenticationSaslContinue = 11;
    private const int AuthenticationSaslFinal = 12;

    private readonly TcpClient _tcp;
    private readonly SslStream _tls;

    private PostgresConnection(TcpClient tcp, SslStream tls) => (_tcp, _tls) = (tcp, tls);

    public SslStream Tls => _tls;

    public static async Task<PostgresConnection> OpenAsync(int port, X509Certificate2 certificate, CancellationToken cancellationToken)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        NetworkStream plain = tcp.GetStream();
        byte[] request = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(request, request.Length);
        BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(4), SslRequest);
        await plain.WriteAsync(request, cancellationToken);
        byte[] answer = new byte[1];
        await plain.ReadExactlyAsync(answer, cancellationToken);
        if (answer[0] != (byte)'S')
            throw new IOException("PostgreSQL has no TLS.");
        var tls = new SslStream(plain);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetRawCertData().AsSpan().SequenceEqual(certificate.RawData) is true,
        }, cancellationToken);
        return new PostgresConnection(tcp, tls);
    }

    /// <summary>Logs in; null after success, else what the client or the server found wrong.</summary>
    /// <param name="session">The client.</param>
    /// <param name="user">The role.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="only">The one mechanism that somebody in the middle has left of the server's offer; null leaves all.</param>
    public async Task<string?> LogInAsync(SaslClientSession session, string user, CancellationToken cancellationToken, string? only = null)
    {
        await SendAsync(type: null, [.. Number(ProtocolVersion), .. Encoding.ASCII.GetBytes($"user\0{user}\0database\0postgres\0\0")], cancellationToken);
        while (true)
        {
            (char type, byte[] body) = await ReceiveAsync(cancellationToken);
            if (type == 'E')
                return Encoding.UTF8.GetString(body).Replace('\0', ' ');
            if (type != 'R')
                throw new IOException($"PostgreSQL sent {type} during authentication.");
            ReadOnlyMemory<byte> data = body.AsMemory(4);
            SaslReply reply;
            switch (BinaryPrimitives.ReadInt32BigEndian(body))
            {
                case AuthenticationOk:
                    return session.IsAuthenticated ? null : "the server let us in before the exchange had ended";
                case AuthenticationSasl:
                    string[] offered = Encoding.ASCII.GetString(data.Span).Split('\0', StringSplitOptions.RemoveEmptyEntries);
                    reply = await session.StartAsync(only is null ? offered : [only], cancellationToken);
                    if (reply.Status is SaslStatus.Failure)
                        return session.Explain().ToString();
                    byte[] first = reply.Message!.Value.ToArray();
                    await SendAsync('p', [.. Encoding.ASCII.GetBytes(session.Mechanism!.Name), 0, .. Number(first.Length), .. first], cancellationToken);
                    break;
                case AuthenticationSaslContinue:
                    reply = await session.StepAsync(data, cancellationToken);
                    if (reply.Status is SaslStatus.Failure)
                        return session.FailureDetail;
                    await SendAsync('p', reply.Message!.Value.ToArray(), cancellationToken);
                    break;
                case AuthenticationSaslFinal:
                    reply = await session.CompleteAsync(data, cancellationToken);
                    if (!reply.IsSuccess)
                        return session.FailureDetail;
                    break;
                default:
                    throw new IOException("PostgreSQL asks for another kind of authentication.");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _tls.DisposeAsync();
        _tcp.Dispose();
    }

    private async Task SendAsync(char? type, byte[] body, CancellationToken cancellationToken)
    {
        byte[] message = [.. type is { } letter ? [(byte)letter] : (byte[])[], .. Number(body.Length + 4), .. body];
        await _tls.WriteAsync(message, cancellationToken);
        await _tls.FlushAsync(cancellationToken);
    }

    private async Task<(char Type, byte[] Body)> ReceiveAsync(CancellationToken cancellationToken)
    {
        byte[] head = new byte[5];
        await _tls.ReadExactlyAsync(head, cancellationToken);
        int length = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(1)) - 4;
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxMessageLength);
        byte[] body = new byte[length];
        await _tls.ReadExactlyAsync(body, cancellationToken);
        return ((char)head[0], body);
    }

    private static byte[] Number(int value)
    {
        byte[] octets = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(octets, value);
        return octets;
    }
}
