using System.Text;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>Message by message with GNU SASL and Cyrus SASL, and with what Dovecot, GNU SASL and PostgreSQL store.</summary>
public sealed class ScramPeerTests : IDisposable
{
    private const string Password = "secret";

    private readonly MemoryCredentialStore _store = new();
    private readonly SaslServer _server;

    public ScramPeerTests()
    {
        _store.Add(new SaslUser("alice", ""), "userPassword", Encoding.ASCII.GetBytes(Password));
        _server = new SaslServer(new SaslServerOptions
        {
            Service = "sample", Mechanisms = ScramMechanisms.Default, CredentialStore = _store,
        });
    }

    public void Dispose() => _store.Dispose();

    [PeerTheory("gsasl")]
    [InlineData("SCRAM-SHA-1", Password)]
    [InlineData("SCRAM-SHA-256", Password)]
    [InlineData("SCRAM-SHA-1", "wrong")]
    [InlineData("SCRAM-SHA-256", "wrong")]
    public async Task Client_talks_to_GNU_SASL(string mechanism, string password)
    {
        await using GsaslPeer peer = await GsaslPeer.StartServerAsync(new GsaslOptions(mechanism));
        await peer.ReceiveAsync();    // empty: the client begins
        bool authenticated = await TalkAsync(mechanism, password, peer.SendAsync, peer.ReceiveAsync);
        (bool trusts, PeerResult result) = await peer.FinishAsync();
        Assert.True(authenticated == (password == Password), result.Transcript);
        Assert.True(trusts == authenticated, result.Transcript);
        Note(mechanism, password, InteropPeer.GnuSasl, OurSide.Client);
    }

    [PeerTheory("gsasl")]
    [InlineData("SCRAM-SHA-1", Password)]
    [InlineData("SCRAM-SHA-256", Password)]
    [InlineData("SCRAM-SHA-1", "wrong")]
    [InlineData("SCRAM-SHA-256", "wrong")]
    public async Task Server_talks_to_GNU_SASL(string mechanism, string password)
    {
        await using GsaslPeer peer = await GsaslPeer.StartClientAsync(new GsaslOptions(mechanism) { Password = password });
        using SaslServerSession session = _server.CreateSession(SaslChannel.Plaintext);
        SaslReply reply = await session.StartAsync(mechanism, await peer.ReceiveAsync());
        while (reply.NeedsMore)
        {
            await peer.SendAsync(reply.Message!.Value);
            byte[]? answer = await peer.ReceiveAsync();
            reply = answer is null ? session.Abort() : await session.StepAsync(answer);
        }
        Assert.Equal(password == Password, reply.IsSuccess);
        Assert.Equal(password == Password ? "alice" : null, session.Identity?.Authenticated.Name);
        Note(mechanism, password, InteropPeer.GnuSasl, OurSide.Server);
    }

    [PeerTheory("sasl-sample-server", "sasl-sample-client", "saslpasswd2")]
    [InlineData("SCRAM-SHA-1", Password)]
    [InlineData("SCRAM-SHA-224", Password)]
    [InlineData("SCRAM-SHA-256", Password)]
    [InlineData("SCRAM-SHA-384", Password)]
    [InlineData("SCRAM-SHA-512", Password)]
    [InlineData("SCRAM-SHA-512", "wrong")]
    public async Task Client_talks_to_Cyrus_SASL(string mechanism, string password)
    {
        await using CyrusSample cyrus = await CyrusSample.StartAsync();
        await using SamplePeer peer = cyrus.StartServer();
        string[] offered = Encoding.ASCII.GetString((await peer.ReceiveAsync())!).Split(' ');
        Assert.Contains(mechanism, offered);
        bool first = true;
        bool authenticated = await TalkAsync(mechanism, password, SendAsync, peer.ReceiveAsync);
        Assert.True(authenticated == (password == Password), peer.Transcript.ToString());
        Note(mechanism, password, InteropPeer.CyrusSample, OurSide.Client);

        Task SendAsync(ReadOnlyMemory<byte> message)
        {
            byte[] whole = first ? [.. Encoding.ASCII.GetBytes(mechanism), 0, .. message.Span] : message.ToArray();
            first = false;
            return peer.SendAsync(whole);
        }
    }

