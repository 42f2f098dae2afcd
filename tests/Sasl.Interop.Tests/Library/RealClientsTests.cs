using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Interop.Tests.Library;

/// <summary>Mail programs that are not ours against our server.</summary>
public sealed class RealClientsTests(SubmissionServerFixture fixture) : IClassFixture<SubmissionServerFixture>
{
    private SubmissionServer Server => fixture.Server;

    public static TheoryData<string, string, PeerTls> Logins
    {
        get
        {
            var logins = new TheoryData<string, string, PeerTls>();
            foreach (SmtpClientPeer client in SmtpClients.All)
            {
                foreach (string mechanism in client.Mechanisms)
                {
                    logins.Add(client.Program, mechanism, PeerTls.None);
                    logins.Add(client.Program, mechanism, PeerTls.StartTls);
                }
            }
            return logins;
        }
    }

    [PeerTheory("swaks", "curl", "msmtp", "python3", "gsasl")]
    [MemberData(nameof(Logins))]
    public async Task A_client_logs_in_with_the_right_password_only(string program, string mechanism, PeerTls tls)
    {
        SmtpClientPeer client = SmtpClients.Named(program);
        SmtpLogin login = new(Server.Port) { Mechanism = mechanism, Tls = tls, CaFile = fixture.Authority.CaFile };
        int before = Server.Identities.Count;

        PeerResult right = await client.RunAsync(login);
        PeerResult wrong = await client.RunAsync(login with { Password = "not it" });

        Assert.True(right.Succeeded, $"{program} with {mechanism} ended with {right.ExitCode}");
        Assert.False(wrong.Succeeded, $"{program} with {mechanism} got in with a wrong password");
        SaslIdentity identity = Assert.Single(Server.Identities.Skip(before));
        Assert.Equal("alice@localhost", identity.Authorized.ToString());
        Assert.Equal(mechanism, identity.Mechanism.Name);
        Assert.Null(identity.ChannelBinding);
        InteropLog.Worked(mechanism, InteropPeer.Of(client), OurSide.Server, tls is PeerTls.None ? "no TLS" : "STARTTLS");
    }

    [PeerTheory("gsasl")]
    [InlineData("SCRAM-SHA-256-PLUS", "NORMAL", "tls-exporter")]
    [InlineData("SCRAM-SHA-1-PLUS", "NORMAL", "tls-exporter")]
    [InlineData("SCRAM-SHA-256-PLUS", "NORMAL:-VERS-TLS1.3", "tls-unique")]
    public async Task GNU_SASL_binds_to_the_channel(string mechanism, string priority, string type)
    {
        SmtpLogin login = new(Server.Port)
        {
            Mechanism = mechanism,
            Tls = PeerTls.StartTls,
            CaFile = fixture.Authority.CaFile,
            ExtraArguments = ["--priority", priority],
        };
        int before = Server.Identities.Count;

        PeerResult right = await new GsaslSmtp().RunAsync(login);
        PeerResult wrong = await new GsaslSmtp().RunAsync(login with { Password = "not it" });

        Assert.True(right.Succeeded, $"gsasl with {mechanism} ended with {right.ExitCode}");
        Assert.False(wrong.Succeeded);
        SaslIdentity identity = Assert.Single(Server.Identities.Skip(before));
        Assert.Equal(type, identity.ChannelBinding);
        Assert.Equal(mechanism, identity.Mechanism.Name);
        InteropLog.Worked(mechanism, InteropPeer.GnuSasl, OurSide.Server, type);
    }

    [PeerTheory("msmtp", "curl")]
    [InlineData("msmtp")]
    [InlineData("curl")]
    public async Task A_client_certificate_is_enough_with_EXTERNAL(string program)
    {
        SmtpLogin login = new(Server.Port)
        {
            Mechanism = "EXTERNAL",
            Password = "",
            Tls = PeerTls.StartTls,
            CaFile = fixture.Authority.CaFile,
            ClientCertificate = fixture.Authority.Client,
        };

        PeerResult with = await SmtpClients.Named(program).RunAsync(login);
        PeerResult without = await SmtpClients.Named(program).RunAsync(login with { ClientCertificate = null });

        Assert.True(with.Succeeded, $"{program} with a certificate ended with {with.ExitCode}");
        Assert.False(without.Succeeded, $"{program} got in without a certificate");
        InteropLog.Worked("EXTERNAL", InteropPeer.Of(SmtpClients.Named(program)), OurSide.Server, "client certificate");
    }

