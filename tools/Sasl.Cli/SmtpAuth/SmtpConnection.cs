using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Sasl.Smtp;

namespace Sasl.Cli;

/// <summary>A connection to an SMTP server, with everything said on it shown as far as it may be.</summary>
internal sealed class SmtpConnection : IAsyncDisposable
{
    private const int MaxReplyLines = 200;
    private const string Ready = "220";
    private const string Done = "250";

    private readonly TcpClient _tcp;
    private readonly TextWriter _output;
    private readonly SmtpLineMasker _masker = new();
    private SmtpLineStream _lines;

    private SmtpConnection(TcpClient tcp, TextWriter output)
    {
        _tcp = tcp;
        _output = output;
        _lines = new SmtpLineStream(tcp.GetStream());
    }

    /// <summary>The TLS connection; null while there is none.</summary>
    public SslStream? Tls { get; private set; }

    /// <summary>What the server said to the last EHLO.</summary>
    public IReadOnlyList<string> Capabilities { get; private set; } = [];

    public EndPoint? Local => _tcp.Client.LocalEndPoint;

    public EndPoint? Remote => _tcp.Client.RemoteEndPoint;

    public bool OffersStartTls => Capabilities.Any(static line => line.Length >= 12 && line.AsSpan(4).Trim().Equals("STARTTLS", StringComparison.OrdinalIgnoreCase));

    /// <exception cref="SmtpToolException">The server cannot be reached.</exception>
    public static async Task<SmtpConnection> OpenAsync(HostAndPort server, TextWriter output, CancellationToken cancellationToken)
    {
        var tcp = new TcpClient();
        try
        {
            await tcp.ConnectAsync(server.Host, server.Port, cancellationToken);
            await output.WriteLineAsync($"--- connected to {tcp.Client.RemoteEndPoint}");
            return new SmtpConnection(tcp, output);
        }
        catch (Exception exception)
        {
            tcp.Dispose();
            if (exception is SocketException)
                throw new SmtpToolException(ExitCode.Unavailable, $"{server}: {exception.Message}");
            throw;
        }
    }

    /// <summary>Encrypts the connection from here on.</summary>
    /// <exception cref="SmtpToolException">TLS could not be had.</exception>
    public async Task BeginTlsAsync(SmtpTls tls, CancellationToken cancellationToken)
    {
        // Somebody on the way may have put lines there, to be taken for something said inside TLS.
        if (_lines.UnreadOctets > 0)
            throw new SmtpToolException(ExitCode.Protocol, "something was sent before the TLS handshake that the server cannot have sent");
        Tls = await tls.BeginAsync(_tcp.GetStream(), cancellationToken);
        _lines.Dispose();
        _lines = new SmtpLineStream(Tls);
        await _output.WriteLineAsync($"--- {Tls.SslProtocol}, {Tls.NegotiatedCipherSuite}, certificate verified: {Printable.Of(Tls.RemoteCertificate?.Subject ?? "")}");
    }

    /// <summary>Takes the server's greeting.</summary>
    /// <exception cref="SmtpToolException">It does not greet.</exception>
    public Task GreetingAsync(CancellationToken cancellationToken) => ExpectAsync(Ready, cancellationToken);

    /// <summary>Says EHLO and keeps the answer.</summary>
    /// <exception cref="SmtpToolException">The server refuses.</exception>
    public async Task EhloAsync(CancellationToken cancellationToken)
    {
        // A host's own idea of its name is seldom one that the server could look up; its address always is.
        string name = Local is IPEndPoint { Address: var address }
            ? address.AddressFamily is AddressFamily.InterNetworkV6 && !address.IsIPv4MappedToIPv6 ? $"[IPv6:{address}]" : $"[{address.MapToIPv4()}]"
            : "localhost";
        await WriteLineAsync(Encoding.ASCII.GetBytes($"EHLO {name}"), cancellationToken);
        Capabilities = await ExpectAsync(Done, cancellationToken);
    }

    /// <summary>Asks for TLS.</summary>
    /// <exception cref="SmtpToolException">The server refuses.</exception>
    public async Task StartTlsAsync(SmtpTls tls, CancellationToken cancellationToken)
    {
        await WriteLineAsync("STARTTLS"u8.ToArray(), cancellationToken);
        if (await ReadReplyAsync(cancellationToken) is not [var only] || !only.StartsWith(Ready, StringComparison.Ordinal))
            throw new SmtpToolException(ExitCode.Unavailable, "the server offers STARTTLS and does not do it");
        await BeginTlsAsync(tls, cancellationToken);
    }

    /// <summary>Says good-bye, if anybody still listens.</summary>
    public async Task QuitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WriteLineAsync("QUIT"u8.ToArray(), cancellationToken);
            await ReadReplyAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SmtpToolException)
        {
            await _output.WriteLineAsync("--- the server did not say good-bye");
        }
    }

    public async ValueTask WriteLineAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        await _output.WriteLineAsync($"C: {_masker.Client(line.Span)}");
        await _lines.WriteLineAsync(line, cancellationToken);
    }

    public async ValueTask<ReadOnlyMemory<byte>?> ReadLineAsync(CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte>? line = await _lines.ReadLineAsync(cancellationToken);
        if (line is { } octets)
            await _output.WriteLineAsync($"S: {_masker.Server(octets.Span)}");
        return line;
    }

    public async ValueTask DisposeAsync()
    {
        _lines.Dispose();
        if (Tls is not null)
            await Tls.DisposeAsync();
        _tcp.Dispose();
    }

    private async Task<IReadOnlyList<string>> ExpectAsync(string code, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> reply = await ReadReplyAsync(cancellationToken);
        if (reply.All(line => line.StartsWith(code, StringComparison.Ordinal)))
            return reply;
        throw reply[^1] is ['4', ..]
            ? new SmtpToolException(ExitCode.Temporary, "the server cannot serve now")
            : new SmtpToolException(ExitCode.Protocol, $"the server did not answer {code}");
    }

    private async Task<IReadOnlyList<string>> ReadReplyAsync(CancellationToken cancellationToken)
    {
        List<string> lines = [];
        do
        {
            if (await ReadLineAsync(cancellationToken) is not { } line)
                throw new SmtpToolException(ExitCode.Temporary, "the server closed the connection");
            lines.Add(Encoding.ASCII.GetString(line.Span));
            if (lines.Count > MaxReplyLines || lines[^1] is not [>= '2' and <= '5', >= '0' and <= '9', >= '0' and <= '9', ..])
                throw new SmtpToolException(ExitCode.Protocol, "what the server sent is not an SMTP reply");
        }
        while (lines[^1] is [_, _, _, '-', ..]);
        return lines;
    }
}
