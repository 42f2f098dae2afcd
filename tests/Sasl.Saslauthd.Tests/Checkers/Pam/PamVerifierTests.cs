using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Saslauthd.Tests.Checkers.Pam;

/// <summary>The checker <c>pam</c> with Linux-PAM, its modules, and a folder of services of its own.</summary>
public sealed class PamVerifierTests : IDisposable
{
    private readonly PrivateDirectory _services = PrivateDirectory.Create("pam");
    private readonly SaslWorkQueue _work = new(4, maxWaiting: 200);
    private readonly List<string> _warnings = [];

    public void Dispose()
    {
        _work.Dispose();
        _services.Dispose();
    }

    [PeerFact("pamtester", "python3")]
    public async Task Passwords_are_compared_by_pam_pwdfile()
    {
        byte[] binary = [0xff, 0xfe, 0x80, 1];
        string setting = SystemCrypt.Settings["sha512crypt"];
        IReadOnlyList<string?> hashes = await SystemCrypt.HashAsync(
            ("pencil"u8.ToArray(), setting), (Encoding.UTF8.GetBytes("Kennwort-ÄÖ-密码"), setting), (binary, setting), (Octets('l', 500), setting));
        string users = _services.Write("users", $"alice:{hashes[0]}\nutf8:{hashes[1]}\nbinary:{hashes[2]}\nlong:{hashes[3]}\nempty:\n");
        Service("smtp", $"auth required pam_pwdfile.so pwdfile={users}", "account required pam_permit.so");
        PamVerifier verifier = Verifier();

        Assert.Equal(new PasswordVerdict(PasswordOutcome.Match, "pam"), await verifier.AskAsync("alice", "pencil"));
        Assert.Equal(PasswordOutcome.Match, (await verifier.AskAsync("utf8", "Kennwort-ÄÖ-密码")).Outcome);
        Assert.Equal(PasswordOutcome.Match, (await verifier.AskAsync("binary", binary)).Outcome);
        Assert.Equal(PasswordOutcome.Match, (await verifier.AskAsync("long", Octets('l', 500))).Outcome);
        Assert.Equal(PasswordOutcome.Mismatch, (await verifier.AskAsync("long", Octets('l', 499))).Outcome);
        Assert.Equal(PasswordOutcome.Mismatch, (await verifier.AskAsync("long", Octets('l', 70_000))).Outcome);
        Assert.Equal(PasswordOutcome.Mismatch, (await verifier.AskAsync("alice", "pencil\0")).Outcome);
        Assert.Equal(PasswordOutcome.Mismatch, (await verifier.AskAsync("alice", "")).Outcome);
        Assert.Equal(PasswordOutcome.Mismatch, (await verifier.AskAsync("empty", "")).Outcome);
        Assert.Equal(PasswordOutcome.UnknownUser, (await verifier.AskAsync("alice\0x", "pencil")).Outcome);
        Assert.Equal(PasswordOutcome.UnknownUser, (await verifier.AskAsync("alice\nx", "pencil")).Outcome);
        PasswordVerdict wrong = await verifier.AskAsync("alice", "crayon-of-mine");
        Assert.Equal(PasswordOutcome.Mismatch, wrong.Outcome);
        Assert.Equal("PAM auth error: Authentication failure (7)", wrong.Reason);
        Assert.Empty(_warnings);
    }

