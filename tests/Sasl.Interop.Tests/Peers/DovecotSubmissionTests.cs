using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Interop.Tests.Peers;

[Collection(PeersCollection.Name)]
public sealed class DovecotSubmissionTests(SharedPeers peers)
{
    public static TheoryData<string> MsmtpMechanisms { get; } = [.. new Msmtp().Mechanisms.Except(["NTLM"])];

    [PeerTheory("dovecot", "msmtp")]
    [MemberData(nameof(MsmtpMechanisms))]
    public async Task Msmtp_sends_a_message_and_a_wrong_password_is_refused(string mechanism)
    {
        DovecotSubmission server = await peers.DovecotAsync();
        SmtpLogin login = new(server.Port) { Mechanism = mechanism, Message = $"Subject: {mechanism}\n\nText\n" };

        PeerResult right = await new Msmtp().RunAsync(login);
        PeerResult wrong = await new Msmtp().RunAsync(login with { Password = "wrong" });

        Assert.True(right.Succeeded, right.Transcript);
        ReceivedMessage message = await server.Sink.WaitForMessageAsync(
            message => message.Data.Contains($"Subject: {mechanism}\n", StringComparison.Ordinal));
        Assert.Equal("alice@localhost", message.From);
        Assert.Equal(77, wrong.ExitCode);
    }

    [PeerTheory("dovecot", "swaks")]
    [InlineData(PeerTls.StartTls)]
    [InlineData(PeerTls.Implicit)]
    public async Task Swaks_authenticates_under_TLS(PeerTls tls)
    {
        DovecotSubmission server = await peers.DovecotAsync();
        int before = server.Log.Count;

        PeerResult result = await new Swaks().RunAsync(new SmtpLogin(server.PortFor(tls)) { Tls = tls, CaFile = peers.Authority.CaFile, Mechanism = "PLAIN" });

        Assert.True(result.Succeeded, result.Transcript);
        await server.WaitForLogAsync(
            static line => line.Contains("Login: user=<alice>, method=PLAIN", StringComparison.Ordinal) && line.Contains("TLS", StringComparison.Ordinal), before);
    }

    [PeerTheory("dovecot", "msmtp", "curl")]
    [InlineData("msmtp")]
    [InlineData("curl")]
    public async Task A_client_certificate_authenticates_through_EXTERNAL(string client)
    {
        DovecotSubmission server = await peers.DovecotAsync();
        int before = server.Log.Count;
        SmtpLogin login = new(server.Port)
        {
            Mechanism = "EXTERNAL", Password = "", Tls = PeerTls.StartTls, CaFile = peers.Authority.CaFile, ClientCertificate = peers.Authority.Client,
        };

        PeerResult with = await SmtpClients.Named(client).RunAsync(login);
        PeerResult without = await SmtpClients.Named(client).RunAsync(login with { ClientCertificate = null });

        Assert.True(with.Succeeded, with.Transcript);
        await server.WaitForLogAsync(static line => line.Contains("Login: user=<alice>, method=EXTERNAL", StringComparison.Ordinal), before);
        Assert.False(without.Succeeded, without.Transcript);
    }
}
