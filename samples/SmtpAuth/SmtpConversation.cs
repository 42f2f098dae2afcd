using System.Net;
using System.Net.Security;
using System.Text;
using Sasl;
using Sasl.Smtp;

namespace SmtpAuth;

/// <summary>One client of the submission server: EHLO, STARTTLS, AUTH, and mail once somebody is authenticated.</summary>
internal sealed class SmtpConversation(
    Stream connection, SaslServer sasl, SslServerAuthenticationOptions tlsOptions, Maildrop maildrop, EndPoint? local, EndPoint? remote) : IAsyncDisposable
{
    // A client certificate that the handshake accepted says who it is by its common name (SASL EXTERNAL).
    private static readonly SaslTlsOptions s_identity = new() { Identity = SaslCertificateIdentity.CommonName };

    private const int MaxFailures = 5;
    private const int MaxMessageLength = 1024 * 1024;
    private const int MaxTextLine = 998;    // RFC 5321 section 4.5.3.1.6

    private SmtpLineStream _lines = new(connection);
    private SslStream? _tls;
    private SmtpPipelineGuard? _pipeline;
    private SmtpAuthServer? _auth;
    private string? _sender;
    private readonly List<string> _recipients = [];

    private SmtpAuthServer Auth => _auth ??= new SmtpAuthServer(sasl.CreateSession(Channel), new SmtpAuthServerOptions { Pipeline = Pipeline });

    private SmtpPipelineGuard Pipeline => _pipeline ??= new SmtpPipelineGuard(() => _lines.UnreadOctets);

    private SaslChannel Channel => _tls is null
        ? new SaslChannel { Local = local, Remote = remote }
        : SaslChannel.FromTls(_tls, s_identity, local, remote);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await SayAsync("220 localhost ESMTP", cancellationToken);
        while (await _lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (SmtpAuthServer.IsAuthCommand(line, out ReadOnlyMemory<byte> argument))
            {
                await Auth.RunAsync(argument, _lines.WriteLineAsync, _lines.ReadLineAsync, cancellationToken);
                if (Auth.FailedAttempts < MaxFailures)
                    continue;
                await SayAsync("421 4.7.0 Too many failures", cancellationToken);
                return;
            }
            if (!await ObeyAsync(Encoding.ASCII.GetString(line.Span), cancellationToken))
                return;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _auth?.Dispose();
        _lines.Dispose();
        if (_tls is not null)
            await _tls.DisposeAsync();
    }

    private async ValueTask<bool> ObeyAsync(string line, CancellationToken cancellationToken)
    {
        string verb = line.Split(' ', 2)[0].ToUpperInvariant();
        switch (verb)
        {
            case "EHLO":
                ForgetMail();
                await GreetAsync(cancellationToken);
                return true;
            case "HELO":
                ForgetMail();
                await SayAsync("250 localhost", cancellationToken);
                return true;
            case "STARTTLS" when _tls is null:
                return await StartTlsAsync(cancellationToken);
            case "MAIL" or "RCPT" or "DATA" when Auth.Identity is not { IsAnonymous: false }:
                await _lines.WriteLineAsync(SmtpReplies.AuthenticationRequired, cancellationToken);
                return true;
            case "MAIL" when _sender is null && line.StartsWith("MAIL FROM:", StringComparison.OrdinalIgnoreCase):
                _sender = line[10..].Trim();
                Auth.InMailTransaction = true;
                await SayAsync("250 2.1.0 Sender OK", cancellationToken);
                return true;
            case "RCPT" when _sender is not null && line.StartsWith("RCPT TO:", StringComparison.OrdinalIgnoreCase) && _recipients.Count < 100:
                _recipients.Add(line[8..].Trim());
                await SayAsync("250 2.1.5 Recipient OK", cancellationToken);
                return true;
            case "DATA" when _recipients.Count > 0:
                return await TakeMailAsync(cancellationToken);
            case "RSET":
                ForgetMail();
                await SayAsync("250 2.0.0 Forgotten", cancellationToken);
                return true;
            case "NOOP":
                await SayAsync("250 2.0.0 OK", cancellationToken);
                return true;
            case "QUIT":
                await SayAsync("221 2.0.0 Bye", cancellationToken);
                return false;
            case "STARTTLS" or "MAIL" or "RCPT" or "DATA":
                await SayAsync("503 5.5.1 Not now", cancellationToken);
                return true;
            default:
                await SayAsync("500 5.5.1 Unknown command", cancellationToken);
                return true;
        }
    }

    private async ValueTask GreetAsync(CancellationToken cancellationToken)
    {
        List<string> capabilities = ["localhost", .. Auth.CapabilityLines, $"SIZE {MaxMessageLength}", "ENHANCEDSTATUSCODES"];
        if (_tls is null)
            capabilities.Add("STARTTLS");
        for (int i = 0; i < capabilities.Count; i++)
            await SayAsync($"250{(i == capabilities.Count - 1 ? ' ' : '-')}{capabilities[i]}", cancellationToken);
    }

    // What a client sent before TLS is never taken for something sent inside it, and everything learned before is forgotten.
    private async ValueTask<bool> StartTlsAsync(CancellationToken cancellationToken)
    {
        bool proceed = Pipeline.TryStartTls(out ReadOnlyMemory<byte> reply);
        await _lines.WriteLineAsync(reply, cancellationToken);
        if (!proceed)
            return false;
        _tls = new SslStream(connection, leaveInnerStreamOpen: true);
        await _tls.AuthenticateAsServerAsync(tlsOptions, cancellationToken);
        _lines.Dispose();
        _lines = new SmtpLineStream(_tls);
        _auth?.Dispose();
        (_auth, _pipeline) = (null, null);
        ForgetMail();
        return true;
    }

    private async ValueTask<bool> TakeMailAsync(CancellationToken cancellationToken)
    {
        await SayAsync("354 End with a line that has only a dot", cancellationToken);
        SaslIdentity who = Auth.Identity!;
        using var message = new MemoryStream();
        message.Write(Encoding.ASCII.GetBytes($"Received: from client with ESMTP{(_tls is null ? "" : "S")}A ({who.Mechanism}, {who.Authorized})\r\n"));
        bool tooLong = false;
        while (await _lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Span.SequenceEqual("."u8))
            {
                string reply = tooLong ? "552 5.3.4 Too long" : $"250 2.0.0 Kept as {await maildrop.KeepAsync(message, cancellationToken)}";
                ForgetMail();
                await SayAsync(reply, cancellationToken);
                return true;
            }
            tooLong |= line.Length > MaxTextLine || message.Length + line.Length > MaxMessageLength;
            if (tooLong)
                continue;
            message.Write(line.Span.StartsWith("."u8) ? line.Span[1..] : line.Span);
            message.Write("\r\n"u8);
        }
        return false;
    }

    private void ForgetMail()
    {
        _sender = null;
        _recipients.Clear();
        Auth.InMailTransaction = false;
    }

    private ValueTask SayAsync(string line, CancellationToken cancellationToken) =>
        _lines.WriteLineAsync(Encoding.ASCII.GetBytes(line), cancellationToken);
}
