using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Sasl;

namespace SmtpAuth;

/// <summary>What Kestrel calls for each TCP connection.</summary>
internal sealed class SubmissionHandler(SaslServer sasl, X509Certificate2 certificate, Maildrop maildrop) : ConnectionHandler
{
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        await using var stream = new DuplexStream(connection.Transport);
        await using var conversation = new SmtpConversation(
            stream, sasl, new SslServerAuthenticationOptions { ServerCertificate = certificate }, maildrop, connection.LocalEndPoint, connection.RemoteEndPoint);
        // Ctrl-C asks connections to close; an idle client would otherwise be waited for.
        CancellationToken asked = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed, asked);
        try
        {
            await conversation.RunAsync(ending.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ConnectionAbortedException
            or System.Security.Authentication.AuthenticationException)
        {
            // The client went away, or did not like the certificate. Another one will come.
        }
    }
}
