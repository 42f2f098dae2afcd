using System.Security.Cryptography;
using System.Text;
using Sasl.Mechanisms;
using Sasl.Sasldb;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Interop.Tests.Library;

/// <summary>
/// One-time passwords with Cyrus SASL over one sasldb, which both write, and with Cyrus SASL's client, which is Postfix: its sample client cannot do OTP.
/// Cyrus SASL has its MD4 of OpenSSL, where it belongs to a provider that must be asked for; without it Cyrus SASL crashes.
/// </summary>
public sealed class OtpTests : IDisposable
{
    private const string Secret = "cmusaslsecretOTP";

    private const string WithMd4 = """
        openssl_conf = init
        [init]
        providers = providers
        [providers]
        default = active
        legacy = active
        [active]
        activate = 1

        """;

    private static readonly SaslUser s_alice = new("alice", "localhost");

    private readonly PrivateDirectory _directory = PrivateDirectory.Create("otp");
    private readonly Dictionary<string, string> _withMd4;

    public OtpTests() => _withMd4 = new Dictionary<string, string> { ["OPENSSL_CONF"] = _directory.Write("openssl.cnf", WithMd4) };

    [PeerTheory("sasl-sample-server", "saslpasswd2")]
    [InlineData("md4", true)]
    [InlineData("md4", false)]
    [InlineData("md5", true)]
    [InlineData("md5", false)]
    [InlineData("sha1", true)]
    [InlineData("sha1", false)]
    public async Task Cyrus_SASL_and_we_go_on_where_the_other_stopped(string hash, bool cyrusBegins)
    {
        await using CyrusSample cyrus = await CyrusSample.StartAsync("OTP");
        using SaslServerSetup ours = Build(cyrus, hash);
        if (cyrusBegins)
        {
            File.WriteAllText(Path.Combine(Path.GetDirectoryName(cyrus.Database)!, "saslpasswd.conf"), $"otp_mda: {hash}\n");
            await CyrusDatabase.SetPasswordAsync(cyrus.Database, "alice", "secret", environment: _withMd4);
        }
        else
        {
            File.Delete(cyrus.Database);
            using var store = new SasldbStore(new SasldbOptions { Path = cyrus.Database, CreateFormat = SasldbFormat.Berkeley });
            await store.StoreAsync(s_alice, [.. ours.SecretDerivers.SelectMany(static derive => derive(s_alice, "secret"u8))], default);
        }

        Assert.Equal((true, $"otp-{hash} 498"), await LogInToCyrusAsync(cyrus, "secret"));
        Assert.Equal((true, $"otp-{hash} 497"), await LogInToUsAsync(ours, "secret"));
        Assert.Equal((false, $"otp-{hash} 496"), await LogInToUsAsync(ours, "not it"));
        Assert.Equal((true, $"otp-{hash} 496"), await LogInToCyrusAsync(cyrus, "secret"));
        Assert.Equal((false, $"otp-{hash} 495"), await LogInToCyrusAsync(cyrus, "not it"));
        Assert.Matches($@"\A{hash}\t0496\t[a-z0-9]{{6}}\t[0-9a-f]{{16}}\t0{{20}}\z", await StoredAsync(cyrus.Database));
        Assert.Equal((true, $"otp-{hash} 495"), await LogInToUsAsync(ours, "secret"));
        InteropLog.Worked("OTP", InteropPeer.CyrusSample, OurSide.Client, hash);
    }

