using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Interop.Tests.Peers;

[Collection(PeersCollection.Name)]
public sealed class SmtpClientsAgainstPostfixTests(SharedPeers peers)
{
    public static TheoryData<string, string> ClientsAndMechanisms { get; } = Pair(static client => client.Mechanisms);

    public static TheoryData<string, PeerTls> ClientsAndProtections { get; } =
        Pair(static client => client.Protections.Where(static tls => tls != PeerTls.None));

    [PeerTheory("postfix", "saslpasswd2", "swaks", "curl", "msmtp", "python3", "gsasl")]
    [MemberData(nameof(ClientsAndMechanisms))]
    public async Task The_right_password_is_accepted_and_a_wrong_one_refused(string client, string mechanism)
    {
        PostfixServer server = await peers.PostfixAsync();
        SmtpLogin login = new(server.Port) { Mechanism = mechanism };

        PeerResult right = await SmtpClients.Named(client).RunAsync(login);
        PeerResult wrong = await SmtpClients.Named(client).RunAsync(login with { Password = "wrong" });

        Assert.True(right.Succeeded, right.Transcript);
        Assert.Contains("235 2.7.0", right.Transcript, StringComparison.Ordinal);
        Assert.Contains($"AUTH {mechanism}", right.Transcript, StringComparison.OrdinalIgnoreCase);
        Assert.False(wrong.Succeeded, wrong.Transcript);
        Assert.Contains("535 5.7.8", wrong.Transcript, StringComparison.Ordinal);
    }

    [PeerTheory("postfix", "saslpasswd2", "swaks", "curl", "msmtp", "python3", "gsasl")]
    [MemberData(nameof(ClientsAndProtections))]
    public async Task TLS_works_with_the_right_CA_and_fails_with_another(string client, PeerTls tls)
    {
        PostfixServer server = await peers.PostfixAsync();
        using TestAuthority stranger = TestAuthority.Create();
        SmtpLogin login = new(server.PortFor(tls)) { Mechanism = "PLAIN", Tls = tls, CaFile = peers.Authority.CaFile };
        int before = server.Log.Count;

        PeerResult right = await SmtpClients.Named(client).RunAsync(login);
        PeerResult wrong = await SmtpClients.Named(client).RunAsync(login with { CaFile = stranger.CaFile });

        Assert.True(right.Succeeded, right.Transcript);
        await server.WaitForLogAsync(static line => line.Contains("TLS connection established", StringComparison.Ordinal), before);
        Assert.False(wrong.Succeeded, wrong.Transcript);
        Assert.DoesNotContain("235 2.7.0", wrong.Transcript, StringComparison.Ordinal);
    }

    [PeerTheory("postfix", "saslpasswd2", "swaks", "curl", "msmtp", "python3", "gsasl")]
    [MemberData(nameof(ClientsAndProtections))]
    public async Task A_client_certificate_is_shown_when_there_is_one(string client, PeerTls tls)
    {
        PostfixServer server = await peers.PostfixAsync();
        SmtpLogin login = new(server.PortFor(tls))
        {
            Mechanism = "PLAIN", Tls = tls, CaFile = peers.Authority.CaFile, ClientCertificate = peers.Authority.Client,
        };
        int before = server.Log.Count;

        PeerResult result = await SmtpClients.Named(client).RunAsync(login);

        Assert.True(result.Succeeded, result.Transcript);
        await server.WaitForLogAsync(static line => line.Contains("Trusted TLS connection established", StringComparison.Ordinal), before);
    }

    [PeerFact("postfix", "saslpasswd2", "gsasl")]
    public async Task Anonymous_is_let_in_where_the_security_options_allow_it()
    {
        await using PostfixServer open = await PostfixServer.StartAsync(peers.Authority, new PostfixServerOptions { SecurityOptions = "" });
        SmtpLogin login = new(open.Port) { Mechanism = "ANONYMOUS", User = "guest" };

        PeerResult allowed = await new GsaslSmtp().RunAsync(login);
        PeerResult refused = await new GsaslSmtp().RunAsync(login with { Port = (await peers.PostfixAsync()).Port });

        Assert.True(allowed.Succeeded, allowed.Transcript);
        Assert.False(refused.Succeeded, refused.Transcript);
    }

    [PeerTheory("postfix", "saslpasswd2", "swaks", "curl", "msmtp", "python3")]
    [InlineData("swaks")]
    [InlineData("curl")]
    [InlineData("msmtp")]
    [InlineData("python3")]
    public async Task A_message_follows_the_login_when_asked_for(string client)
    {
        PostfixServer server = await peers.PostfixAsync();
        int before = server.Log.Count;

        PeerResult result = await SmtpClients.Named(client).RunAsync(new SmtpLogin(server.Port) { Mechanism = "CRAM-MD5", SendMessage = true });

        Assert.True(result.Succeeded, result.Transcript);
        await server.WaitForLogAsync(static line => line.Contains("sasl_method=CRAM-MD5, sasl_username=alice@localhost", StringComparison.Ordinal), before);
        await server.WaitForLogAsync(static line => line.Contains("to=<bob@localhost>", StringComparison.Ordinal) && line.Contains("status=sent", StringComparison.Ordinal), before);
    }

    private static TheoryData<string, T> Pair<T>(Func<SmtpClientPeer, IEnumerable<T>> seconds)
    {
        TheoryData<string, T> pairs = [];
        foreach (SmtpClientPeer client in SmtpClients.All)
        {
            foreach (T second in seconds(client))
            {
                pairs.Add(client.Program, second);
            }
        }

        return pairs;
    }
}
