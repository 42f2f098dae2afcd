using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sasl;
using Sasl.Smtp;

namespace SmtpAuth;

/// <summary>A client's TCP connection to the submission server, after EHLO, with TLS where it was asked for.</summary>
internal sealed class ClientConnection : IAsyncDisposable
{
    private readonly TcpClient _tcp;
    private SmtpLineStream _lines;
    private SslStream? _tls;

    private ClientConnection(TcpClient tcp)
    {
        _tcp = tcp;
        _lines = new SmtpLineStream(tcp.GetStream());
    }

    /// <summary>What the server said to EHLO, with the codes.</summary>
    public IReadOnlyList<string> EhloLines { get; private set; } = [];

    /// <summary>Who watches the lines; null while nobody does.</summary>
    public Conversation? Conversation { get; set; }

    public SaslChannel Channel => _tls is null ? SaslChannel.Plaintext : SaslChannel.FromTls(_tls);

    /// <summary>Connects; trusts one certificate and no other, because the sample made it a moment ago.</summary>
    public static async Task<ClientConnection> OpenAsync(
        IPEndPoint server, X509Certificate2 certificate, bool tls, CancellationToken cancellationToken)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(server, cancellationToken);
        var connection = new ClientConnection(tcp);
        await connection.ExpectAsync("220", cancellationToken);
        await connection.EhloAsync(cancellationToken);
        if (tls)
            await connection.StartTlsAsync(certificate, cancellationToken);
        return connection;
    }

    public async ValueTask<ReadOnlyMemory<byte>?> ReadLineAsync(CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte>? line = await _lines.ReadLineAsync(cancellationToken);
        if (line is { } octets && Conversation is { } conversation)
            await conversation.ServerAsync(octets);
        return line;
    }

    public async ValueTask WriteLineAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        if (Conversation is { } conversation)
            await conversation.ClientAsync(line);
        await _lines.WriteLineAsync(line, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _lines.Dispose();
        if (_tls is not null)
            await _tls.DisposeAsync();
        _tcp.Dispose();
    }

    private async Task StartTlsAsync(X509Certificate2 certificate, CancellationToken cancellationToken)
    {
        await WriteLineAsync("STARTTLS"u8.ToArray(), cancellationToken);
        await ExpectAsync("220", cancellationToken);
        _tls = new SslStream(_tcp.GetStream());
        await _tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetRawCertData().AsSpan().SequenceEqual(certificate.RawData) is true,
        }, cancellationToken);
        _lines.Dispose();
        _lines = new SmtpLineStream(_tls);
        await EhloAsync(cancellationToken);
    }

    private async Task EhloAsync(CancellationToken cancellationToken)
    {
        await WriteLineAsync("EHLO client.localhost"u8.ToArray(), cancellationToken);
        EhloLines = await ExpectAsync("250", cancellationToken);
    }

    private async Task<List<string>> ExpectAsync(string code, CancellationToken cancellationToken)
    {
        List<string> lines = [];
        do
        {
            if (await ReadLineAsync(cancellationToken) is not { } line || !Encoding.ASCII.GetString(line.Span).StartsWith(code, StringComparison.Ordinal))
                throw new IOException($"The server did not answer {code}.");
            lines.Add(Encoding.ASCII.GetString(line.Span));
        }
        while (lines[^1] is [_, _, _, '-', ..]);
        return lines;
    }
}
