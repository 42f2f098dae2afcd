using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sasl.Smtp;

namespace Sasl.Cli.Tests;

/// <summary>A small SMTP server on loopback: EHLO, STARTTLS, AUTH, QUIT, one connection after another.</summary>
internal sealed class TestSmtpServer : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromSeconds(60));
    private readonly Task _serving;

    public TestSmtpServer(SaslServer? sasl)
        : this(sasl, IPAddress.Loopback)
    {
    }

    public TestSmtpServer(SaslServer? sasl, IPAddress address)
    {
        Sasl = sasl;
        _listener = new TcpListener(address, 0);
        _listener.Start();
        _serving = ServeAsync();
    }

    public SaslServer? Sasl { get; }

    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>What TLS shows; null offers none.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Whether a connection begins with TLS.</summary>
    public bool ImplicitTls { get; init; }

    /// <summary>Which authority's client certificates are asked for; null asks for none.</summary>
    public X509Certificate2? ClientAuthority { get; init; }

    /// <summary>What to say first, in place of the greeting; the connection ends after it.</summary>
    public string? OnlySay { get; init; }

    /// <summary>What follows the answer to STARTTLS before the handshake, as somebody on the way would add it.</summary>
    public string Injected { get; init; } = "";

    /// <summary>Whether QUIT is answered before the connection ends.</summary>
    public bool EndsPolitely { get; init; } = true;

    /// <summary>What AUTH is answered with, in place of an authentication.</summary>
    public string? AuthReply { get; init; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using TcpClient connection = await _listener.AcceptTcpClientAsync(_stop.Token);
                try
                {
                    await ConverseAsync(connection.GetStream(), _stop.Token);
                }
                catch (Exception exception) when (exception is IOException or System.Security.Authentication.AuthenticationException)
                {
                    // The client has gone, perhaps because it does not trust the certificate.
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or InvalidOperationException)    // the last: not listening any more
        {
            // stopped
        }
    }

    private async Task ConverseAsync(NetworkStream connection, CancellationToken cancellationToken)
    {
        SslStream? tls = ImplicitTls ? await ShakeHandsAsync(connection, cancellationToken) : null;
        try
        {
            using var lines = new SmtpLineStream((Stream?)tls ?? connection);
            await SayAsync(lines, OnlySay ?? "220 localhost ESMTP", cancellationToken);
            if (OnlySay is not null || !await ObeyAsync(lines, tls, cancellationToken))
                return;
            tls = await ShakeHandsAsync(connection, cancellationToken);
            using var inside = new SmtpLineStream(tls);
            await ObeyAsync(inside, tls, cancellationToken);
        }
        finally
        {
            if (tls is not null)
                await tls.DisposeAsync();
        }
    }

    /// <summary>Obeys until QUIT or the end; true when TLS is to begin.</summary>
    private async Task<bool> ObeyAsync(SmtpLineStream lines, SslStream? tls, CancellationToken cancellationToken)
    {
        SaslChannel channel = tls is null ? SaslChannel.Plaintext : SaslChannel.FromTls(tls, new SaslTlsOptions { Identity = SaslCertificateIdentity.CommonName });
        using SmtpAuthServer? auth = Sasl is null ? null : new SmtpAuthServer(Sasl.CreateSession(channel));
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            string text = Encoding.ASCII.GetString(line.Span);
            if (auth is not null && SmtpAuthServer.IsAuthCommand(line, out ReadOnlyMemory<byte> argument))
            {
                if (AuthReply is null)
                    await auth.RunAsync(argument, lines.WriteLineAsync, lines.ReadLineAsync, cancellationToken);
                else
                    await SayAsync(lines, AuthReply, cancellationToken);
            }
            else if (text.StartsWith("EHLO ", StringComparison.Ordinal))
            {
                string[] capabilities = ["localhost", .. auth?.CapabilityLines ?? [], .. Certificate is not null && tls is null ? (string[])["STARTTLS"] : []];
                for (int i = 0; i < capabilities.Length; i++)
                    await SayAsync(lines, $"250{(i == capabilities.Length - 1 ? ' ' : '-')}{capabilities[i]}", cancellationToken);
            }
            else if (text == "STARTTLS")
            {
                await SayAsync(lines, "220 Go ahead" + Injected, cancellationToken);
                return true;
            }
            else if (text == "QUIT")
            {
                if (!EndsPolitely)
                    return false;
                await SayAsync(lines, "221 Bye", cancellationToken);
                return false;
            }
            else
            {
                await SayAsync(lines, "500 What?", cancellationToken);
            }
        }
        return false;
    }

    private async Task<SslStream> ShakeHandsAsync(Stream connection, CancellationToken cancellationToken)
    {
        var tls = new SslStream(connection, leaveInnerStreamOpen: true);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = Certificate,
            ClientCertificateRequired = ClientAuthority is not null,
            RemoteCertificateValidationCallback = (_, presented, _, _) => ClientAuthority is null || presented?.Issuer == ClientAuthority.Subject,
        }, cancellationToken);
        return tls;
    }

    private static ValueTask SayAsync(SmtpLineStream lines, string line, CancellationToken cancellationToken) =>
        lines.WriteLineAsync(Encoding.ASCII.GetBytes(line), cancellationToken);
}
