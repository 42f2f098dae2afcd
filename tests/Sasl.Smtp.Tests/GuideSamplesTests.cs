using System.Net;
using System.Net.Sockets;
using System.Text;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Smtp.Tests;

/// <summary>What the guide shows does what the guide says.</summary>
public sealed class GuideSamplesTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Client_of_the_guide_logs_in_to_the_server_of_the_guide()
    {
        using var limit = new CancellationTokenSource(s_limit);
        (NetworkStream server, NetworkStream client) = await ConnectAsync(limit.Token);
        await using (server)
        await using (client)
        {
            Task serving = GuideSamples.ServeAsync(server, TestServer.Sasl(), TestServer.Tls, limit.Token);
            using var lines = new SmtpLineStream(client);
            Assert.Equal("530 5.7.0 Authentication required", await Say(lines, "MAIL FROM:<>", limit.Token));
            List<string> ehlo = [await Say(lines, "EHLO me", limit.Token), await Hear(lines, limit.Token)];

            using var password = SaslSecret.FromText(TestAccounts.Password);
            SmtpAuthResult result = await GuideSamples.LogInAsync(lines, TestServer.Tls, ehlo, TestAccounts.User, password, limit.Token);
            Assert.Equal("logged in", GuideSamples.Explain(result));
            Assert.Equal("250 alice", await Say(lines, "MAIL FROM:<>", limit.Token));
            Assert.Equal("221 Bye", await Say(lines, "QUIT", limit.Token));
            await serving;
        }
    }

    [Fact]
    public async Task Wrong_password_is_explained()
    {
        using SmtpAuthClient client = TestClient.Make();
        SmtpAuthResult result = await new ScriptedServer("535 5.7.8 no").Run(client, "PLAIN");

        Assert.Contains("ask again", GuideSamples.Explain(result), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Own_loop_of_the_guide_knows_whose_turn_it_is()
    {
        using SmtpAuthServer auth = TestServer.Make();

        Assert.Equal(334, (await GuideSamples.OneLineAsync(auth, "AUTH LOGIN"u8.ToArray(), default)).Code);
        Assert.Equal(501, (await GuideSamples.OneLineAsync(auth, "AUTH LOGIN"u8.ToArray(), default)).Code);
    }

    [Fact]
    public async Task Mail_of_the_guide_is_checked_against_the_table()
    {
        using SmtpAuthServer auth = TestServer.Make();
        await auth.Begin(" PLAIN " + TestServer.Plain());
        SmtpSenderLogins logins = SmtpSenderLogins.Parse("alice@example.com alice\nbob@example.com bob\n"u8, "t");

        Assert.StartsWith("250", Text(await GuideSamples.OnMailAsync("alice@example.com", auth, logins, default)), StringComparison.Ordinal);
        Assert.StartsWith("553", Text(await GuideSamples.OnMailAsync("bob@example.com", auth, logins, default)), StringComparison.Ordinal);
        Assert.Equal("AUTH=<>", await GuideSamples.SubmitterAsync("MAIL FROM:<a@b> AUTH=c@d"u8.ToArray(), auth, default));
    }

    [Fact]
    public async Task Password_map_of_the_guide_is_found()
    {
        using PrivateDirectory directory = PrivateDirectory.Create("guide");
        string path = directory.Write("sasl_passwd", "[mail.example.com]:587 alice:secret\n");

        Assert.Equal("alice", await GuideSamples.FindAsync(default, path));
    }

    [Fact]
    public void Trace_of_the_guide_hides_the_response()
    {
        var log = new List<string>();
        GuideSamples.Trace(log, "AUTH PLAIN AGFsaWNlAHNlY3JldA=="u8, "235 2.7.0 ok"u8);
        Assert.Equal(["C: AUTH PLAIN ***", "S: 235 2.7.0 ok"], log);
    }

    private static string Text(ReadOnlyMemory<byte> line) => Encoding.ASCII.GetString(line.Span);

    private static async Task<string> Say(SmtpLineStream lines, string line, CancellationToken cancellationToken)
    {
        await lines.WriteLineAsync(Encoding.ASCII.GetBytes(line), cancellationToken);
        return await Hear(lines, cancellationToken);
    }

    private static async Task<string> Hear(SmtpLineStream lines, CancellationToken cancellationToken) =>
        Text((await lines.ReadLineAsync(cancellationToken))!.Value);

    private static async Task<(NetworkStream Server, NetworkStream Client)> ConnectAsync(CancellationToken cancellationToken)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndpoint, cancellationToken);
        return (new NetworkStream(await listener.AcceptSocketAsync(cancellationToken), ownsSocket: true), new NetworkStream(client, ownsSocket: true));
    }
}
