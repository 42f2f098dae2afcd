using System.Diagnostics;
using System.Text;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Saslauthd.Tests.Verifiers;

/// <summary>Our verifier and Debian's saslauthd.</summary>
public sealed class SaslauthdPeerTests
{
    [PeerTheory("saslauthd")]
    [InlineData("getpwent", null)]
    [InlineData("shadow", null)]
    [InlineData("pam", "PAM auth error")]
    public async Task Debians_saslauthd_tells_right_from_wrong(string mechanism, string? reason)
    {
        await using SaslauthdPeer peer = await SaslauthdPeer.StartAsync(new() { Mechanism = mechanism });
        using SaslauthdVerifier verifier = For(peer);
        Assert.Equal(PasswordOutcome.Match, await verifier.OutcomeAsync("alice", "secret"));
        PasswordVerdict wrong = await verifier.AskAsync("alice", "wrong");
        Assert.Equal(PasswordOutcome.Mismatch, wrong.Outcome);
        if (reason is not null)
            Assert.Equal(reason, wrong.Reason);
        Assert.Equal(PasswordOutcome.Mismatch, await verifier.OutcomeAsync("nobody-here", "secret"));
        Assert.Contains("answers", (await verifier.ProbeAsync(CancellationToken.None)).Text, StringComparison.Ordinal);
    }

    [PeerFact("saslauthd")]
    public async Task Service_and_realm_arrive_where_the_daemon_expects_them()
    {
        await using SaslauthdPeer peer = await SaslauthdPeer.StartAsync();
        using SaslauthdVerifier verifier = For(peer);
        await verifier.AskAsync("alice", "secret", realm: "example.com");
        await peer.WaitForLogAsync(static line => line.Contains("[user=alice] [service=smtp] [realm=example.com] [mech=getpwent]", StringComparison.Ordinal));
    }

    [PeerFact("saslauthd")]
    public async Task With_r_the_daemon_puts_login_and_realm_together_again()
    {
        await using SaslauthdPeer peer = await SaslauthdPeer.StartAsync(new() { JoinsRealm = true });
        using SaslauthdVerifier verifier = For(peer);
        Assert.Equal(PasswordOutcome.Mismatch, await verifier.OutcomeAsync("alice", "secret", realm: "example.com"));
        await peer.WaitForLogAsync(static line => line.Contains("[user=alice@example.com]", StringComparison.Ordinal));
    }

    [PeerFact("saslauthd")]
    public async Task Long_and_binary_passwords_arrive_whole()
    {
        string password = new string('x', 150) + "é\u0001 \t'\"\\";
        await using SaslauthdPeer peer = await SaslauthdPeer.StartAsync(new() { Mechanism = "pam", PamPassword = password });
        using SaslauthdVerifier verifier = For(peer);
        Assert.Equal(PasswordOutcome.Match, await verifier.OutcomeAsync("alice", password));
        Assert.Equal(PasswordOutcome.Mismatch, await verifier.OutcomeAsync("alice", password[..^1]));
        byte[] every = [.. Enumerable.Range(1, 255).Select(static octet => (byte)octet)];
        Assert.Equal(PasswordOutcome.Mismatch, (await verifier.VerifyAsync(Ask.Alice, every, Ask.Smtp, CancellationToken.None)).Outcome);
        Assert.Equal(PasswordOutcome.Mismatch, await verifier.OutcomeAsync("alice", new string('y', SaslauthdWire.MaxFieldLength)));
    }

    [PeerFact("saslauthd")]
    public async Task The_development_versions_fifth_string_does_not_disturb_2_1_28()
    {
        await using SaslauthdPeer peer = await SaslauthdPeer.StartAsync();
        using var verifier = new SaslauthdVerifier(new() { Path = peer.SocketPath, SendClientAddress = true });
        Assert.Equal(PasswordOutcome.Match, await verifier.OutcomeAsync("alice", "secret"));
        Assert.True((await verifier.ProbeAsync(CancellationToken.None)).IsReady);
    }

