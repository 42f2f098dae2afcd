using System.Text;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Saslauthd.Tests.Checkers.Kerberos;

/// <summary>The checker <c>kerberos5</c> against MIT's KDC.</summary>
public sealed class KerberosVerifierTests(KdcFixture fixture) : IClassFixture<KdcFixture>, IDisposable
{
    private readonly SaslWorkQueue _work = new(4, maxWaiting: 200);
    private readonly List<string> _warnings = [];

    public void Dispose() => _work.Dispose();

    [PeerFact("krb5kdc", "kdb5_util", "kadmin.local")]
    public async Task The_right_password_matches()
    {
        PasswordVerdict verdict = await Verifier().AskAsync("alice", "secret");
        Assert.Equal((PasswordOutcome.Match, "kerberos5", null), (verdict.Outcome, verdict.DecidedBy, verdict.Reason));
        Assert.Empty(_warnings);
    }

    [PeerTheory("krb5kdc", "kdb5_util", "kadmin.local")]
    [InlineData("alice", "secret", PasswordOutcome.Match)]
    [InlineData("alice", "Secret", PasswordOutcome.Mismatch)]
    [InlineData("alice", "secret ", PasswordOutcome.Mismatch)]
    [InlineData("alice", "", PasswordOutcome.Mismatch)]
    [InlineData("alice", "secret\0", PasswordOutcome.Mismatch)]
    [InlineData("alice", "%s%n%x", PasswordOutcome.Mismatch)]
    [InlineData("utf8", "Kennwort-ÄÖ-密码", PasswordOutcome.Match)]
    [InlineData("preauth", "secret", PasswordOutcome.Match)]
    [InlineData("preauth", "wrong", PasswordOutcome.Mismatch)]
    [InlineData("nobody", "secret", PasswordOutcome.UnknownUser)]
    [InlineData("locked", "secret", PasswordOutcome.Disabled)]
    [InlineData("closed", "secret", PasswordOutcome.Disabled)]
    [InlineData("stale", "secret", PasswordOutcome.Expired)]
    [InlineData("stale", "wrong", PasswordOutcome.Mismatch)]
    [InlineData("mustchange", "secret", PasswordOutcome.Expired)]
    [InlineData("mustchange", "wrong", PasswordOutcome.Mismatch)]
    public async Task Each_account_has_its_outcome(string name, string password, PasswordOutcome outcome)
    {
        PasswordVerdict verdict = await Verifier().AskAsync(name, password);
        Assert.True(verdict.Outcome == outcome, verdict.ToString());
        Assert.Equal(outcome is PasswordOutcome.Match, verdict.Reason is null);
        AssertTellsNothing(verdict, password);
    }

    [PeerFact("krb5kdc", "kdb5_util", "kadmin.local")]
    public async Task Passwords_of_any_length_and_any_octets_are_compared_whole()
    {
        KerberosVerifier verifier = Verifier();
        Assert.Equal(PasswordOutcome.Match, (await verifier.AskAsync("long", new string('l', 500))).Outcome);
        Assert.Equal(PasswordOutcome.Mismatch, (await verifier.AskAsync("long", new string('l', 499))).Outcome);
        Assert.Equal(PasswordOutcome.Mismatch, (await verifier.AskAsync("long", new string('l', 501))).Outcome);
        Assert.Equal(PasswordOutcome.Mismatch, (await verifier.AskAsync("long", new string('l', 70_000))).Outcome);
        Assert.Equal(PasswordOutcome.Mismatch, (await verifier.AskAsync("alice", [0xff, 0xfe, 0x80, 1])).Outcome);
    }

    [PeerTheory("krb5kdc", "kdb5_util", "kadmin.local")]
    [InlineData("", PasswordOutcome.Match)]
    [InlineData("SASL.TEST", PasswordOutcome.Match)]
    [InlineData("sasl.test", PasswordOutcome.UnknownUser)]
    [InlineData("ELSEWHERE.TEST", PasswordOutcome.UnknownUser)]
    public async Task The_realm_is_that_of_the_user(string realm, PasswordOutcome outcome) =>
        Assert.Equal(outcome, (await Verifier().AskAsync("alice", "secret", realm: realm)).Outcome);

