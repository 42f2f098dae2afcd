using System.Net;
using Sasl.Interop.Tests.Peers;
using Sasl.Mechanisms;
using Sasl.Smtp;
using Sasl.Testing.Peers;
using SmtpAuth;
using Xunit;

namespace Sasl.Interop.Tests.Library;

/// <summary>Our client against servers that are not ours.</summary>
[Collection(PeersCollection.Name)]
public sealed class OurClientTests(SharedPeers peers)
{
    public static TheoryData<string, bool> PostfixLogins { get; } = Each(
        ["PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-224", "SCRAM-SHA-256", "SCRAM-SHA-384", "SCRAM-SHA-512"]);

    public static TheoryData<string, bool> DovecotLogins { get; } = Each(["PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"]);

    [PeerTheory("postfix", "saslpasswd2")]
    [MemberData(nameof(PostfixLogins))]
    public async Task Postfix_with_Cyrus_SASL_lets_us_in_with_the_right_password_only(string mechanism, bool tls)
    {
        PostfixServer server = await peers.PostfixAsync();

        await AssertLogInAsync(server.Port, mechanism, tls, "alice");
        InteropLog.Worked(mechanism, InteropPeer.Postfix, OurSide.Client, tls ? "STARTTLS" : "no TLS");
    }

    [PeerTheory("dovecot")]
    [MemberData(nameof(DovecotLogins))]
    public async Task Dovecot_lets_us_in_with_the_right_password_only(string mechanism, bool tls)
    {
        DovecotSubmission server = await peers.DovecotAsync();

        await AssertLogInAsync(server.Port, mechanism, tls, "alice");
        InteropLog.Worked(mechanism, InteropPeer.Dovecot, OurSide.Client, tls ? "STARTTLS" : "no TLS");
    }

    [PeerFact("postfix", "saslpasswd2")]
    public async Task Left_alone_the_client_takes_the_strongest_mechanism_of_Postfix()
    {
        PostfixServer server = await peers.PostfixAsync();

        SmtpAuthResult result = await LogInAsync(server.Port, mechanism: null, tls: true, "alice", "secret");

        Assert.True(result.IsSuccess, result.ToString());
        Assert.Equal("SCRAM-SHA-512", result.Mechanism);
    }

    [PeerFact("postfix", "saslpasswd2")]
    public async Task A_list_of_what_Postfix_does_not_have_is_explained()
    {
        PostfixServer server = await peers.PostfixAsync();

        SmtpAuthResult result = await LogInAsync(server.Port, "SCRAM-SHA-256-PLUS", tls: true, "alice", "secret");

        Assert.Equal(SaslError.MechanismUnavailable, result.Error);
        Assert.Contains("SCRAM-SHA-256-PLUS  hidden: the server does not offer it", result.Selection!.ToString(), StringComparison.Ordinal);
        Assert.Contains("SCRAM-SHA-256       hidden: mech_list does not name it", result.Selection.ToString(), StringComparison.Ordinal);
    }

    private static TheoryData<string, bool> Each(string[] mechanisms)
    {
        var each = new TheoryData<string, bool>();
        foreach (string mechanism in mechanisms)
        {
            each.Add(mechanism, false);
            each.Add(mechanism, true);
        }
        return each;
    }

    private async Task AssertLogInAsync(int port, string mechanism, bool tls, string user)
    {
        SmtpAuthResult right = await LogInAsync(port, mechanism, tls, user, "secret");
        SmtpAuthResult wrong = await LogInAsync(port, mechanism, tls, user, "not it");
        SmtpAuthResult unknown = await LogInAsync(port, mechanism, tls, "nobody", "secret");

        Assert.True(right.IsSuccess, right.ToString());
        Assert.Equal(mechanism, right.Mechanism);
        Assert.Equal(SaslError.InvalidCredentials, wrong.Error);
        Assert.False(unknown.IsSuccess);
    }

    private async Task<SmtpAuthResult> LogInAsync(int port, string? mechanism, bool tls, string user, string secret)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using SaslSecret password = SaslSecret.FromText(secret);
        await using ClientConnection connection = await ClientConnection.OpenAsync(
            new IPEndPoint(IPAddress.Loopback, port), peers.Authority.Server.Certificate, tls, limit.Token);
        using var client = new SaslClient(new SaslClientOptions
        {
            Service = "smtp",
            ServerName = "localhost",
            Mechanisms = SaslMechanisms.Standard,
            Policy = new SaslPolicy { Allow = mechanism is null ? [] : [mechanism] },
            UserName = user,
            Password = password,
        });
        using var auth = new SmtpAuthClient(client.CreateSession(connection.Channel));
        return await auth.RunAsync(SmtpAuthClient.MechanismsIn(connection.EhloLines), connection.WriteLineAsync, connection.ReadLineAsync, limit.Token);
    }
}
