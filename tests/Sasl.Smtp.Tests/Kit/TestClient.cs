using System.Collections.Immutable;
using Sasl.Mechanisms;

namespace Sasl.Smtp.Tests;

/// <summary>Makes clients of the test account.</summary>
internal static class TestClient
{
    public static SmtpAuthClient Make(
        string password = TestAccounts.Password, SaslChannel? channel = null, SmtpAuthClientOptions? options = null,
        params ImmutableArray<SaslMechanism> mechanisms) =>
        Make(password, user: TestAccounts.User, channel, options, mechanisms);

    public static SmtpAuthClient Make(
        string password, string user, SaslChannel? channel, SmtpAuthClientOptions? options, ImmutableArray<SaslMechanism> mechanisms)
    {
        ImmutableArray<SaslMechanism> all = mechanisms.IsEmpty
            ? [SaslMechanisms.CramMd5, SaslMechanisms.Plain, SaslMechanisms.Login, SaslMechanisms.External, SaslMechanisms.Anonymous]
            : mechanisms;
        var client = new SaslClient(new SaslClientOptions
        {
            Service = "smtp",
            ServerName = "mail.example.com",
            Mechanisms = all,
            Policy = new SaslPolicy { Require = SaslSecurityFlags.NoPlaintext, Allow = [.. all.Select(static mechanism => mechanism.Name)] },
            UserName = user,
            Password = SaslSecret.FromText(password),
            AccessToken = (_, _) => new(SaslSecret.FromText(TestAccounts.TokenOf(password))),
        });
        return new SmtpAuthClient(client.CreateSession(channel ?? TestServer.Tls), options);
    }
}
