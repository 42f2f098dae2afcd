using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using Sasl.Mechanisms;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Interop.Tests.Library;

/// <summary>The JDK's DIGEST-MD5 in both directions, with each protection and each cipher.</summary>
public sealed class JdkDigestTests
{
    private const string Mechanism = "DIGEST-MD5";

    // The detail of the row, the strength that the JDK is told, our SSF and cipher.
    private static readonly (string Detail, string Strength, int Ssf, DigestMd5Ciphers Ciphers)[] s_rows =
    [
        ("auth", "high", 0, DigestMd5Ciphers.All),
        ("auth-int", "high", 1, DigestMd5Ciphers.All),
        ("auth-conf rc4-40", "low", 40, DigestMd5Ciphers.Rc4With40Bits),
        ("auth-conf des", "medium", 55, DigestMd5Ciphers.Des),
        ("auth-conf rc4-56", "medium", 56, DigestMd5Ciphers.Rc4With56Bits),
        ("auth-conf 3des", "high", 112, DigestMd5Ciphers.TripleDes),
        ("auth-conf rc4", "high", 128, DigestMd5Ciphers.Rc4),
    ];

    // One test for all rows, because the program is compiled for it.
    [PeerFact("java", "javac")]
    public async Task The_JDK_and_this_library_log_in_to_each_other_with_every_protection_and_cipher()
    {
        using PrivateDirectory directory = PrivateDirectory.Create("jdk");
        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("javac", "-d", directory.FullPath, Source()) { Limit = TimeSpan.FromSeconds(90) });
        foreach ((string detail, string strength, int ssf, DigestMd5Ciphers ciphers) in s_rows)
        {
            string qop = detail.Split(' ')[0];
            await using (SamplePeer client = Start(directory, SampleRole.Client, qop, strength, "secret"))
                await ServeAsync(client, detail, ssf, ciphers);
            await using (SamplePeer server = Start(directory, SampleRole.Server, qop, strength, "secret"))
                await LogInAsync(server, detail, ssf, ciphers);
        }
        await using (SamplePeer client = Start(directory, SampleRole.Client, "auth", "high", "not it"))
            await RefuseAsync(client);
        await using (SamplePeer server = Start(directory, SampleRole.Server, "auth", "high", "secret"))
            await BeRefusedAsync(server);
        foreach ((string detail, _, _, _) in s_rows)
        {
            InteropLog.Worked(Mechanism, InteropPeer.OpenJdk, OurSide.Server, detail);
            InteropLog.Worked(Mechanism, InteropPeer.OpenJdk, OurSide.Client, detail);
        }
    }

    private static async Task ServeAsync(SamplePeer client, string detail, int ssf, DigestMd5Ciphers ciphers)
    {
        using SaslServerSession session = await Server(ssf, ciphers);
        SaslReply reply = await PlayServerAsync(session, client);
        Assert.True(reply.IsSuccess, $"{detail}: {reply}\n{client.Transcript}");
        Assert.Equal("alice", session.Identity!.Authorized.ToString());
        await ExchangeAsync(session.SecurityLayer, ssf, client);
        Assert.Contains($"protection {detail.Split(' ')[0]}", client.Transcript.ToString(), StringComparison.Ordinal);
        session.SecurityLayer?.Dispose();
    }

    private static async Task LogInAsync(SamplePeer server, string detail, int ssf, DigestMd5Ciphers ciphers)
    {
        using SaslSecret password = SaslSecret.FromText("secret");
        using SaslClient client = Client(password, ssf, ciphers);
        using SaslClientSession session = client.CreateSession(SaslChannel.Plaintext);
        Assert.True(await PlayClientAsync(session, server), $"{detail}: {session.FailureDetail}\n{server.Transcript}");
        await ExchangeAsync(session.SecurityLayer, ssf, server);
        Assert.Contains($"user alice protection {detail.Split(' ')[0]}", server.Transcript.ToString(), StringComparison.Ordinal);
        session.SecurityLayer?.Dispose();
    }

    private static async Task RefuseAsync(SamplePeer client)
    {
        using SaslServerSession session = await Server(0, DigestMd5Ciphers.All);
        Assert.Equal(SaslStatus.Failure, (await PlayServerAsync(session, client)).Status);
        Assert.Null(session.Identity);
    }

    private static async Task BeRefusedAsync(SamplePeer server)
    {
        using SaslSecret password = SaslSecret.FromText("not it");
        using SaslClient client = Client(password, 0, DigestMd5Ciphers.All);
        using SaslClientSession session = client.CreateSession(SaslChannel.Plaintext);
        Assert.False(await PlayClientAsync(session, server));
        Assert.DoesNotContain("user alice", server.Transcript.ToString(), StringComparison.Ordinal);
    }

    private static async Task<SaslServerSession> Server(int ssf, DigestMd5Ciphers ciphers)
    {
        var store = new MemoryCredentialStore();
        await store.StoreAsync(new SaslUser("alice", ""), [new(SaslProperty.UserPassword.Name, "secret"u8.ToArray())], default);
        return new SaslServer(new SaslServerOptions
        {
            Service = "sample",
            ServerName = "localhost",
            Mechanisms = Mechanisms(ciphers),
            Policy = Policy(ssf),
            CredentialStore = store,
        }).CreateSession(SaslChannel.Plaintext);
    }

    private static SaslClient Client(SaslSecret password, int ssf, DigestMd5Ciphers ciphers) => new(new SaslClientOptions
    {
        Service = "sample",
        ServerName = "localhost",
        Mechanisms = Mechanisms(ciphers),
        Policy = Policy(ssf),
        UserName = "alice",
        Password = password,
    });

    private static ImmutableArray<SaslMechanism> Mechanisms(DigestMd5Ciphers ciphers) =>
        [SaslMechanisms.Create(new SaslMechanismOptions { DigestMd5 = new DigestMd5Options { Ciphers = ciphers } }).First(static one => one.Name == Mechanism)];

    private static SaslPolicy Policy(int ssf) => new() { Allow = [Mechanism], MinSsf = ssf, MaxSsf = ssf };

    private static async Task<SaslReply> PlayServerAsync(SaslServerSession session, SamplePeer client)
    {
        await client.SendAsync(Encoding.ASCII.GetBytes(Mechanism));
        Assert.Equal(Mechanism, Encoding.ASCII.GetString((await client.ReceiveAsync())!));
        SaslReply reply = await session.StartAsync(Mechanism);
        while (reply.NeedsMore)
        {
            await client.SendAsync(reply.Message!.Value.ToArray());
            reply = await client.ReceiveAsync() is { } response ? await session.StepAsync(response) : session.Abort();
        }
        return reply;
    }

    private static async Task<bool> PlayClientAsync(SaslClientSession session, SamplePeer server)
    {
        Assert.Equal(Mechanism, Encoding.ASCII.GetString((await server.ReceiveAsync())!));
        await session.StartAsync([Mechanism]);
        await server.SendAsync(Encoding.ASCII.GetBytes(Mechanism));
        while (!session.IsFinished && await server.ReceiveAsync() is { } challenge)
        {
            SaslReply reply = await session.StepAsync(challenge);
            if (reply.Status is SaslStatus.Failure)
                return false;
            await server.SendAsync(reply.Message!.Value.ToArray());
        }
        return session.IsFinished && (await session.CompleteAsync()).IsSuccess;
    }

    // Several buffers each way: the program sends each back with its octets reversed.
    private static async Task ExchangeAsync(SaslSecurityLayer? layer, int ssf, SamplePeer peer)
    {
        Assert.Equal(ssf, layer?.Ssf ?? 0);
        var random = new Random(6);
        foreach (int size in (int[])[1, 7, 8, 9, 16, 100, 1000, Math.Min(4000, layer?.MaxPlaintext ?? 4000)])
        {
            byte[] plain = new byte[size];
            random.NextBytes(plain);
            await peer.SendAsync(layer is null ? plain : Seal(layer, plain));
            byte[] back = await peer.ReceiveAsync() ?? throw new PeerException("It ended too early.", peer.Transcript.ToString());
            Assert.Equal(plain.Reverse(), layer is null ? back : Open(layer, back));
        }
        PeerResult end = await peer.FinishAsync();
        Assert.True(end.Succeeded, end.Transcript);
    }

    private static byte[] Seal(SaslSecurityLayer layer, byte[] plain)
    {
        var output = new ArrayBufferWriter<byte>();
        layer.Wrap(plain, output);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Open(SaslSecurityLayer layer, byte[] packet)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.True(layer.TryUnwrap(packet, output));
        return output.WrittenSpan.ToArray();
    }

    private static SamplePeer Start(PrivateDirectory directory, SampleRole role, string qop, string strength, string password) =>
        SamplePeer.Start(role, new PeerCommand("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", directory.FullPath, "DigestPeer",
            role is SampleRole.Server ? "server" : "client", qop, strength, password));

    private static string Source([CallerFilePath] string path = "") =>
        Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(path))!, "Jdk", "DigestPeer.java");
}