    [PeerFact("saslauthd")]
    public async Task A_daemon_that_is_stopped_is_told_from_one_that_was_killed()
    {
        await using SaslauthdPeer peer = await SaslauthdPeer.StartAsync(new() { Workers = 1 });
        using SaslauthdVerifier verifier = For(peer);
        await peer.StopAsync();
        Assert.Contains("has no socket at", await verifier.TroubleAsync(), StringComparison.Ordinal);

        await using SaslauthdPeer killed = await SaslauthdPeer.StartAsync(new() { Workers = 1 });
        using SaslauthdVerifier other = For(killed);
        await killed.KillAsync();
        Assert.StartsWith("nobody listens on", await other.TroubleAsync(), StringComparison.Ordinal);
    }

    [PeerFact("saslauthd")]
    public async Task A_daemon_that_hangs_is_a_temporary_failure_and_answers_again_when_it_goes_on()
    {
        await using SaslauthdPeer peer = await SaslauthdPeer.StartAsync(new() { Workers = 2 });
        using var hasty = new SaslauthdVerifier(new() { Path = peer.SocketPath, Limits = new() { Timeout = TimeSpan.FromMilliseconds(200) } });
        using SaslauthdVerifier verifier = For(peer);
        peer.Hang();
        Assert.Contains("did not answer within 0.2 s", await hasty.TroubleAsync(), StringComparison.Ordinal);
        Task<PasswordOutcome> waiting = verifier.OutcomeAsync("alice", "secret");
        peer.GoOn();
        Assert.Equal(PasswordOutcome.Match, await waiting);
    }

    [PeerFact("saslauthd")]
    public async Task Two_hundred_logins_at_once_are_all_answered_right()
    {
        await using SaslauthdPeer peer = await SaslauthdPeer.StartAsync(new() { Mechanism = "pam" });
        using SaslauthdVerifier verifier = For(peer);
        PasswordOutcome[] outcomes = await Task.WhenAll(
            Enumerable.Range(0, 200).Select(i => verifier.OutcomeAsync("alice", i % 2 == 0 ? "secret" : "wrong")));
        Assert.All(outcomes.Index(), static pair => Assert.Equal(
            pair.Index % 2 == 0 ? PasswordOutcome.Match : PasswordOutcome.Mismatch, pair.Item));
    }

