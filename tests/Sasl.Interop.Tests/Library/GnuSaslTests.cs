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
        InteropLog.Worked(mechanism, InteropPeer.GnuSasl, OurSide.Client, "no TLS");
    }

    [PeerTheory("gsasl")]
    [MemberData(nameof(Mechanisms))]
    [InlineData("DIGEST-MD5")]
    public async Task Its_client_gets_in_with_the_right_password_only(string mechanism)
    {
        Assert.Equal("alice", await OurServerAsync(new GsaslOptions(mechanism)));
        Assert.Null(await OurServerAsync(new GsaslOptions(mechanism) { Password = "not it" }));
        Assert.Null(await OurServerAsync(new GsaslOptions(mechanism) { User = "nobody" }));
        InteropLog.Worked(mechanism, InteropPeer.GnuSasl, OurSide.Server, "no TLS");
    }

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

    private static async Task<string?> OurServerAsync(GsaslOptions options)
    {
        var store = new MemoryCredentialStore();
        await store.StoreAsync(new SaslUser("alice", ""), [new(SaslProperty.UserPassword.Name, "secret"u8.ToArray())], default);
        using var work = new SaslWorkQueue();
        var server = new SaslServer(new SaslServerOptions
        {
            Service = "smtp",
            ServerName = "localhost",
            Mechanisms = SaslMechanisms.Standard,
            Policy = new SaslPolicy { Allow = [options.Mechanism] },
            CredentialStore = store,
            PasswordVerifier = new StoredPasswordVerifier(store, [PlainTextForm.Instance], work),
        });
        using SaslServerSession session = server.CreateSession(SaslChannel.Plaintext);
        await using GsaslPeer peer = await GsaslPeer.StartClientAsync(options.Mechanism == "DIGEST-MD5"
            ? options with { ExtraArguments = ["--quality-of-protection=qop-auth"] }    // or it asks for one
            : options);

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
        return session.Identity?.Authorized.ToString();
    }
}