    [PeerTheory("pamtester")]
    [InlineData("auth_err", PasswordOutcome.Mismatch)]
    [InlineData("maxtries", PasswordOutcome.Mismatch)]
    [InlineData("user_unknown", PasswordOutcome.UnknownUser)]
    [InlineData("perm_denied", PasswordOutcome.Disabled)]
    [InlineData("acct_expired", PasswordOutcome.Disabled)]
    [InlineData("new_authtok_reqd", PasswordOutcome.Expired)]
    [InlineData("authtok_expired", PasswordOutcome.Expired)]
    [InlineData("authinfo_unavail", PasswordOutcome.Unavailable)]
    [InlineData("cred_insufficient", PasswordOutcome.Unavailable)]
    [InlineData("system_err", PasswordOutcome.Unavailable)]
    [InlineData("service_err", PasswordOutcome.Unavailable)]
    [InlineData("open_err", PasswordOutcome.Unavailable)]
    [InlineData("symbol_err", PasswordOutcome.Unavailable)]
    [InlineData("buf_err", PasswordOutcome.Unavailable)]
    [InlineData("conv_err", PasswordOutcome.Unavailable)]
    [InlineData("abort", PasswordOutcome.Unavailable)]
    [InlineData("module_unknown", PasswordOutcome.Unavailable)]
    public async Task Each_answer_of_a_module_has_its_outcome_in_both_phases(string answer, PasswordOutcome outcome)
    {
        Service("authphase", $"auth requisite pam_debug.so auth={answer}", "account required pam_permit.so");
        Service("acctphase", "auth required pam_permit.so", $"account requisite pam_debug.so acct={answer}");
        PasswordVerdict inAuthentication = await Verifier().AskAsync("alice", "pencil", service: "authphase");
        PasswordVerdict inAccount = await Verifier().AskAsync("alice", "pencil", service: "acctphase");

        // An expired password does not keep Linux-PAM from going on to the account phase, where it is asked for.
        Assert.True(inAuthentication.Outcome == outcome, inAuthentication.ToString());
        Assert.StartsWith("PAM auth error: ", inAuthentication.Reason, StringComparison.Ordinal);
        Assert.True(inAccount.Outcome == outcome, inAccount.ToString());
        Assert.StartsWith("PAM acct error: ", inAccount.Reason, StringComparison.Ordinal);
    }

    [PeerFact("pamtester")]
    public async Task Both_phases_must_succeed()
    {
        Service("both", "auth required pam_permit.so", "account required pam_permit.so");
        Service("denied", "auth required pam_deny.so", "account required pam_permit.so");
        Service("closed", "auth required pam_permit.so", "account required pam_deny.so");
        Service("noaccount", "auth required pam_permit.so");
        Service("other", "auth required pam_deny.so", "account required pam_deny.so");
        PamVerifier verifier = Verifier();
        Assert.Equal(PasswordOutcome.Match, (await verifier.AskAsync("alice", "pencil", service: "both")).Outcome);
        Assert.Equal(PasswordOutcome.Match, (await verifier.AskAsync("alice", "pencil", service: "BOTH")).Outcome);
        Assert.NotEqual(PasswordOutcome.Match, (await verifier.AskAsync("alice", "pencil", service: "denied")).Outcome);
        Assert.NotEqual(PasswordOutcome.Match, (await verifier.AskAsync("alice", "pencil", service: "closed")).Outcome);
        Assert.NotEqual(PasswordOutcome.Match, (await verifier.AskAsync("alice", "pencil", service: "noaccount")).Outcome);
        Assert.Empty(_warnings);
    }

    [PeerFact("pamtester")]
    public async Task A_module_that_is_not_there_is_no_wrong_password()
    {
        Service("smtp", "auth required /nonexistent/pam_module.so", "account required pam_permit.so");
        PasswordVerdict verdict = await Verifier().AskAsync("alice", "pencil");
        Assert.Equal(PasswordOutcome.Unavailable, verdict.Outcome);
    }

    [PeerFact("pamtester")]
    public async Task A_missing_service_file_is_warned_of_once_for_each_service()
    {
        Service("other", "auth required pam_deny.so", "account required pam_deny.so");
        PamVerifier verifier = Verifier();
        PasswordVerdict verdict = await verifier.AskAsync("alice", "pencil");
        await verifier.AskAsync("bob", "pencil");
        await verifier.AskAsync("bob", "pencil", service: "SMTP");
        Assert.Equal(PasswordOutcome.Mismatch, verdict.Outcome);
        Assert.EndsWith($"there is no {_services.At("smtp")}", verdict.Reason, StringComparison.Ordinal);
        string warning = Assert.Single(_warnings);
        Assert.Contains(_services.At("smtp"), warning, StringComparison.Ordinal);
        Assert.Contains(_services.At("other"), warning, StringComparison.Ordinal);
        await verifier.AskAsync("bob", "pencil", service: "imap");
        Assert.Equal(2, _warnings.Count);
    }

