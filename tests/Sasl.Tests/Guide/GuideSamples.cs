using Sasl.Mechanisms;
using Sasl.OAuth;
using System.Net.Security;
using Sasl.Smtp;

namespace Sasl.Tests.Guide;

/// <summary>The samples of the README and of docs/guide/configuration.md, compiled.</summary>
internal static class GuideSamples
{
    public static SaslServerSetup AtStart()
    {
        #region Start
        // Once: smtpd.conf decides which mechanisms are offered, and who checks the passwords.
        SaslServerSetup sasl = new SaslServerBuilder().Build(service: "smtp", application: "smtpd");
        #endregion
        return sasl;
    }

    public static SaslServerSetup FromCode()
    {
        #region FromCode
        var keys = new Dictionary<string, string>
        {
            ["pwcheck_method"] = "auxprop",
            ["mech_list"] = "SCRAM-SHA-256 PLAIN",
        };
        var builder = new SaslServerBuilder { ServerName = "mail.example.com", Realm = "example.com" };
        builder.Stores["mine"] = _ => OpenUsers();    // an ICredentialStore of yours
        SaslServerSetup sasl = builder.Build("smtp", SaslConfiguration.FromValues(keys, "appsettings.json"));
        // Serve sasl.Server.CreateSession(...), and dispose sasl when the program ends: that closes the stores.
        #endregion
        return sasl;
    }

    public static async Task<string?> OnConnectionAsync(
        SaslServerSetup sasl, SslStream tls, ReadOnlyMemory<byte> argument, CancellationToken cancellationToken)
    {
        string? user = null;
        #region Connection
        // For each connection, and again after STARTTLS:
        using var lines = new SmtpLineStream(tls);
        using var auth = new SmtpAuthServer(sasl.Server.CreateSession(SaslChannel.FromTls(tls)));
        string? capability = auth.Capability;    // "AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN", for EHLO

        // When the client says AUTH:
        SaslIdentity? who = await auth.RunAsync(argument, lines.WriteLineAsync, lines.ReadLineAsync, cancellationToken);
        if (who is { IsAnonymous: false })
            user = who.Authorized.ToString();
        #endregion
        return user ?? capability;
    }

    private static MemoryCredentialStore OpenUsers()
    {
        var users = new MemoryCredentialStore();
        users.Add(new SaslUser("alice", "example.com"), "userPassword", "pencil"u8);
        return users;
    }

    public static SaslServerSetup TokensFromCode(ITokenValidator ofYours)
    {
        #region TokenServer
        var builder = new SaslServerBuilder
        {
            ServerName = "mail.example.com",
            TokenValidator = new JwtValidator(new JwtValidatorOptions
            {
                Issuer = "https://id.example.com/realms/mail",
                Audiences = ["smtp.example.com"],
                Rules = new TokenRules { Scopes = ["mail"] },
            }),
        };
        #endregion
        builder.TokenValidator = ofYours;
        return builder.Build("smtp", SaslConfiguration.Empty);
    }

    public static SaslClient ClientWithTokens(Func<bool, CancellationToken, ValueTask<string>> askIssuer)
    {
        #region TokenClient
        var client = new SaslClient(new SaslClientOptions
        {
            Service = "smtp",
            ServerName = "smtp.example.com",
            Mechanisms = SaslMechanisms.Standard,
            UserName = "bob@example.com",
            AccessToken = async (request, cancellationToken) =>
            {
                bool fresh = request.Refused is not null;    // the server did not take the last one
                return SaslSecret.FromText(await askIssuer(fresh, cancellationToken));
            },
        });
        #endregion
        return client;
    }
}
