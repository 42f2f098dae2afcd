using Sasl.Mechanisms;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Interop.Tests.Library;

/// <summary>GNU SASL's own program on standard input and output, as server for our client and as client for our server.</summary>
public sealed class GnuSaslTests
{
    public static TheoryData<string> Mechanisms { get; } = [.. GsaslPeer.ServerMechanisms];

    [PeerTheory("gsasl")]
    [MemberData(nameof(Mechanisms))]
    [InlineData("DIGEST-MD5")]
    public async Task Its_server_trusts_our_client_with_the_right_password_only(string mechanism)
    {
        Assert.True(await OurClientAsync(mechanism, "secret"));
        Assert.False(await OurClientAsync(mechanism, "not it"));
        InteropLog.Worked(mechanism, InteropPeer.GnuSasl, OurSide.Client, DetailOf(mechanism));
    }

    [PeerTheory("gsasl")]
    [MemberData(nameof(Mechanisms))]
    [InlineData("DIGEST-MD5")]
    public async Task Its_client_gets_in_with_the_right_password_only(string mechanism)
    {
        string[] none = mechanism == "DIGEST-MD5" ? ["--quality-of-protection=qop-auth"] : [];    // or it asks for a layer
        GsaslOptions right = new(mechanism) { ExtraArguments = none };
        Assert.Equal(("alice", 0), await OurServerAsync(right));
        Assert.Equal((null, 0), await OurServerAsync(right with { Password = "not it" }));
        Assert.Equal((null, 0), await OurServerAsync(right with { User = "nobody" }));
        InteropLog.Worked(mechanism, InteropPeer.GnuSasl, OurSide.Server, DetailOf(mechanism));
    }

    [PeerFact("gsasl")]
    public async Task Its_client_asks_for_a_layer_when_it_is_told_to_and_gets_it()
    {
        string[] integrity = ["--quality-of-protection=qop-int"];
        Assert.Equal(("alice", 1), await OurServerAsync(new GsaslOptions("DIGEST-MD5") { ExtraArguments = integrity }));
        Assert.Equal((null, 0), await OurServerAsync(new GsaslOptions("DIGEST-MD5") { ExtraArguments = integrity, Password = "not it" }));
    }

    private static string DetailOf(string mechanism) => mechanism == "DIGEST-MD5" ? "auth" : "no TLS";

    private static async Task<bool> OurClientAsync(string mechanism, string secret)
    {
        await using GsaslPeer peer = await GsaslPeer.StartServerAsync(new GsaslOptions(mechanism));
        using SaslSecret password = SaslSecret.FromText(secret);
        using var client = new SaslClient(new SaslClientOptions
        {
            Service = "smtp",
            ServerName = "localhost",
            Mechanisms = SaslMechanisms.Standard,
            Policy = new SaslPolicy { Allow = [mechanism] },
            UserName = "alice",
            Password = password,
        });
        using SaslClientSession session = client.CreateSession(SaslChannel.Plaintext);

        SaslReply reply = await session.StartAsync([mechanism]);
        byte[]? challenge = await peer.ReceiveAsync();    // empty where the client begins
        if (reply.Message is { } first)
            await peer.SendAsync(first);
        else if (challenge is not null)
            await peer.SendAsync((await session.StepAsync(challenge)).Message ?? default);
        while (!session.IsFinished && await peer.ReceiveAsync() is { } next)
        {
            reply = await session.StepAsync(next);
            if (reply.Status is SaslStatus.Failure)
                return false;
            await peer.SendAsync(reply.Message ?? default);
        }
        (bool trusts, _) = await peer.FinishAsync();
        return trusts && (await session.CompleteAsync()).IsSuccess;
    }

    private static async Task<(string? User, int Ssf)> OurServerAsync(GsaslOptions options)
    {
        var store = new MemoryCredentialStore();
        await store.StoreAsync(new SaslUser("alice", ""), [new(SaslProperty.UserPassword.Name, "secret"u8.ToArray())], default);
        using var work = new SaslWorkQueue();
        var server = new SaslServer(new SaslServerOptions
        {
            Service = "smtp",
            ServerName = "localhost",
            Mechanisms = SaslMechanisms.Standard,
            Policy = new SaslPolicy { Allow = [options.Mechanism], MaxSsf = 1 },
            CredentialStore = store,
            PasswordVerifier = new StoredPasswordVerifier(store, [PlainTextForm.Instance], work),
        });
        using SaslServerSession session = server.CreateSession(SaslChannel.Plaintext);
        await using GsaslPeer peer = await GsaslPeer.StartClientAsync(options);

        byte[] first = (await peer.ReceiveAsync())!;    // empty where the server begins
        SaslReply reply = first.Length == 0
            ? await session.StartAsync(options.Mechanism)
            : await session.StartAsync(options.Mechanism, first);
        while (reply.NeedsMore)
        {
            await peer.SendAsync(reply.Message ?? default);
            if (await peer.ReceiveAsync() is not { } response)
                break;
            reply = await session.StepAsync(response);
        }
        using SaslSecurityLayer? layer = session.SecurityLayer;
        return (session.Identity?.Authorized.ToString(), layer?.Ssf ?? 0);
    }
}
