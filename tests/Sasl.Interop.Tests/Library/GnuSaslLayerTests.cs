using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Sasl.Mechanisms;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Interop.Tests.Library;

/// <summary>
/// DIGEST-MD5 with GNU SASL's library under auth, and under auth-int with the layer in use. The library has no auth-conf. Its program offers
/// auth only as a server, and puts no layer around anything without a connection of its own: see GnuSaslTests.
/// </summary>
public sealed class GnuSaslLayerTests
{
    private const string Mechanism = "DIGEST-MD5";

    private static readonly int[] s_sizes = [1, 9, 1000, 65_000];

    public static TheoryData<string, string, string, int> Protections => new()
    {
        // What the server offers, what the client may take, and what becomes of it.
        { "qop-auth", "qop-auth", "auth", 0 },
        { "qop-int", "qop-int", "auth-int", 1 },
        { "qop-auth, qop-int", "qop-int", "auth-int", 1 },
        { "qop-auth, qop-int", "qop-auth", "auth", 0 },
    };

    [PeerTheory("gsasl")]
    [MemberData(nameof(Protections))]
    public async Task Its_server_and_our_client_agree_and_send_both_ways(string offered, string taken, string detail, int ssf)
    {
        using GsaslSession peer = GsaslSession.StartServer(Mechanism, offered);
        using SaslSecret password = SaslSecret.FromText("secret");
        using SaslClient client = Client(password, taken == "qop-auth" ? 0 : 1);
        using SaslClientSession session = client.CreateSession(SaslChannel.Plaintext);
        Assert.True(await PlayClientAsync(session, peer), session.FailureDetail);
        await ExchangeAsync(session.SecurityLayer, ssf, peer);

        using GsaslSession strict = GsaslSession.StartServer(Mechanism, offered);
        using SaslSecret wrong = SaslSecret.FromText("not it");
        using SaslClient intruder = Client(wrong, taken == "qop-auth" ? 0 : 1);
        using SaslClientSession refused = intruder.CreateSession(SaslChannel.Plaintext);
        Assert.False(await PlayClientAsync(refused, strict));
        Assert.False(strict.IsFinished);
        InteropLog.Worked(Mechanism, InteropPeer.GnuSasl, OurSide.Client, detail);
    }

    [PeerTheory("gsasl")]
    [InlineData("qop-auth", "auth", 0)]
    [InlineData("qop-int", "auth-int", 1)]
    public async Task Its_client_and_our_server_agree_and_send_both_ways(string wanted, string detail, int ssf)
    {
        SaslServer server = await ServerAsync();
        using GsaslSession peer = GsaslSession.StartClient(Mechanism, wanted);
        using SaslServerSession session = server.CreateSession(SaslChannel.Plaintext);
        Assert.True((await PlayServerAsync(session, peer)).IsSuccess);
        Assert.Equal("alice", session.Identity!.Authorized.ToString());
        await ExchangeAsync(session.SecurityLayer, ssf, peer);

        using GsaslSession intruder = GsaslSession.StartClient(Mechanism, wanted, "not it");
        using SaslServerSession refusal = server.CreateSession(SaslChannel.Plaintext);
        Assert.Equal(SaslError.InvalidCredentials, (await PlayServerAsync(refusal, intruder)).Error);
        Assert.Null(refusal.SecurityLayer);
        InteropLog.Worked(Mechanism, InteropPeer.GnuSasl, OurSide.Server, detail);
    }

    // RFC 2831 section 2.1.2.1: what ISO 8859-1 can express is hashed in it, anything else in UTF-8, each of name and password for itself. GNU SASL
    // does so with the password only, so that a name like "zoë" is of no use here.
    [PeerTheory("gsasl")]
    [InlineData("alice", "gr\u00fcn")]
    [InlineData("alice", "\u043f\u0430\u0440\u043e\u043b\u044c")]
    [InlineData("\u03a9", "gr\u00fcn")]
    [InlineData("\u03a9", "\u043f\u0430\u0440\u043e\u043b\u044c")]
    public async Task Names_and_passwords_beyond_ASCII_are_hashed_as_GNU_SASL_hashes_them(string user, string secret)
    {
        SaslServer server = await ServerAsync(user, secret);
        foreach (string tried in (string[])[secret, "not it"])
        {
            using GsaslSession theirServer = GsaslSession.StartServer(Mechanism, "qop-auth", secret);
            using SaslSecret password = SaslSecret.FromText(tried);
            using SaslClient client = Client(password, 0, user);
            using SaslClientSession ours = client.CreateSession(SaslChannel.Plaintext);
            Assert.Equal(tried == secret, await PlayClientAsync(ours, theirServer));

            using GsaslSession theirClient = GsaslSession.StartClient(Mechanism, "qop-auth", tried, user);
            using SaslServerSession session = server.CreateSession(SaslChannel.Plaintext);
            await PlayServerAsync(session, theirClient);
            Assert.Equal(tried == secret ? user : null, session.Identity?.Authorized.ToString());
        }
    }

