using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Core.Tests.Channel;

/// <summary>Our server's bindings against those a GnuTLS client computes for the same connection. gsasl brings the library.</summary>
public class GnuTlsPeerTests
{
    private const string Tls12 = "NORMAL:-VERS-ALL:+VERS-TLS1.2";
    private const string Tls12WithoutExtendedMasterSecret = Tls12 + ":%NO_SESSION_HASH";
    private const string Tls13 = "NORMAL:-VERS-ALL:+VERS-TLS1.3";

    private static readonly string[] s_types = ["tls-unique", "tls-exporter", "tls-server-end-point"];

    [PeerFact("gsasl")]
    public async Task TLS_1_3_has_the_same_exporter_and_end_point_and_nothing_unique()
    {
        foreach (string certificate in new[] { "rsa", "rsa-pss", "p256", "p384" })
        {
            (string?[] ours, string?[] theirs, _, _) = await BindAsync(certificate, Tls13);
            Assert.Equal(theirs, ours);
            Assert.Equal([false, true, true], ours.Select(static data => data is not null));
        }
    }

    [PeerFact("gsasl")]
    public async Task TLS_1_2_has_all_three_the_same_also_when_resumed()
    {
        foreach (string certificate in new[] { "rsa", "rsa-pss", "p256", "p384" })
        {
            (string?[] ours, string?[] theirs, _, byte[] session) = await BindAsync(certificate, Tls12);
            Assert.Equal(theirs, ours);
            Assert.All(ours, Assert.NotNull);

            (string?[] oursAgain, string?[] theirsAgain, bool resumed, _) = await BindAsync(certificate, Tls12, session);
            Assert.True(resumed);
            Assert.Equal(theirsAgain, oursAgain);
            Assert.All(oursAgain, Assert.NotNull);
            Assert.NotEqual(ours[0], oursAgain[0]);
            Assert.NotEqual(ours[1], oursAgain[1]);
        }
    }

    [PeerFact("gsasl")]
    public async Task Without_the_extended_master_secret_only_a_full_handshake_is_unique_and_nothing_is_exported()
    {
        (string?[] ours, string?[] theirs, _, byte[] session) = await BindAsync("p256", Tls12WithoutExtendedMasterSecret);
        Assert.Equal(theirs, ours);
        Assert.Equal([true, false, true], ours.Select(static data => data is not null));

        // GnuTLS leaves it to its caller not to use the value that a resumed session has; here there is none.
        (string?[] oursAgain, string?[] theirsAgain, bool resumed, _) = await BindAsync("p256", Tls12WithoutExtendedMasterSecret, session);
        Assert.True(resumed);
        Assert.Equal([false, false, true], oursAgain.Select(static data => data is not null));
        Assert.NotNull(theirsAgain[0]);
    }

    private static async Task<(string?[] Ours, string?[] Theirs, bool Resumed, byte[] Session)> BindAsync(
        string certificate, string priority, byte[]? session = null)
    {
        (Socket serverSocket, Socket clientSocket) = TlsPair.Sockets();
        await using var server = new SslStream(new NetworkStream(serverSocket, ownsSocket: true));
        SslProtocols protocol = priority == Tls13 ? SslProtocols.Tls13 : SslProtocols.Tls12;
        Task serving = server.AuthenticateAsServerAsync(TlsPair.ServerOptions(TestCertificates.Server(certificate), protocol));
        using GnuTlsClient client = await Task.Run(() => new GnuTlsClient(clientSocket, priority, session));
        await serving;

        SaslChannelBindings bindings = SaslChannel.FromTls(server).Bindings!;
        return (
            [.. s_types.Select(type => bindings.TryGet(type, out ReadOnlyMemory<byte> data) ? Convert.ToHexString(data.Span) : null)],
            [.. s_types.Select(client.Binding)],
            client.IsResumed,
            client.Session);
    }
}