    // Cyrus SASL waits ten seconds for a lock that it does not look at again.
    [PeerFact("sasl-sample-server", "saslpasswd2")]
    public async Task While_a_login_is_under_way_with_one_the_other_begins_none()
    {
        await using CyrusSample cyrus = await CyrusSample.StartAsync("OTP");
        using SaslServerSetup ours = Build(cyrus, "md5");

        await using SamplePeer theirs = cyrus.StartServer();
        await theirs.ReceiveAsync();
        await theirs.SendAsync("OTP\0\0alice"u8.ToArray());
        Assert.NotNull(await theirs.ReceiveAsync());
        Assert.Equal((false, ""), await LogInToUsAsync(ours, "secret"));
        await theirs.SendAsync("hex:0000000000000000"u8.ToArray());    // a wrong answer ends the lock
        Assert.False((await theirs.FinishAsync()).Succeeded);

        using SaslServerSession session = ours.Server.CreateSession(SaslChannel.Plaintext);
        Assert.True((await session.StartAsync("OTP", "\0alice"u8.ToArray())).NeedsMore);
        Assert.Equal((false, ""), await LogInToCyrusAsync(cyrus, "secret"));
        Assert.False((await session.StepAsync("hex:0000000000000000"u8.ToArray())).IsSuccess);
        Assert.Equal((true, "otp-md5 498"), await LogInToCyrusAsync(cyrus, "secret"));
    }

    [PeerTheory("postfix")]
    [InlineData("md4")]
    [InlineData("md5")]
    [InlineData("sha1")]
    public async Task Postfix_gets_in_with_the_right_pass_phrase_only(string hash)
    {
        using TestAuthority authority = TestAuthority.Create();
        await using SubmissionServer server = await SubmissionServer.StartAsync(authority, "OTP", $"otp_mda: {hash}");
        var relay = new PostfixRelay(server.Port)
        {
            MechanismFilter = "otp",
            ExtraSettings = $"import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C OPENSSL_CONF={_withMd4["OPENSSL_CONF"]}",
        };

        await using (PostfixClient wrong = await PostfixClient.StartAsync(relay with { Password = "not it" }))
        {
            PostfixDelivery kept = await wrong.DeliverAsync();
            Assert.Equal(PostfixStatus.Deferred, kept.Status);
            Assert.Contains("535 5.7.8", kept.StatusLine, StringComparison.Ordinal);
        }
        Assert.Matches($@"\A{hash}\t0499\t[a-z0-9]{{6}}\t[0-9a-f]{{16}}\t0{{20}}\z", await StoredAsync(server.Sasldb));
        await using PostfixClient right = await PostfixClient.StartAsync(relay);
        PostfixDelivery sent = await right.DeliverAsync();

        Assert.True(sent.Status is PostfixStatus.Sent, sent.StatusLine);
        Assert.Equal("OTP", Assert.Single(server.Identities).Mechanism.Name);
        Assert.StartsWith($"{hash}\t0498\t", await StoredAsync(server.Sasldb), StringComparison.Ordinal);
        InteropLog.Worked("OTP", InteropPeer.Postfix, OurSide.Server, hash);
    }

    // Cyrus SASL's client begins anew when a challenge asks for a number below 490.
    [PeerFact("postfix")]
    public async Task Postfix_begins_a_new_sequence_and_gets_in_with_it()
    {
        using TestAuthority authority = TestAuthority.Create();
        await using SubmissionServer server = await SubmissionServer.StartAsync(authority, "OTP");
        using (var store = new SasldbStore(server.Sasldb))
            await store.StoreAsync(s_alice, [new(Secret, Encoding.ASCII.GetBytes($"md5\t0490\told0001\t{Md5Of("old0001secret", 490)}\t{0:D20}"))], default);
        await using PostfixClient postfix = await PostfixClient.StartAsync(new PostfixRelay(server.Port) { MechanismFilter = "otp" });

        PostfixDelivery first = await postfix.DeliverAsync();
        string begun = await StoredAsync(server.Sasldb);
        PostfixDelivery second = await postfix.DeliverAsync();

        Assert.True(first.Status is PostfixStatus.Sent, first.StatusLine);
        Assert.Matches(@"\Amd5\t0499\t(?!old0001)[a-z0-9]{6,}\t[0-9a-f]{16}\t0{20}\z", begun);
        Assert.True(second.Status is PostfixStatus.Sent, second.StatusLine);
        InteropLog.Worked("OTP", InteropPeer.Postfix, OurSide.Server, "init-hex");
    }