    // Whoever logs in names the realm, and Kerberos would look for its KDC in DNS and wait for it.
    [PeerFact("krb5kdc", "kdb5_util", "kadmin.local")]
    public async Task Another_realm_is_asked_only_where_the_administrator_lists_it()
    {
        PasswordVerdict refused = await Verifier().AskAsync("alice@EVIL.TEST", "secret");
        Assert.Contains("krb5_realms", refused.Reason, StringComparison.Ordinal);
        Assert.Equal(PasswordOutcome.Unavailable,
            (await Verifier(static options => options with { Realms = ["ELSEWHERE.TEST"] }).AskAsync("alice", "secret", realm: "ELSEWHERE.TEST")).Outcome);
    }

    [PeerFact("krb5kdc", "kdb5_util", "kadmin.local")]
    public async Task A_realm_can_be_put_into_capitals() =>
        Assert.Equal(PasswordOutcome.Match,
            (await Verifier(options => options with { UppercaseRealm = true }).AskAsync("alice", "secret", realm: "sasl.test")).Outcome);

    [PeerFact("krb5kdc", "kdb5_util", "kadmin.local")]
    public async Task A_service_can_have_an_instance()
    {
        KerberosVerifier verifier = Verifier(options => options with { Instances = options.Instances.Add("imap", "mail") });
        Assert.Equal(PasswordOutcome.Match, (await verifier.AskAsync("alice", "mailsecret", service: "imap")).Outcome);
        Assert.Equal(PasswordOutcome.Mismatch, (await verifier.AskAsync("alice", "secret", service: "imap")).Outcome);
        Assert.Equal(PasswordOutcome.Match, (await verifier.AskAsync("alice", "secret", service: "smtp")).Outcome);
        Assert.Equal(PasswordOutcome.UnknownUser, (await verifier.AskAsync("alice/admin", "mailsecret", service: "imap")).Outcome);
    }

    [PeerFact("krb5kdc", "kdb5_util", "kadmin.local")]
    public async Task A_spoofed_KDC_lets_nobody_in()
    {
        await using KdcPeer spoof = await KdcPeer.StartAsync(fixture.Kdc.Realm);
        await spoof.AddUserAsync("victim", "chosen by the attacker");
        KerberosVerifier verifier = Verifier(options => options with { ConfigurationFile = spoof.ConfigurationFile });

        PasswordVerdict verdict = await verifier.AskAsync("victim", "chosen by the attacker");

        Assert.Equal(PasswordOutcome.Unavailable, verdict.Outcome);
        Assert.StartsWith("krb5_verify_init_creds failed", verdict.Reason, StringComparison.Ordinal);
        Assert.Contains("somebody answers in its place", Assert.Single(_warnings), StringComparison.Ordinal);
        AssertTellsNothing(verdict, "chosen by the attacker");
        await verifier.AskAsync("victim", "chosen by the attacker");
        Assert.Single(_warnings);
    }

    [PeerFact("krb5kdc", "kdb5_util", "kadmin.local")]
    public async Task A_spoofed_KDC_that_does_not_know_the_host_lets_nobody_in()
    {
        await using KdcPeer spoof = await KdcPeer.StartAsync(fixture.Kdc.Realm);
        await spoof.AdministrateAsync("delprinc", "-force", "host/localhost");
        PasswordVerdict verdict = await Verifier(options => options with { ConfigurationFile = spoof.ConfigurationFile }).AskAsync("alice", "secret");
        Assert.Equal(PasswordOutcome.Unavailable, verdict.Outcome);
        Assert.StartsWith("krb5_verify_init_creds failed", verdict.Reason, StringComparison.Ordinal);
    }

