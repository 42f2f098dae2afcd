using System.Net;
using Sasl.Mechanisms;
using Sasl.Smtp;
using Sasl.Testing.Http;
using Sasl.Testing.Peers;
using SmtpAuth;
using Xunit;

namespace Sasl.Interop.Tests.Library;

/// <summary>OAUTHBEARER and XOAUTH2 with programs that are not ours, in both directions; an issuer of the test's own is asked about the tokens.</summary>
public sealed class TokenTests : IDisposable
{
    private const string Good = "ya29.good-Token_of~alice+/==";
    private const string Bad = "ya29.revoked";

    private readonly TestAuthority _authority = TestAuthority.Create();

    public static TheoryData<string, string> ClientsAndMechanisms => new()
    {
        { "curl", "OAUTHBEARER" },
        { "curl", "XOAUTH2" },
        { "msmtp", "OAUTHBEARER" },
        { "msmtp", "XOAUTH2" },
    };

    public void Dispose() => _authority.Dispose();

    [PeerTheory("dovecot")]
    [InlineData("OAUTHBEARER")]
    [InlineData("XOAUTH2")]
    public async Task Dovecot_lets_us_in_with_the_right_token_only(string mechanism)
    {
        await using LoopbackHttp issuer = Issuer();
        await using DovecotSubmission server = await DovecotSubmission.StartAsync(_authority, "OAUTHBEARER XOAUTH2 PLAIN", issuer.Address);
        string token = Good;
        List<SaslTokenRequest> requests = [];
        using var client = new SaslClient(new SaslClientOptions
        {
            Service = "smtp",
            ServerName = "localhost",
            Mechanisms = SaslMechanisms.Standard,
            Policy = new SaslPolicy { Allow = [mechanism] },
            UserName = "alice",
            AccessToken = (request, _) =>
            {
                requests.Add(request);
                return new(SaslSecret.FromText(token));
            },
        });

        SmtpAuthResult right = await LogInAsync(client, server.Port);
        token = Bad;
        SmtpAuthResult wrong = await LogInAsync(client, server.Port);
        token = Good;
        SmtpAuthResult again = await LogInAsync(client, server.Port);

        Assert.True(right.IsSuccess, right.ToString());
        Assert.Equal(mechanism, right.Mechanism);
        Assert.Equal(SaslError.InvalidCredentials, wrong.Error);
        Assert.Equal("the server says that the access token is not valid", wrong.Detail);
        Assert.True(again.IsSuccess, again.ToString());
        Assert.Equal([null, null, mechanism == "XOAUTH2" ? "401" : "invalid_token"], requests.Select(static request => request.Refused?.Status));
        InteropLog.Worked(mechanism, InteropPeer.Dovecot, OurSide.Client, "STARTTLS");
    }

    [PeerTheory("curl", "msmtp")]
    [MemberData(nameof(ClientsAndMechanisms))]
    public async Task A_client_logs_in_with_the_right_token_only(string program, string mechanism)
    {
        // curl takes OAUTHBEARER whatever it is told, where both are offered.
        await using LoopbackHttp issuer = Issuer();
        await using SubmissionServer server = await SubmissionServer.StartAsync(
            _authority, mechanism, $"oauth_introspection_url: {issuer.Address}\noauth_username_claim: username\noauth_scope: mail");
        SmtpClientPeer client = SmtpClients.Named(program);

        PeerResult right = await client.RunAsync(Login(Good));
        PeerResult wrong = await client.RunAsync(Login(Bad));

        Assert.True(right.Succeeded, right.Transcript);
        Assert.False(wrong.Succeeded, wrong.Transcript);
        SaslIdentity identity = Assert.Single(server.Identities);
        Assert.Equal("alice@localhost", identity.Authorized.ToString());
        Assert.Equal(mechanism, identity.Mechanism.Name);
        Assert.Equal("mail", identity.Token!.Scope);
        Assert.Equal(2, issuer.Requests.Count);
        InteropLog.Worked(mechanism, InteropPeer.Of(client), OurSide.Server, "STARTTLS");

        SmtpLogin Login(string token) => new(server.Port)
        {
            Mechanism = mechanism,
            Tls = PeerTls.StartTls,
            CaFile = _authority.CaFile,
            Password = program == "curl" ? "" : token,
            ExtraArguments = program == "curl" ? ["--oauth2-bearer", token] : [],
        };
    }

    private static LoopbackHttp Issuer() => new(static request => new LoopbackAnswer(
        WebUtility.UrlDecode(request.Body).StartsWith($"token={Good}", StringComparison.Ordinal)
            ? """{"active":true,"username":"alice","scope":"mail","sub":"17"}"""
            : """{"active":false}"""));

    private async Task<SmtpAuthResult> LogInAsync(SaslClient client, int port)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using ClientConnection connection = await ClientConnection.OpenAsync(
            new IPEndPoint(IPAddress.Loopback, port), _authority.Server.Certificate, true, limit.Token);
        using var auth = new SmtpAuthClient(client.CreateSession(connection.Channel));
        return await auth.RunAsync(SmtpAuthClient.MechanismsIn(connection.EhloLines), connection.WriteLineAsync, connection.ReadLineAsync, limit.Token);
    }
}
