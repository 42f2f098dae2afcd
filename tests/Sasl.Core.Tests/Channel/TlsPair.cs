using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Sasl.Core.Tests.Channel;

/// <summary>Two ends of one TLS connection over loopback, after the handshake.</summary>
internal sealed class TlsPair : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private TlsPair(SslStream server, SslStream client) => (Server, Client) = (server, client);

    public SslStream Server { get; }

    public SslStream Client { get; }

    /// <summary>Both ends, for what must hold on either.</summary>
    public SslStream[] Ends => [Server, Client];

    public static SslServerAuthenticationOptions ServerOptions(X509Certificate2 certificate, SslProtocols protocol) => new()
    {
        ServerCertificate = certificate,
        EnabledSslProtocols = protocol,
        AllowRenegotiation = false,
        RemoteCertificateValidationCallback = AcceptSelfSigned,
    };

    public static SslClientAuthenticationOptions ClientOptions(SslProtocols protocol) => new()
    {
        TargetHost = "localhost",
        EnabledSslProtocols = protocol,
        AllowRenegotiation = false,
        RemoteCertificateValidationCallback = AcceptSelfSigned,
    };

    public static Task<TlsPair> ConnectAsync(string certificate, SslProtocols protocol) =>
        ConnectAsync(ServerOptions(TestCertificates.Server(certificate), protocol), ClientOptions(protocol));

    public static async Task<TlsPair> ConnectAsync(
        SslServerAuthenticationOptions serverOptions, SslClientAuthenticationOptions clientOptions)
    {
        (Socket server, Socket client) = Sockets();
        using var limit = new CancellationTokenSource(s_limit);
        var pair = new TlsPair(
            new SslStream(new NetworkStream(server, ownsSocket: true)), new SslStream(new NetworkStream(client, ownsSocket: true)));
        try
        {
            await Task.WhenAll(
                pair.Server.AuthenticateAsServerAsync(serverOptions, limit.Token),
                pair.Client.AuthenticateAsClientAsync(clientOptions, limit.Token));
            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends one octet each way, so that the tickets of TLS 1.3 arrive as well.</summary>
    public async Task ExchangeAsync()
    {
        foreach ((SslStream from, SslStream to) in new[] { (Server, Client), (Client, Server) })
        {
            await from.WriteAsync(new byte[] { 1 });
            await to.ReadExactlyAsync(new byte[1]);
        }
    }

    // A server that asks for a certificate here also serves a client that has none; a client may use another name, to have a
    // session of its own.
    private static bool AcceptSelfSigned(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate is null ? sender is SslStream { IsServer: true } : certificate.Subject == certificate.Issuer;

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Client.DisposeAsync();
    }

    public static (Socket Server, Socket Client) Sockets()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(backlog: 1);
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint!);
        return (listener.Accept(), client);
    }
}