    [PeerFact("gsasl")]
    public async Task A_packet_that_was_changed_or_comes_twice_is_refused_by_both()
    {
        SaslServer server = await ServerAsync();
        using GsaslSession peer = GsaslSession.StartClient(Mechanism, "qop-int");
        using SaslServerSession session = server.CreateSession(SaslChannel.Plaintext);
        Assert.True((await PlayServerAsync(session, peer)).IsSuccess);
        (NetworkStream near, NetworkStream far) = await ConnectAsync();
        await using NetworkStream end = far;
        await using var ours = new SaslStream(near, session.SecurityLayer!);

        await ours.WriteAsync("a message"u8.ToArray());
        byte[] packet = await ReadPacketAsync(far);
        byte[] changed = [.. packet];
        changed[4] ^= 1;
        Assert.Null(peer.Decode(changed));

        byte[] sealedOnce = peer.Encode("another"u8.ToArray());
        byte[] read = new byte[100];
        await far.WriteAsync(sealedOnce);
        Assert.Equal("another"u8.Length, await ours.ReadAsync(read));
        await far.WriteAsync(sealedOnce);
        await Assert.ThrowsAnyAsync<IOException>(async () => await ours.ReadAsync(read));
    }

    // Through SaslStream on our side, a packet at a time on the other.
    private static async Task ExchangeAsync(SaslSecurityLayer? layer, int ssf, GsaslSession peer)
    {
        Assert.True(peer.IsFinished);
        Assert.Equal(ssf, layer?.Ssf ?? 0);
        if (layer is null)
        {
            Assert.Equal("as it is"u8.ToArray(), peer.Encode("as it is"u8.ToArray()));
            return;
        }
        (NetworkStream near, NetworkStream far) = await ConnectAsync();
        await using NetworkStream end = far;
        await using var ours = new SaslStream(near, layer);
        var random = new Random(7);
        foreach (int size in s_sizes)
        {
            byte[] message = new byte[size];
            random.NextBytes(message);
            Task writing = ours.WriteAsync(message).AsTask();
            Assert.Equal(message, peer.Decode(await ReadPacketAsync(far)));
            await writing;

            Task sending = far.WriteAsync(peer.Encode(message)).AsTask();
            byte[] read = new byte[size];
            await ours.ReadExactlyAsync(read);
            await sending;
            Assert.Equal(message, read);
        }
    }

    private static async Task<bool> PlayClientAsync(SaslClientSession session, GsaslSession peer)
    {
        await session.StartAsync([Mechanism]);
        byte[]? challenge = peer.Step([]);
        while (challenge is not null && !session.IsFinished)
        {
            SaslReply reply = await session.StepAsync(challenge);
            if (reply.Status is SaslStatus.Failure)
                return false;
            challenge = peer.IsFinished ? [] : peer.Step(reply.Message!.Value.ToArray());
        }
        return session.IsFinished && (await session.CompleteAsync()).IsSuccess;
    }

    private static async Task<SaslReply> PlayServerAsync(SaslServerSession session, GsaslSession peer)
    {
        SaslReply reply = await session.StartAsync(Mechanism);
        while (reply.NeedsMore)
            reply = peer.Step(reply.Message!.Value.ToArray()) is { } response ? await session.StepAsync(response) : session.Abort();
        return reply;
    }

    private static SaslClient Client(SaslSecret password, int ssf, string user = "alice") => new(new SaslClientOptions
    {
        Service = "smtp",
        ServerName = "localhost",
        Mechanisms = SaslMechanisms.Standard,
        Policy = new SaslPolicy { Allow = [Mechanism], MinSsf = ssf, MaxSsf = ssf },
        UserName = user,
        Password = password,
    });

    private static async Task<SaslServer> ServerAsync(string user = "alice", string secret = "secret")
    {
        var store = new MemoryCredentialStore();
        await store.StoreAsync(new SaslUser(user, ""), [new(SaslProperty.UserPassword.Name, Encoding.UTF8.GetBytes(secret))], default);
        return new SaslServer(new SaslServerOptions
        {
            Service = "smtp",
            ServerName = "localhost",
            Mechanisms = SaslMechanisms.Standard,
            Policy = new SaslPolicy { Allow = [Mechanism], MaxSsf = 1 },
            CredentialStore = store,
        });
    }

    private static async Task<(NetworkStream Near, NetworkStream Far)> ConnectAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var near = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await near.ConnectAsync(listener.LocalEndpoint);
        return (new NetworkStream(near, ownsSocket: true), new NetworkStream(await listener.AcceptSocketAsync(), ownsSocket: true));
    }

    private static async Task<byte[]> ReadPacketAsync(Stream stream)
    {
        byte[] length = new byte[sizeof(int)];
        await stream.ReadExactlyAsync(length);
        byte[] packet = new byte[sizeof(int) + BinaryPrimitives.ReadInt32BigEndian(length)];
        length.CopyTo(packet, 0);
        await stream.ReadExactlyAsync(packet.AsMemory(sizeof(int)));
        return packet;
    }
}
