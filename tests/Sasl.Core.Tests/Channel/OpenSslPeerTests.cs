using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Sasl.Testing.Peers;
using Xunit;
using static Sasl.Core.Tests.Channel.TestCertificates;

namespace Sasl.Core.Tests.Channel;

/// <summary>Against the programs of OpenSSL: another process, another copy of the library.</summary>
public class OpenSslPeerTests
{
    private const string KeyingMaterial = "Keying material: ";

    private static readonly string[] s_export = ["-keymatexport", "EXPORTER-Channel-Binding", "-keymatexportlen", "32"];

    [PeerFact("openssl")]
    public async Task Our_server_exports_what_an_openssl_client_exports()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        await using PeerProcess client = PeerProcess.Start(
            new PeerCommand("openssl", ["s_client", "-tls1_3", "-connect", $"{listener.LocalEndPoint}", .. s_export]));
        await using var server = new SslStream(new NetworkStream(await listener.AcceptAsync(), ownsSocket: true));
        await server.AuthenticateAsServerAsync(TlsPair.ServerOptions(Server("rsa-pss"), SslProtocols.Tls13));

        Assert.Equal(await ExportedAsync(client), Exporter(server));
    }

    [PeerFact("openssl")]
    public async Task Our_client_exports_what_an_openssl_server_exports_and_has_no_end_point_for_Ed25519()
    {
        using PrivateDirectory directory = PrivateDirectory.Create("ed25519");
        string certificate = directory.At("cert.pem"), key = directory.At("key.pem");
        await PeerProcess.RunSuccessfullyAsync(new PeerCommand(
            "openssl", ["req", "-x509", "-newkey", "ed25519", "-noenc", "-subj", "/CN=localhost", "-keyout", key, "-out", certificate]));
        await using PeerProcess server = PeerProcess.Start(new PeerCommand(
            "openssl", ["s_server", "-tls1_3", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, .. s_export]));
        string accepting = await server.WaitForLineAsync(static line => line.StartsWith("ACCEPT ", StringComparison.Ordinal));

        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPEndPoint.Parse(accepting["ACCEPT ".Length..]));
        await using var client = new SslStream(new NetworkStream(socket));
        await client.AuthenticateAsClientAsync(TlsPair.ClientOptions(SslProtocols.Tls13));

        Assert.Equal(["tls-exporter"], SaslChannel.FromTls(client).Bindings!.Types);
        Assert.Equal(await ExportedAsync(server), Exporter(client));
    }

    [PeerFact("openssl")]
    public async Task Subjects_are_written_as_openssl_writes_them()
    {
        X500DistinguishedName[] subjects =
        [
            Name([("2.5.4.6", Text("NL"))], [("2.5.4.8", Text("North, South"))]),
            Name([("2.5.4.10", Text("\"Example\" + Sons"))], [("2.5.4.3", Text("#alice; <b>\\c "))]),
            Name([("0.9.2342.19200300.100.1.25", Text("org"))], [("0.9.2342.19200300.100.1.1", Text("1000")), ("2.5.4.3", Text(" Zoë 李"))]),
            Name([("2.5.4.4", Text("Smith"))], [("2.5.4.42", Text("Ann"))], [("2.5.4.5", Text("17"))]),
            Name([("2.5.4.12", Text("Dr"))], [("1.2.840.113549.1.9.1", Text("a@b.c"))]),
        ];
        foreach (X500DistinguishedName subject in subjects)
        {
            string printed = await PeerProcess.RunSuccessfullyAsync(
                new PeerCommand("openssl", ["x509", "-noout", "-subject", "-nameopt", "RFC2253,-esc_msb"])
                {
                    Input = Client(subject).ExportCertificatePem(),
                });

            Assert.Equal($"subject={DistinguishedName.Parse(subject.RawData)}", printed.TrimEnd('\n'));
        }
    }

    private static async Task<string> ExportedAsync(PeerProcess peer)
    {
        string line = await peer.WaitForLineAsync(static line => line.Contains(KeyingMaterial, StringComparison.Ordinal));
        return line[(line.IndexOf(KeyingMaterial, StringComparison.Ordinal) + KeyingMaterial.Length)..].Trim();
    }

    private static string Exporter(SslStream stream) =>
        SaslChannel.FromTls(stream).Bindings!.TryGet("tls-exporter", out ReadOnlyMemory<byte> data)
            ? Convert.ToHexString(data.Span)
            : "none";
}