    [PeerTheory("sasl-sample-server", "sasl-sample-client", "saslpasswd2")]
    [InlineData("SCRAM-SHA-1", Password)]
    [InlineData("SCRAM-SHA-224", Password)]
    [InlineData("SCRAM-SHA-256", Password)]
    [InlineData("SCRAM-SHA-384", Password)]
    [InlineData("SCRAM-SHA-512", Password)]
    [InlineData("SCRAM-SHA-512", "wrong")]
    public async Task Server_talks_to_Cyrus_SASL(string mechanism, string password)
    {
        await using CyrusSample cyrus = await CyrusSample.StartAsync();
        await using SamplePeer peer = cyrus.StartClient(new CyrusSampleOptions { Mechanism = mechanism, Password = password });
        await peer.SendAsync(Encoding.ASCII.GetBytes(mechanism));
        byte[] start = (await peer.ReceiveAsync())!;
        Assert.Equal(mechanism, Encoding.ASCII.GetString(start[..mechanism.Length]));

        using SaslServerSession session = _server.CreateSession(SaslChannel.Plaintext);
        SaslReply reply = await session.StartAsync(mechanism, start[(mechanism.Length + 1)..]);
        while (reply.NeedsMore)
        {
            await peer.SendAsync(reply.Message!.Value);
            byte[]? answer = await peer.ReceiveAsync();
            reply = answer is null ? session.Abort() : await session.StepAsync(answer);
        }
        Assert.True(reply.IsSuccess == (password == Password), peer.Transcript.ToString());
        Note(mechanism, password, InteropPeer.CyrusSample, OurSide.Server);
    }

    [PeerFact("gsasl")]
    public async Task What_GNU_SASL_stores_is_read()
    {
        foreach (string mechanism in new[] { "SCRAM-SHA-1", "SCRAM-SHA-256" })
        {
            PeerResult made = await PeerProcess.RunAsync(new PeerCommand("gsasl",
                "--mkpasswd", "--mechanism", mechanism, "--password", Password, "--iteration-count", "5000", "--verbose"));
            AssertVerifies(made.Transcript.Split('\n').Single(line => line.StartsWith($"{{{mechanism}}}", StringComparison.Ordinal)));
        }
    }

    [PeerFact("doveadm")]
    public async Task What_Dovecot_stores_is_read()
    {
        foreach (string mechanism in new[] { "SCRAM-SHA-1", "SCRAM-SHA-256" })
        {
            PeerResult made = await PeerProcess.RunAsync(new PeerCommand("doveadm", "pw", "-s", mechanism, "-p", Password));
            AssertVerifies(made.Transcript.Split('\n').Single(line => line.StartsWith($"{{{mechanism}}}", StringComparison.Ordinal)));
        }
    }

    [PeerFact("postgres", "psql")]
    public async Task What_PostgreSQL_stores_is_read()
    {
        using TestAuthority authority = TestAuthority.Create();
        await using PostgresServer postgres = await PostgresServer.StartAsync(authority);
        PeerResult found = await postgres.QueryAsync(authority.CaFile, "select rolpassword from pg_authid where rolname = 'alice'");
        AssertVerifies(found.Transcript.Split('\n').First(static line => line.StartsWith("SCRAM-SHA-256$", StringComparison.Ordinal)));
    }

    private static void Note(string mechanism, string password, string peer, OurSide side)
    {
        if (password == Password)
            InteropLog.Worked(mechanism, peer, side, "no TLS");
    }

    private static void AssertVerifies(string stored)
    {
        byte[] octets = Encoding.ASCII.GetBytes(stored.Trim());
        PasswordForm form = ScramMechanisms.PasswordForms.First(form => form.CostOf(octets) is not null);
        Assert.True(form.Verify(octets, Encoding.ASCII.GetBytes(Password)));
        Assert.False(form.Verify(octets, "wrong"u8));
    }

    // Plays our client until the peer has nothing more to say.
    private static async Task<bool> TalkAsync(
        string mechanism, string password, Func<ReadOnlyMemory<byte>, Task> send, Func<Task<byte[]?>> receive)
    {
        using var secret = SaslSecret.FromText(password);
        using var client = new SaslClient(new SaslClientOptions
        {
            Service = "sample", ServerName = "localhost", Mechanisms = ScramMechanisms.Default, UserName = "alice", Password = secret,
        });
        using SaslClientSession session = client.CreateSession(SaslChannel.Plaintext);
        SaslReply reply = await session.StartAsync([mechanism]);
        for (int messages = 2; messages > 0; messages--)
        {
            await send(reply.Message!.Value);
            if (await receive() is not { } challenge)
                return false;
            reply = await session.StepAsync(challenge);
            if (!reply.NeedsMore)
                return false;
        }
        return (await session.CompleteAsync()).IsSuccess;
    }
}
