using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Sasl.Testing.Peers;
using SmtpAuth;
using Xunit;
using PrivateDirectory = Sasl.Testing.Peers.PrivateDirectory;

namespace Sasl.Interop.Tests.Library;

/// <summary>The whole way of the classic guide: swaks, our submission server, <c>pwcheck_method: saslauthd</c>, Debian's daemon, PAM.</summary>
public sealed class SaslauthdPathTests
{
    [PeerTheory("saslauthd", "swaks")]
    [InlineData("PLAIN", "secret", true)]
    [InlineData("LOGIN", "secret", true)]
    [InlineData("PLAIN", "wrong", false)]
    public async Task Swaks_logs_in_through_saslauthd(string mechanism, string password, bool succeeds)
    {
        await using SaslauthdPeer daemon = await SaslauthdPeer.StartAsync(new() { Mechanism = "pam" });
        using PrivateDirectory directory = PrivateDirectory.Create("submission");
        directory.Write("smtpd.conf", $"pwcheck_method: saslauthd\nsaslauthd_path: {daemon.SocketPath}\nmech_list: PLAIN LOGIN\n");
        using SaslServerSetup sasl = new SaslServerBuilder
        {
            ServerName = "localhost",
            Policy = new SaslPolicy(),    // without TLS
            Finder = new SaslConfigurationFinder { Directories = [directory.FullPath] },
        }.Build("smtp", "smtpd");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task serving = ServeOneAsync(listener, sasl.Server, directory.FullPath);
        PeerResult result = await new Swaks().RunAsync(new SmtpLogin(((IPEndPoint)listener.LocalEndpoint).Port)
        {
            Mechanism = mechanism, Password = password,
        });
        Assert.Equal(succeeds, result.Succeeded);
        await daemon.WaitForLogAsync(line => line.Contains(
            succeeds ? "auth success: [user=alice] [service=smtp] [realm=] [mech=pam]" : "auth failure: [user=alice] [service=smtp] [realm=] [mech=pam]",
            StringComparison.Ordinal));
        await serving;
        if (succeeds)
            InteropLog.Worked(mechanism, InteropPeer.Of(new Swaks()), OurSide.Server, "password asked of saslauthd");
    }

    private static async Task ServeOneAsync(TcpListener listener, SaslServer server, string mail)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync();
        await using var conversation = new SmtpConversation(
            client.GetStream(), server, new SslServerAuthenticationOptions(), new Maildrop(mail), client.Client.LocalEndPoint, client.Client.RemoteEndPoint);
        try
        {
            await conversation.RunAsync(CancellationToken.None);
        }
        catch (IOException)
        {
            // swaks hangs up after a refusal.
        }
    }
}