    [PeerFact("saslauthd")]
    public async Task Two_hundred_connections_at_once_overflow_its_queue_and_are_answered_all_the_same()
    {
        await using SaslauthdPeer peer = await SaslauthdPeer.StartAsync(new() { Mechanism = "pam", Workers = 2 });
        using var verifier = new SaslauthdVerifier(new() { Path = peer.SocketPath, Limits = new() { MaxConnections = 200, ConnectTimeout = TimeSpan.FromSeconds(50) } });
        PasswordOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => verifier.OutcomeAsync("alice", "secret")));
        Assert.All(outcomes, static outcome => Assert.Equal(PasswordOutcome.Match, outcome));
    }

    [PeerFact("saslauthd")]
    public async Task Its_cache_keeps_no_wrong_password()
    {
        await using SaslauthdPeer peer = await SaslauthdPeer.StartAsync(new() { Caches = true });
        using SaslauthdVerifier verifier = For(peer);
        Assert.Equal(PasswordOutcome.Match, await verifier.OutcomeAsync("alice", "secret"));
        Assert.Equal(PasswordOutcome.Match, await verifier.OutcomeAsync("alice", "secret"));
        await peer.WaitForLogAsync(static line => line.Contains("auth success (cached)", StringComparison.Ordinal));
        Assert.Equal(PasswordOutcome.Mismatch, await verifier.OutcomeAsync("alice", "wrong"));
    }

    [PeerFact("saslauthd")]
    public async Task rimap_asks_an_IMAP_server_and_says_when_it_cannot()
    {
        await using LoopbackImap imap = LoopbackImap.Start("alice", "secret");
        await using SaslauthdPeer peer = await SaslauthdPeer.StartAsync(new() { Mechanism = "rimap", Option = $"127.0.0.1/{imap.Port}" });
        using SaslauthdVerifier verifier = For(peer);
        Assert.Equal(
            new PasswordVerdict(PasswordOutcome.Match, "saslauthd") { Reason = "remote authentication successful" }, await verifier.AskAsync("alice", "secret"));
        Assert.Equal(
            new PasswordVerdict(PasswordOutcome.Mismatch, "saslauthd") { Reason = "remote server rejected your credentials" },
            await verifier.AskAsync("alice", "wrong"));
        await imap.DisposeAsync();
        Assert.Contains("says that it cannot check passwords now", await verifier.TroubleAsync(), StringComparison.Ordinal);
    }

    [PeerFact("saslauthd", "slapd")]
    public async Task Debians_saslauthd_asks_slapd_for_us()
    {
        using var authority = TestAuthority.Create();
        await using SlapdPeer slapd = await SlapdPeer.StartAsync(authority);
        using PrivateDirectory folder = PrivateDirectory.Create("ldap-conf");
        string file = folder.Write(
            "saslauthd.conf", $"ldap_servers: {slapd.Address}\nldap_search_base: {SlapdPeer.People}\nldap_filter: uid=%u\nldap_timeout: 5\n");
        await using SaslauthdPeer peer = await SaslauthdPeer.StartAsync(new() { Mechanism = "ldap", Option = file });
        using SaslauthdVerifier verifier = For(peer);
        Assert.Equal(PasswordOutcome.Match, await verifier.OutcomeAsync("alice", "secret"));
        Assert.Equal(PasswordOutcome.Mismatch, await verifier.OutcomeAsync("alice", "wrong"));
        Assert.Equal(PasswordOutcome.Mismatch, await verifier.OutcomeAsync("nobody-here", "secret"));
    }

    [PeerFact("saslauthd", "krb5kdc", "kdb5_util", "kadmin.local")]
    public async Task Debians_saslauthd_asks_a_KDC_for_us()
    {
        await using KdcPeer kdc = await KdcPeer.StartAsync();
        await kdc.AddServiceAsync($"host/{System.Net.Dns.GetHostName()}");
        await using SaslauthdPeer peer = await SaslauthdPeer.StartAsync(new() { Mechanism = "kerberos5", Environment = kdc.Environment });
        using SaslauthdVerifier verifier = For(peer);
        Assert.Equal(PasswordOutcome.Match, await verifier.OutcomeAsync("alice", "secret"));
        Assert.Equal(PasswordOutcome.Mismatch, await verifier.OutcomeAsync("alice", "wrong"));
    }

    [PeerFact("saslauthd", "saslpasswd2", "unshare")]
    public async Task Debians_saslauthd_asks_its_sasldb_for_us()
    {
        // The file is compiled in: the daemon gets an /etc of its own.
        using PrivateDirectory folder = PrivateDirectory.Create("sasldb-conf");
        string run = folder.MakeFolder("run");
        var script = $"mount -t tmpfs none /mnt && cp -a /etc/. /mnt/ && rm -f /mnt/sasldb2 && mount --bind /mnt /etc"
            + " && printf secret | saslpasswd2 -p -c -u example.com alice && exec saslauthd -d -a sasldb -n 2 -m \"$1\"";
        await using PeerProcess daemon = await PeerProcess.StartServerAsync(
            new PeerCommand("unshare", "--mount", "/bin/sh", "-c", script, "sh", run), token => SaslauthdPeer.ListensAsync(Path.Combine(run, "mux"), token));
        using var verifier = new SaslauthdVerifier(new() { Path = Path.Combine(run, "mux") });
        Assert.Equal(PasswordOutcome.Match, await verifier.OutcomeAsync("alice", "secret", realm: "example.com"));
        Assert.Equal(PasswordOutcome.Mismatch, await verifier.OutcomeAsync("alice", "wrong", realm: "example.com"));
        Assert.Equal(PasswordOutcome.Mismatch, await verifier.OutcomeAsync("nobody-here", "secret", realm: "example.com"));
    }

    [PeerFact("saslauthd", "testsaslauthd")]
    public async Task An_impossible_login_leaves_no_failed_login_in_the_log()
    {
        await using SaslauthdPeer peer = await SaslauthdPeer.StartAsync();
        using SaslauthdVerifier verifier = For(peer);
        Assert.True((await new SaslauthdHealth(verifier).CheckAsync(CancellationToken.None)).IsReady);
        PasswordDaemonState deep = await new SaslauthdHealth(verifier, new SaslUser("nobody-has-this-name", "")).CheckAsync(CancellationToken.None);
        Assert.True(deep.IsReady, deep.Text);
        await peer.WaitForLogAsync(static line => line.Contains("auth failure: [user=nobody-has-this-name]", StringComparison.Ordinal));
        Assert.DoesNotContain("[user=]", peer.Log.ToString(), StringComparison.Ordinal);
    }

    private static SaslauthdVerifier For(SaslauthdPeer peer) => new(new() { Path = peer.SocketPath });
}