    [PeerFact("pamtester")]
    public async Task Without_any_service_file_nobody_gets_in()
    {
        PasswordVerdict verdict = await Verifier().AskAsync("alice", "pencil");
        Assert.Equal(PasswordOutcome.Unavailable, verdict.Outcome);
        Assert.StartsWith("PAM ", verdict.Reason, StringComparison.Ordinal);
        Assert.Single(_warnings);
    }

    [PeerTheory("pamtester")]
    [InlineData("")]
    [InlineData("../both")]
    [InlineData("/etc/pam.d/both")]
    [InlineData("a/both")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("both\n")]
    [InlineData("both\0")]
    [InlineData("böth")]
    public async Task A_service_name_that_is_a_path_is_refused_before_PAM_sees_it(string service)
    {
        Service("both", "auth required pam_permit.so", "account required pam_permit.so");
        Service("other", "auth required pam_permit.so", "account required pam_permit.so");
        PasswordVerdict verdict = await Verifier().AskAsync("alice", "pencil", service: service);
        Assert.Equal(PasswordOutcome.Unavailable, verdict.Outcome);
        Assert.StartsWith("PAM start error: ", verdict.Reason, StringComparison.Ordinal);
        Assert.Empty(_warnings);
    }

    [PeerFact("pamtester")]
    public async Task PAM_gets_login_service_password_and_the_clients_address()
    {
        string seen = _services.At("seen");
        string script = Script($"printf '%s|%s|%s|%s\\n' \"$PAM_USER\" \"$PAM_SERVICE\" \"$PAM_RHOST\" \"$(cat | tr -d '\\0')\" >> {seen}");
        Service("smtp", $"auth required pam_exec.so quiet expose_authtok {script}", "account required pam_permit.so");
        PamVerifier verifier = Verifier();
        EndPoint?[] clients =
        [
            new IPEndPoint(IPAddress.Parse("192.0.2.7"), 25), new IPEndPoint(IPAddress.Parse("::ffff:192.0.2.8"), 25),
            new IPEndPoint(IPAddress.Parse("2001:db8::1"), 25), new DnsEndPoint("client.example", 25), null,
        ];
        foreach (EndPoint? client in clients)
        {
            PasswordVerdict verdict = await verifier.VerifyAsync(
                new SaslUser("alice", "example.com"), "pencil"u8.ToArray(), Asking.Service(remote: client), default);
            Assert.Equal(PasswordOutcome.Match, verdict.Outcome);
        }
        await Verifier(options => options with { JoinRealm = true }).AskAsync("alice", "pencil", realm: "example.com");
        Assert.Equal(
            [
                "alice|smtp|192.0.2.7|pencil", "alice|smtp|192.0.2.8|pencil", "alice|smtp|2001:db8::1|pencil", "alice|smtp|client.example|pencil",
                "alice|smtp||pencil", "alice@example.com|smtp||pencil",
            ],
            await File.ReadAllLinesAsync(seen));
    }

    [PeerFact("pamtester")]
    public async Task What_modules_say_is_for_the_administrator_and_without_the_password()
    {
        string script = Script("echo The door is closed on Sundays; cat | tr -d '\\0'; echo; exit 1");
        Service("smtp", $"auth required pam_exec.so stdout expose_authtok {script}", "account required pam_permit.so");
        PasswordVerdict verdict = await Verifier().AskAsync("alice", "pencil-of-mine");
        Assert.NotEqual(PasswordOutcome.Match, verdict.Outcome);
        Assert.Contains("The door is closed on Sundays", verdict.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("pencil-of-mine", verdict.ToString(), StringComparison.Ordinal);
    }

    [PeerFact("pamtester")]
    public async Task A_talkative_module_changes_nothing()
    {
        string chatty = Directory.EnumerateFiles("/usr", "pam_chatty.so", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 4 }).First();
        Service("smtp", $"auth required {chatty} info error num_lines=200", "auth required pam_permit.so", "account required pam_permit.so");
        PasswordVerdict verdict = await Verifier().AskAsync("alice", "pencil");
        Assert.Equal((PasswordOutcome.Match, null), (verdict.Outcome, verdict.Reason));
    }