    public void Dispose() => _directory.Dispose();

    private SaslServerSetup Build(CyrusSample cyrus, string hash)
    {
        _directory.Write("sample.conf", $"sasldb_path: {cyrus.Database}\nmech_list: OTP\notp_mda: {hash}\n");
        return new SaslServerBuilder
        {
            ServerName = "localhost",
            Realm = "localhost",
            Finder = new SaslConfigurationFinder { Directories = [_directory.FullPath] },
        }.Build("sample", "sample");
    }

    // What was asked for is without the seed, and empty when nothing was.
    private static async Task<(bool LetIn, string Asked)> LogInToUsAsync(SaslServerSetup ours, string passPhrase)
    {
        using SaslSecret password = SaslSecret.FromText(passPhrase);
        using SaslClient client = Client(password);
        using SaslClientSession asking = client.CreateSession(SaslChannel.Plaintext);
        using SaslServerSession session = ours.Server.CreateSession(SaslChannel.Plaintext);
        SaslReply reply = await session.StartAsync("OTP", (await asking.StartAsync(["OTP"])).Message!.Value.ToArray());
        if (!reply.NeedsMore)
            return (false, "");
        byte[] challenge = reply.Message!.Value.ToArray();
        reply = await session.StepAsync((await asking.StepAsync(challenge)).Message!.Value.ToArray());
        return (reply.IsSuccess, WithoutSeed(challenge));
    }

    private async Task<(bool LetIn, string Asked)> LogInToCyrusAsync(CyrusSample cyrus, string passPhrase)
    {
        using SaslSecret password = SaslSecret.FromText(passPhrase);
        using SaslClient client = Client(password);
        using SaslClientSession session = client.CreateSession(SaslChannel.Plaintext);
        await using SamplePeer peer = cyrus.StartServer(new CyrusSampleOptions { Environment = _withMd4 });
        await peer.ReceiveAsync();    // the list of mechanisms
        SaslReply names = await session.StartAsync(["OTP"]);
        await peer.SendAsync((byte[])[.. "OTP\0"u8, .. names.Message!.Value.Span]);
        if (await peer.ReceiveAsync() is not { } challenge)
            return (false, "");
        await peer.SendAsync((await session.StepAsync(challenge)).Message!.Value);
        if (await peer.ReceiveAsync() is not null)    // it has a message for whom it lets in
            await peer.SendAsync("client message 1\0"u8.ToArray());
        PeerResult result = await peer.FinishAsync();
        Assert.Equal(result.Succeeded, result.Transcript.Contains("Username: alice", StringComparison.Ordinal));
        return (result.Succeeded, WithoutSeed(challenge));
    }

    private static SaslClient Client(SaslSecret password) => new(new SaslClientOptions
    {
        Service = "sample",
        ServerName = "localhost",
        Mechanisms = [SaslMechanisms.Otp],
        Policy = new SaslPolicy { Allow = ["OTP"] },
        UserName = "alice",
        Password = password,
    });

    private static string WithoutSeed(byte[] challenge) => string.Join(' ', Encoding.ASCII.GetString(challenge).Split(' ')[..2]);

    private static async Task<string> StoredAsync(string sasldb)
    {
        using var store = new SasldbStore(sasldb);
        using var found = new PropertySet(new SaslProperty(Secret));
        await store.LookupAsync(s_alice, found, default);
        return Encoding.ASCII.GetString(found.ValueAt(0));
    }

    // RFC 2289 section 6 and appendix A, apart from the library's own.
    private static string Md5Of(string seedAndPassPhrase, int count)
    {
        byte[] octets = Encoding.ASCII.GetBytes(seedAndPassPhrase);
        for (int i = 0; i <= count; i++)
        {
            byte[] hash = MD5.HashData(octets);
            octets = [.. hash[..8].Zip(hash[8..], static (left, right) => (byte)(left ^ right))];
        }
        return Convert.ToHexStringLower(octets);
    }
}