    [PeerFact("gsasl")]
    public async Task An_anonymous_client_is_let_in_as_nobody_known()
    {
        int before = Server.Identities.Count;

        PeerResult result = await new GsaslSmtp().RunAsync(new SmtpLogin(Server.Port) { Mechanism = "ANONYMOUS" });

        Assert.True(result.Succeeded, $"gsasl ended with {result.ExitCode}");
        Assert.True(Assert.Single(Server.Identities.Skip(before)).IsAnonymous);
        InteropLog.Worked("ANONYMOUS", InteropPeer.GnuSasl, OurSide.Server, "no TLS");
    }

    [PeerTheory("swaks", "msmtp")]
    [InlineData("swaks")]
    [InlineData("msmtp")]
    public async Task A_message_arrives_with_the_name_of_the_user(string program)
    {
        string subject = $"from {program} {Guid.NewGuid():n}";
        SmtpLogin login = new(Server.Port)
        {
            Mechanism = "PLAIN",
            Tls = PeerTls.StartTls,
            CaFile = fixture.Authority.CaFile,
            SendMessage = true,
            Message = $"From: alice@localhost\nTo: bob@localhost\nSubject: {subject}\n\n.a line that begins with a dot\n",
        };

        PeerResult result = await SmtpClients.Named(program).RunAsync(login);

        Assert.True(result.Succeeded, $"{program} ended with {result.ExitCode}");
        string message = Assert.Single(Directory.GetFiles(Server.Mail).Select(File.ReadAllText), text => text.Contains(subject, StringComparison.Ordinal));
        Assert.Contains("(PLAIN, alice@localhost)", message, StringComparison.Ordinal);
        Assert.Contains("\r\n.a line that begins with a dot\r\n", message, StringComparison.Ordinal);
    }

    [PeerTheory("postfix")]
    [InlineData("plain", PeerTls.None)]
    [InlineData("login", PeerTls.None)]
    [InlineData("cram-md5", PeerTls.None)]
    [InlineData("digest-md5", PeerTls.None)]
    [InlineData("ntlm", PeerTls.None)]
    [InlineData("scram-sha-1", PeerTls.None)]
    [InlineData("scram-sha-224", PeerTls.None)]
    [InlineData("scram-sha-256", PeerTls.None)]
    [InlineData("scram-sha-384", PeerTls.None)]
    [InlineData("scram-sha-512", PeerTls.None)]
    [InlineData("scram-sha-256", PeerTls.StartTls)]
    [InlineData("plain", PeerTls.StartTls)]
    public async Task Postfix_relays_a_message_through_us(string mechanism, PeerTls tls)
    {
        int before = Server.Identities.Count;
        await using PostfixClient postfix = await PostfixClient.StartAsync(new PostfixRelay(Server.Port)
        {
            MechanismFilter = mechanism,
            Tls = tls,
            CaFile = fixture.Authority.CaFile,
        });

        PostfixDelivery delivery = await postfix.DeliverAsync();

        Assert.True(delivery.Status is PostfixStatus.Sent, delivery.StatusLine);
        Assert.Equal(mechanism.ToUpperInvariant(), Assert.Single(Server.Identities.Skip(before)).Mechanism.Name);
        InteropLog.Worked(mechanism.ToUpperInvariant(), InteropPeer.Postfix, OurSide.Server, tls is PeerTls.None ? "no TLS" : "STARTTLS");
    }

    [PeerFact("postfix")]
    public async Task Postfix_keeps_a_message_when_we_refuse_its_password()
    {
        await using PostfixClient postfix = await PostfixClient.StartAsync(new PostfixRelay(Server.Port) { Password = "not it", MechanismFilter = "plain" });

        PostfixDelivery delivery = await postfix.DeliverAsync();

        Assert.Equal(PostfixStatus.Deferred, delivery.Status);
        Assert.Contains("535 5.7.8", delivery.StatusLine, StringComparison.Ordinal);
    }
}
