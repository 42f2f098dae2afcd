using System.Collections.Immutable;
using System.Text;
using Sasl.Mechanisms;

namespace Sasl.Smtp.Tests;

/// <summary>Makes servers, and speaks to them in text.</summary>
internal static class TestServer
{
    public static SaslChannel Tls { get; } = new() { ExternalSsf = 256 };

    public static SaslServer Sasl(TestAccounts? accounts = null, params ImmutableArray<SaslMechanism> mechanisms)
    {
        accounts ??= new TestAccounts();
        ImmutableArray<SaslMechanism> all = mechanisms.IsEmpty
            ? [SaslMechanisms.Plain, SaslMechanisms.Login, SaslMechanisms.CramMd5, SaslMechanisms.External, SaslMechanisms.Anonymous]
            : mechanisms;
        return new SaslServer(new SaslServerOptions
        {
            Service = "smtp",
            ServerName = "mail.example.com",
            Mechanisms = all,
            Policy = new SaslPolicy { Require = SaslSecurityFlags.NoPlaintext, Allow = [.. all.Select(static mechanism => mechanism.Name)] },
            PasswordVerifier = accounts,
            CredentialStore = all is [{ Name: "OTP" }] ? TestAccounts.WithSecretsOf(all[0]) : accounts,
            TokenValidator = accounts,
        });
    }

    public static SmtpAuthServer Make(
        SaslChannel? channel = null, TestAccounts? accounts = null, SmtpAuthServerOptions? options = null,
        params ImmutableArray<SaslMechanism> mechanisms) =>
        new(Sasl(accounts, mechanisms).CreateSession(channel ?? Tls), options);

    public static async Task<string> Begin(this SmtpAuthServer server, string argument) =>
        Text(await server.BeginAsync(Encoding.Latin1.GetBytes(argument)));

    public static async Task<string> Continue(this SmtpAuthServer server, string line) =>
        Text(await server.ContinueAsync(Encoding.Latin1.GetBytes(line)));

    public static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    public static string Plain(string password = TestAccounts.Password, string user = TestAccounts.User) => Base64($"\0{user}\0{password}");

    private static string Text(SmtpAuthReply reply) => Encoding.ASCII.GetString(reply.Line.Span);
}
