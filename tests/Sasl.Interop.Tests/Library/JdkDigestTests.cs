using System.Collections.Immutable;
using Sasl.Mechanisms;
using Sasl.Testing.Conversations;
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
        JdkPeer jdk = await JdkPeer.CompileAsync(directory.FullPath);
        foreach ((string detail, string strength, int ssf, DigestMd5Ciphers ciphers) in s_rows)
        {
            string qop = detail.Split(' ')[0];
            await using (SamplePeer client = jdk.Start(SampleRole.Client, Mechanism, qop, strength, "secret"))
                await ServeAsync(client, detail, ssf, ciphers);
            await using (SamplePeer server = jdk.Start(SampleRole.Server, Mechanism, qop, strength, "secret"))
                await LogInAsync(server, detail, ssf, ciphers);
        }
        await using (SamplePeer client = jdk.Start(SampleRole.Client, Mechanism, "auth", "high", "not it"))
            await RefuseAsync(client);
        await using (SamplePeer server = jdk.Start(SampleRole.Server, Mechanism, "auth", "high", "secret"))
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
        SaslReply reply = await JdkConversation.ServeAsync(session, Mechanism, client);
        Assert.True(reply.IsSuccess, $"{detail}: {reply}\n{client.Transcript}");
        Assert.Equal("alice", session.Identity!.Authorized.ToString());
        Assert.Equal(ssf, session.SecurityLayer?.Ssf ?? 0);
        await JdkConversation.ExchangeAsync(session.SecurityLayer, client);
        Assert.Contains($"protection {detail.Split(' ')[0]}", client.Transcript.ToString(), StringComparison.Ordinal);
        session.SecurityLayer?.Dispose();
    }

    private static async Task LogInAsync(SamplePeer server, string detail, int ssf, DigestMd5Ciphers ciphers)
    {
        using SaslSecret password = SaslSecret.FromText("secret");
        using SaslClient client = Client(password, ssf, ciphers);
        using SaslClientSession session = client.CreateSession(SaslChannel.Plaintext);
        Assert.True(await JdkConversation.LogInAsync(session, server), $"{detail}: {session.FailureDetail}\n{server.Transcript}");
        Assert.Equal(ssf, session.SecurityLayer?.Ssf ?? 0);
        await JdkConversation.ExchangeAsync(session.SecurityLayer, server);
        Assert.Contains($"user alice protection {detail.Split(' ')[0]}", server.Transcript.ToString(), StringComparison.Ordinal);
        session.SecurityLayer?.Dispose();
    }

    private static async Task RefuseAsync(SamplePeer client)
    {
        using SaslServerSession session = await Server(0, DigestMd5Ciphers.All);
        Assert.Equal(SaslStatus.Failure, (await JdkConversation.ServeAsync(session, Mechanism, client)).Status);
        Assert.Null(session.Identity);
    }

    private static async Task BeRefusedAsync(SamplePeer server)
    {
        using SaslSecret password = SaslSecret.FromText("not it");
        using SaslClient client = Client(password, 0, DigestMd5Ciphers.All);
        using SaslClientSession session = client.CreateSession(SaslChannel.Plaintext);
        Assert.False(await JdkConversation.LogInAsync(session, server));
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
}