    [PeerFact("krb5kdc", "kdb5_util", "kadmin.local")]
    public async Task Without_a_keytab_nobody_gets_in()
    {
        KerberosVerifier verifier = Verifier(options => options with { Keytab = Path.Combine(fixture.Kdc.Folder, "no.keytab") });
        PasswordVerdict verdict = await verifier.AskAsync("alice", "secret");
        Assert.Equal(PasswordOutcome.Unavailable, verdict.Outcome);
        Assert.Contains("no.keytab", verdict.Reason, StringComparison.Ordinal);
        Assert.Contains("host/localhost", Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.Throws<SaslConfigurationException>(verifier.CheckConfiguration);
    }

    [PeerFact("krb5kdc", "kdb5_util", "kadmin.local")]
    public async Task Without_the_hosts_key_in_the_keytab_nobody_gets_in()
    {
        string other = Path.Combine(fixture.Kdc.Folder, "other.keytab");
        await fixture.Kdc.AddServiceAsync("imap/localhost", other);
        KerberosVerifier verifier = Verifier(options => options with { Keytab = other });
        Assert.Equal(PasswordOutcome.Unavailable, (await verifier.AskAsync("alice", "secret")).Outcome);
        SaslConfigurationException problem = Assert.Throws<SaslConfigurationException>(verifier.CheckConfiguration);
        Assert.Contains("host/localhost", problem.Message, StringComparison.Ordinal);

        KerberosVerifier imap = Verifier(options => options with { Keytab = other, VerifyPrincipal = "imap" });
        imap.CheckConfiguration();
        Assert.Equal(PasswordOutcome.Match, (await imap.AskAsync("alice", "secret")).Outcome);
    }

    [PeerFact("krb5kdc", "kdb5_util", "kadmin.local")]
    public async Task A_keytab_older_than_the_key_lets_nobody_in()
    {
        string stale = Path.Combine(fixture.Kdc.Folder, "stale.keytab");
        await fixture.Kdc.AddServiceAsync("pop/localhost", stale);
        await fixture.Kdc.AdministrateAsync("cpw", "-randkey", "pop/localhost");
        KerberosVerifier verifier = Verifier(options => options with { Keytab = stale, VerifyPrincipal = "pop" });
        verifier.CheckConfiguration();
        PasswordVerdict verdict = await verifier.AskAsync("alice", "secret");
        Assert.Equal(PasswordOutcome.Unavailable, verdict.Outcome);
        Assert.StartsWith("krb5_verify_init_creds failed", verdict.Reason, StringComparison.Ordinal);
    }

    [PeerTheory("krb5kdc", "kdb5_util", "kadmin.local")]
    [InlineData("[libdefaults\n")]
    [InlineData("")]
    public async Task A_krb5_conf_without_meaning_lets_nobody_in(string text)
    {
        string path = Path.Combine(fixture.Kdc.Folder, $"broken{text.Length}.conf");
        await File.WriteAllTextAsync(path, text);
        PasswordVerdict verdict = await Verifier(options => options with { ConfigurationFile = path }).AskAsync("alice", "secret");
        Assert.Equal(PasswordOutcome.Unavailable, verdict.Outcome);
        Assert.Equal(PasswordOutcome.Unavailable,
            (await Verifier(options => options with { ConfigurationFile = path + ".missing" }).AskAsync("alice", "secret")).Outcome);
    }

    [PeerFact("krb5kdc", "kdb5_util", "kadmin.local")]
    public async Task A_stopped_KDC_is_unavailable_until_it_runs_again()
    {
        await using KdcPeer kdc = await KdcPeer.StartAsync("DOWN.TEST");
        var verifier = new KerberosVerifier(_work, OptionsFor(kdc));
        await kdc.PauseAsync();
        PasswordVerdict verdict = await verifier.AskAsync("alice", "secret");
        Assert.Equal(PasswordOutcome.Unavailable, verdict.Outcome);
        Assert.StartsWith("krb5_get_init_creds_password failed", verdict.Reason, StringComparison.Ordinal);
        await kdc.ResumeAsync();
        Assert.Equal(PasswordOutcome.Match, (await verifier.AskAsync("alice", "secret")).Outcome);
    }

    [PeerFact("krb5kdc", "kdb5_util", "kadmin.local")]
    public async Task Fifty_at_once_get_each_their_own_answer()
    {
        KerberosVerifier verifier = Verifier();
        PasswordVerdict[] verdicts = await Task.WhenAll(Enumerable.Range(0, 50)
            .Select(number => verifier.AskAsync(number % 3 == 0 ? "utf8" : "alice", "secret").AsTask()));
        for (int number = 0; number < verdicts.Length; number++)
            Assert.Equal(number % 3 == 0 ? PasswordOutcome.Mismatch : PasswordOutcome.Match, verdicts[number].Outcome);
    }

    [PeerFact("krb5kdc", "kdb5_util", "kadmin.local")]
    public async Task A_thousand_checks_leave_nothing_open()
    {
        string options = Path.Combine(fixture.Kdc.Folder, "thousand.conf");
        await File.WriteAllTextAsync(options, "krb5_servername: localhost\n");
        await AskerProcess.AssertNothingStaysAsync(
            AskerProcess.Command(null, "kerberos5", "now", options) with { Environment = fixture.Kdc.Environment }, "alice", "secret");
    }

    [PeerFact("krb5kdc", "kdb5_util", "kadmin.local")]
    public async Task The_daemons_checker_reads_saslauthd_conf()
    {
        string path = Path.Combine(fixture.Kdc.Folder, "saslauthd.conf");
        await File.WriteAllTextAsync(path, "krb5_keytab: /nonexistent/keytab\nkrb5_servername: localhost\n");
        var context = new SaslauthdCheckerContext { Work = _work, Option = path };
        SaslConfigurationException problem = Assert.Throws<SaslConfigurationException>(() => KerberosVerifier.Checker.Make(context));
        Assert.Contains("/nonexistent/keytab", problem.Message, StringComparison.Ordinal);
        Assert.Throws<SaslConfigurationException>(() => KerberosVerifier.Checker.Make(context with { Option = path + ".missing" }));
    }

    [PeerFact("krb5kdc", "kdb5_util", "kadmin.local", "setpriv", "unshare")]
    public async Task The_environment_names_krb5_conf_and_the_keytab_must_be_readable()
    {
        using PrivateDirectory folder = PrivateDirectory.Create("asker");
        AskerProcess.CopyTo(folder.FullPath);
        string options = folder.Write("saslauthd.conf", "krb5_servername: localhost\nKRB5_Imap_Instance: mail\nkrb5_uppercase_realm: yes\n");
        PeerCommand command = AskerProcess.Command(folder.FullPath, "kerberos5", "now", options) with { Environment = fixture.Kdc.Environment };

        AskerAnswers smtp = await AskerProcess.AskAsync(command, ("alice", "secret"), ("alice", "wrong"), ("alice@sasl.test", "secret"));
        AskerAnswers imap = await AskerProcess.AskAsync(command, "imap", [("alice", "mailsecret"u8.ToArray())]);
        PeerResult other = await PeerProcess.RunAsync(command with { RunAs = "daemon" });

        Assert.Equal([PasswordOutcome.Match, PasswordOutcome.Mismatch, PasswordOutcome.Match], smtp.Verdicts.Select(static verdict => verdict.Outcome));
        Assert.Equal(PasswordOutcome.Match, imap.Verdicts[0].Outcome);
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("host/localhost", other.Transcript, StringComparison.Ordinal);
        Assert.Contains("Permission denied", other.Transcript, StringComparison.Ordinal);
    }

    private static void AssertTellsNothing(PasswordVerdict verdict, string password)
    {
        if (Encoding.UTF8.GetByteCount(password) > 8)
            Assert.DoesNotContain(password, verdict.ToString(), StringComparison.Ordinal);
    }

    private KerberosOptions OptionsFor(KdcPeer kdc) => new()
    {
        ConfigurationFile = kdc.ConfigurationFile,
        Keytab = kdc.Keytab,
        ServerName = "localhost",
        Warn = _warnings.Add,
    };

    private KerberosVerifier Verifier(Func<KerberosOptions, KerberosOptions>? change = null)
    {
        KerberosOptions options = OptionsFor(fixture.Kdc);
        return new KerberosVerifier(_work, change is null ? options : change(options));
    }
}