    [PeerFact("pamtester")]
    public async Task Times_of_day_and_places_are_for_the_account_phase()
    {
        string never = _services.Write("time.conf", "*;*;alice;!Al0000-2400\n");
        Service("smtp", "auth required pam_permit.so", $"account required pam_time.so conffile={never}");
        Assert.Equal((PasswordOutcome.Disabled, "PAM acct error: Permission denied (6)"), await OutcomeAsync("alice"));
        Assert.Equal((PasswordOutcome.Match, null), await OutcomeAsync("bob"));

        async Task<(PasswordOutcome, string?)> OutcomeAsync(string name)
        {
            PasswordVerdict verdict = await Verifier().AskAsync(name, "pencil");
            return (verdict.Outcome, verdict.Reason);
        }
    }

    [PeerFact("pamtester")]
    public async Task The_delay_after_a_failure_holds_the_answer_but_no_thread()
    {
        Service("smtp", "auth optional pam_faildelay.so delay=600000000", "auth required pam_deny.so", "account required pam_permit.so");
        Service("imap", "auth required pam_permit.so", "account required pam_permit.so");
        using var one = new SaslWorkQueue(1);
        var clock = new FakeTimeProvider();
        PamVerifier verifier = Verifier(options => options with { Clock = clock }, one);

        Task<PasswordVerdict> refused = verifier.AskAsync("alice", "pencil").AsTask();
        Assert.Equal(PasswordOutcome.Match, (await verifier.AskAsync("alice", "pencil", service: "imap")).Outcome);
        Assert.False(refused.IsCompleted);

        // The delay is random, half to three halves of what was asked for; ten minutes are cut to the longest that is waited. The check runs
        // beside this, so the clock goes on until the answer is there.
        while (!refused.IsCompleted)
        {
            clock.Advance(PamVerifier.MaxFailureDelay);
            await Task.Yield();
        }
        Assert.Equal(PasswordOutcome.Mismatch, (await refused).Outcome);
    }

    [PeerFact("pamtester")]
    public async Task The_delay_can_be_left_to_the_caller()
    {
        Service("smtp", "auth optional pam_faildelay.so delay=600000000", "auth required pam_deny.so", "account required pam_permit.so");
        using var one = new SaslWorkQueue(1);
        PasswordVerdict verdict = await Verifier(options => options with { Clock = new FakeTimeProvider(), LeaveDelayToCaller = true }, one).AskAsync("alice", "pencil");
        Assert.Equal((PasswordOutcome.Mismatch, PamVerifier.MaxFailureDelay), (verdict.Outcome, verdict.Delay));
    }

    [PeerFact("pamtester")]
    public async Task Waiting_for_the_delay_can_be_cancelled()
    {
        Service("smtp", "auth optional pam_faildelay.so delay=600000000", "auth required pam_deny.so", "account required pam_permit.so");
        using var cancelled = new CancellationTokenSource();
        Task<PasswordVerdict> refused = Verifier(options => options with { Clock = new FakeTimeProvider() })
            .VerifyAsync(new SaslUser("alice", ""), "pencil"u8.ToArray(), Asking.Service(), cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => refused);
    }

    [PeerFact("pamtester", "python3")]
    public async Task Fifty_at_once_get_each_their_own_answer()
    {
        await UseUserFileAsync();
        PamVerifier verifier = Verifier();
        PasswordVerdict[] verdicts = await Task.WhenAll(Enumerable.Range(0, 50)
            .Select(number => verifier.AskAsync($"user{number % 10}", $"secret{(number % 3 == 0 ? number % 10 : 99)}").AsTask()));
        Assert.All(verdicts.Index(), static pair => Assert.Equal(pair.Index % 3 == 0 ? PasswordOutcome.Match : PasswordOutcome.Mismatch, pair.Item.Outcome));
    }

