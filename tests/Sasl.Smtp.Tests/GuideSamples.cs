using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sasl.Mechanisms;

namespace Sasl.Smtp.Tests;

/// <summary>The samples of docs/guide/embed-smtp.md and docs/guide/client-smtp.md, compiled; the tests run them.</summary>
internal static class GuideSamples
{
    public static async Task ServeAsync(Stream connection, SaslServer sasl, SaslChannel channel, CancellationToken cancellationToken)
    {
        #region Embed
        // For each connection, and anew after STARTTLS.
        using var lines = new SmtpLineStream(connection);
        var pipeline = new SmtpPipelineGuard(() => lines.UnreadOctets);
        using var auth = new SmtpAuthServer(sasl.CreateSession(channel), new SmtpAuthServerOptions { Pipeline = pipeline });

        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (SmtpAuthServer.IsAuthCommand(line, out ReadOnlyMemory<byte> argument))
                await auth.RunAsync(argument, lines.WriteLineAsync, lines.ReadLineAsync, cancellationToken);
            else if (IsEhlo(line))
                await GreetAsync(lines, auth.CapabilityLines, cancellationToken);
            else if (auth.Identity is not { IsAnonymous: false } who)
                await lines.WriteLineAsync(SmtpReplies.AuthenticationRequired, cancellationToken);
            else if (!await TakeCommandAsync(lines, line, who, cancellationToken))
                return;
        }
        #endregion
    }

    public static async Task<SmtpAuthReply> OneLineAsync(SmtpAuthServer auth, ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        #region OwnLoop
        // A server with a loop of its own asks first whose turn it is: in an exchange every line is a response, whatever it says.
        if (auth.State is SmtpAuthState.ExpectResponse)
            return await auth.ContinueAsync(line, cancellationToken);
        if (SmtpAuthServer.IsAuthCommand(line, out ReadOnlyMemory<byte> argument))
            return await auth.BeginAsync(argument, cancellationToken);
        #endregion
        throw new InvalidOperationException("another command");
    }

    public static async Task<SslStream?> StartTlsAsync(
        Stream connection, SmtpLineStream lines, SmtpPipelineGuard pipeline, X509Certificate2 certificate, CancellationToken cancellationToken)
    {
        #region StartTls
        bool proceed = pipeline.TryStartTls(out ReadOnlyMemory<byte> reply);
        await lines.WriteLineAsync(reply, cancellationToken);
        if (!proceed)
            return null;    // close the connection: something was sent behind STARTTLS
        var tls = new SslStream(connection);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, cancellationToken);
        SaslChannel channel = SaslChannel.FromTls(tls);    // for a new session, a new SmtpAuthServer, new lines, a new guard
        #endregion
        return channel.ExternalSsf > 0 ? tls : null;
    }

    public static async Task<bool> AfterAuthAsync(SmtpLineStream lines, SmtpAuthServer auth, TimeProvider clock, CancellationToken cancellationToken)
    {
        #region Failures
        const int maxFailures = 5;    // RFC 4954 section 9 asks for three at least
        if (auth.FailedAttempts >= maxFailures)
        {
            await lines.WriteLineAsync("421 4.7.0 Too many failures"u8.ToArray(), cancellationToken);
            return false;
        }
        await Task.Delay(TimeSpan.FromSeconds(auth.FailedAttempts), clock, cancellationToken);
        #endregion
        return true;
    }

    public static async Task<ReadOnlyMemory<byte>> OnMailAsync(
        string sender, SmtpAuthServer auth, ISenderLoginSource logins, CancellationToken cancellationToken)
    {
        #region SenderCheck
        // Once: var logins = SmtpSenderLogins.Load("/etc/postfix/sender_logins", new SmtpMapOptions { RecipientDelimiter = "+" });
        var check = new SmtpSenderCheck(logins);
        SenderLoginVerdict verdict = await check.JudgeAsync(sender, auth.Identity, cancellationToken);
        if (SmtpSenderCheck.Refuses(verdict, SenderLoginRule.RejectSenderLoginMismatch, out ReadOnlyMemory<byte> refusal))
            return refusal;    // log verdict, sender and login: somebody may be trying to send as somebody else
        #endregion
        return "250 2.1.0 OK"u8.ToArray();
    }

    public static async Task<string> SubmitterAsync(ReadOnlyMemory<byte> line, SmtpAuthServer auth, CancellationToken cancellationToken)
    {
        #region MailAuth
        SmtpMailAuth claim = SmtpMailAuth.ParseCommand(line.Span);
        if (claim.Kind is SmtpMailAuthKind.Malformed)
            return Encoding.ASCII.GetString(SmtpReplies.BadMailAuth.Span);
        string? submitter = await claim.BelieveAsync(
            auth.Identity, static (who, mailbox, _) => new(who.Authorized.Name == "trusted-relay"), cancellationToken);
        string parameter = SmtpMailAuth.Format(submitter);    // for the next server: AUTH=bob@example.com, or AUTH=<>
        #endregion
        return parameter;
    }

    public static void Trace(List<string> log, ReadOnlySpan<byte> fromClient, ReadOnlySpan<byte> toClient)
    {
        #region Trace
        var masker = new SmtpLineMasker();    // one for each connection, kept across STARTTLS
        log.Add("C: " + masker.Client(fromClient));
        log.Add("S: " + masker.Server(toClient));
        #endregion
    }

    public static async Task<SmtpAuthResult> LogInAsync(
        SmtpLineStream lines, SaslChannel channel, IEnumerable<string> ehlo, string userName, SaslSecret password, CancellationToken cancellationToken)
    {
        #region LogIn
        using var client = new SaslClient(new SaslClientOptions
        {
            Service = "smtp",
            ServerName = "mail.example.com",    // as it was dialled, and as the certificate must name it
            Mechanisms = SaslMechanisms.Standard,
            UserName = userName,
            Password = password,
        });
        using var auth = new SmtpAuthClient(client.CreateSession(channel));
        SmtpAuthResult result = await auth.RunAsync(
            SmtpAuthClient.MechanismsIn(ehlo), lines.WriteLineAsync, lines.ReadLineAsync, cancellationToken);
        #endregion
        return result;
    }

    public static string Explain(SmtpAuthResult result)
    {
        #region Outcome
        string advice = result switch
        {
            { IsSuccess: true } => "logged in",
            { CredentialsRefused: true } => "the user name or the password is wrong; ask again, do not repeat",
            { IsTemporary: true } => "try later with the same password",
            { Selection: { } why } => $"no mechanism fits both sides\n{why}",
            _ => $"failed: {result}",
        };
        if (result.MustDisconnect)
            advice += "; close the connection now";
        #endregion
        return advice;
    }

    public static async Task<string> FindAsync(CancellationToken cancellationToken, string path)
    {
        #region PasswordMap
        using SmtpPasswordMap map = SmtpPasswordMap.Load(path, new SmtpMapOptions { Warning = Console.Error.WriteLine });
        SmtpCredentialAnswer answer = await map.FindAsync(
            new SmtpDestination("mail.example.com") { NextHop = "[mail.example.com]:587", Sender = "bob@example.com" }, cancellationToken);
        if (answer.Credential is null)
            throw new InvalidOperationException($"no password: {answer}");    // nothing under bob@example.com, @example.com, mail.example.com, …
        using SmtpCredential credential = answer.Credential;
        #endregion
        return credential.UserName;
    }

    private static bool IsEhlo(ReadOnlyMemory<byte> line) => line.Length >= 4 && Ascii.EqualsIgnoreCase(line.Span[..4], "EHLO"u8);

    private static async Task GreetAsync(SmtpLineStream lines, IReadOnlyList<string> capabilities, CancellationToken cancellationToken)
    {
        foreach (string capability in capabilities)
            await lines.WriteLineAsync(Encoding.ASCII.GetBytes("250-" + capability), cancellationToken);
        await lines.WriteLineAsync("250 ENHANCEDSTATUSCODES"u8.ToArray(), cancellationToken);
    }

    private static async Task<bool> TakeCommandAsync(
        SmtpLineStream lines, ReadOnlyMemory<byte> line, SaslIdentity who, CancellationToken cancellationToken)
    {
        bool quit = line.Span.SequenceEqual("QUIT"u8);
        await lines.WriteLineAsync(Encoding.ASCII.GetBytes(quit ? "221 Bye" : $"250 {who.Authorized}"), cancellationToken);
        return !quit;
    }
}
