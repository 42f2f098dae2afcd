using System.Collections.Immutable;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sasl;
using Sasl.Mechanisms;
using Sasl.Smtp;

namespace SmtpAuth;

/// <summary>The client's half of the main job: every mechanism offered, without and with TLS, and a wrong password.</summary>
internal sealed class Demonstration(IPEndPoint server, X509Certificate2 certificate, string userName, SaslSecret password, TextWriter output)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>True when every login ended as it should.</summary>
    public async Task<bool> RunAsync()
    {
        bool asExpected = true;
        foreach (bool tls in new[] { false, true })
        {
            ImmutableArray<string> offered = await OfferedAsync(tls);
            await output.WriteLineAsync($"\n{(tls ? "After STARTTLS" : "Without TLS")} the server offers: {string.Join(' ', offered)}");
            foreach (string mechanism in offered)
                asExpected &= await LogInAsync(mechanism, tls, password, expected: SaslError.None);
        }
        await output.WriteLineAsync("\nA wrong password:");
        using SaslSecret wrong = SaslSecret.FromText("not the password");
        asExpected &= await LogInAsync("SCRAM-SHA-256-PLUS", tls: true, wrong, expected: SaslError.InvalidCredentials);
        asExpected &= await LogInAsync("PLAIN", tls: true, wrong, expected: SaslError.InvalidCredentials);
        return asExpected;
    }

    private async Task<ImmutableArray<string>> OfferedAsync(bool tls)
    {
        using var limit = new CancellationTokenSource(s_patience);
        await using var connection = await ClientConnection.OpenAsync(server, certificate, tls, limit.Token);
        return SmtpAuthClient.MechanismsIn(connection.EhloLines);
    }

    private async Task<bool> LogInAsync(string mechanism, bool tls, SaslSecret secret, SaslError expected)
    {
        using var limit = new CancellationTokenSource(s_patience);
        await using var connection = await ClientConnection.OpenAsync(server, certificate, tls, limit.Token);
        using var client = new SaslClient(new SaslClientOptions
        {
            Service = "smtp",
            ServerName = "localhost",
            Mechanisms = SaslMechanisms.Standard,
            // Left alone, a client takes the best of what is offered. Here it tries them one by one.
            Policy = SaslPolicy.Default with
            {
                Allow = [mechanism],
                Binding = mechanism.EndsWith("-PLUS", StringComparison.Ordinal) ? SaslBindingPolicy.Require : SaslBindingPolicy.Disable,
            },
            UserName = userName,
            Password = secret,
        });
        using var auth = new SmtpAuthClient(client.CreateSession(connection.Channel));
        connection.Conversation = new Conversation(output);
        SmtpAuthResult result = await auth.RunAsync(
            SmtpAuthClient.MechanismsIn(connection.EhloLines), connection.WriteLineAsync, connection.ReadLineAsync, limit.Token);
        bool asExpected = result.Error == expected;
        await output.WriteLineAsync($"  = {mechanism}{(tls ? " inside TLS" : "")}: {(result.IsSuccess ? $"authenticated as {userName}" : $"refused, {result}")}"
            + (asExpected ? "" : $"   UNEXPECTED, {expected} was expected"));
        return asExpected;
    }
}