    [PeerFact("pamtester", "python3")]
    public async Task A_thousand_checks_leave_nothing_open()
    {
        await UseUserFileAsync();
        await AskerProcess.AssertNothingStaysAsync(AskerProcess.Command(null, "pam", "now", _services.FullPath), "user1", "secret1");
    }

    [PeerFact("pamtester", "unshare", "python3")]
    public async Task Pam_unix_decides_by_the_systems_accounts()
    {
        using var accounts = new PrivateAccounts();
        string hash = (await SystemCrypt.HashAsync(("pencil"u8.ToArray(), SystemCrypt.Settings["yescrypt"])))[0]!;
        accounts.Add("alice", hash).Add("closed", hash, "19000:0:99999:7::19001:").Add("stale", hash, "19000:0:10:7:::").Add("new", hash, "0:0:99999:7:::")
            .Add("locked", $"!{hash}").Add("empty", "");
        accounts.Folder.Write("pam/interop", "auth required pam_unix.so nullok nodelay\naccount required pam_unix.so\n");
        accounts.Folder.Write("pam/other", "auth required pam_deny.so\naccount required pam_deny.so\n");
        PeerCommand command = accounts.Wrap(AskerProcess.Command(null, "pam", "now", accounts.Folder.At("pam")));

        AskerAnswers answers = await AskerProcess.AskAsync(command, "interop",
        [
            ("alice", "pencil"u8.ToArray()), ("alice", "crayon"u8.ToArray()), ("nobody-there", "pencil"u8.ToArray()), ("closed", "pencil"u8.ToArray()),
            ("stale", "pencil"u8.ToArray()), ("new", "pencil"u8.ToArray()), ("locked", "pencil"u8.ToArray()), ("empty", []),
        ]);

        Assert.Equal(
            [
                PasswordOutcome.Match, PasswordOutcome.Mismatch, PasswordOutcome.UnknownUser, PasswordOutcome.Disabled,
                PasswordOutcome.Expired, PasswordOutcome.Expired, PasswordOutcome.Mismatch, PasswordOutcome.Mismatch,
            ],
            answers.Verdicts.Select(static verdict => verdict.Outcome));
        Assert.Empty(answers.Warnings);
        Assert.Single((await AskerProcess.AskAsync(command, ("alice", "pencil"), ("alice", "pencil"))).Warnings);
    }

    [PeerFact("pamtester")]
    public async Task The_daemons_checker_asks_the_systems_PAM()
    {
        Assert.Null(PamVerifier.Checker.MissingOnPlatform);
        IPasswordVerifier verifier = PamVerifier.Checker.Make(new SaslauthdCheckerContext { Work = _work, Warn = _warnings.Add, Clock = new FakeTimeProvider() });
        Assert.Equal(PasswordOutcome.Mismatch, (await verifier.AskAsync("alice", "", service: "no-such-service")).Outcome);
    }

    private static byte[] Octets(char letter, int count) => Encoding.ASCII.GetBytes(new string(letter, count));

    private string Script(string commands)
    {
        string path = _services.Write("script.sh", $"#!/bin/sh\n{commands}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private void Service(string name, params string[] lines) => _services.Write(name, string.Join('\n', lines) + "\n");

    private async Task UseUserFileAsync()
    {
        IReadOnlyList<string?> hashes = await SystemCrypt.HashAsync([.. Enumerable.Range(0, 10)
            .Select(static number => (Encoding.ASCII.GetBytes($"secret{number}"), SystemCrypt.Settings["md5crypt"]))]);
        string users = _services.Write("users", string.Concat(hashes.Index().Select(static pair => $"user{pair.Index}:{pair.Item}\n")));
        Service("smtp", $"auth required pam_pwdfile.so nodelay pwdfile={users}", "account required pam_permit.so");
    }

    private PamVerifier Verifier(Func<PamOptions, PamOptions>? change = null, SaslWorkQueue? work = null)
    {
        var options = new PamOptions { ConfigurationDirectory = _services.FullPath, Warn = _warnings.Add };
        return new PamVerifier(work ?? _work, change is null ? options : change(options));
    }
}
