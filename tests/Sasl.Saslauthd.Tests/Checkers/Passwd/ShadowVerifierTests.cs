using System.Text;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Saslauthd.Tests.Checkers.Passwd;

/// <summary>The checkers <c>shadow</c> and <c>getpwent</c> among accounts of their own, in another process.</summary>
public sealed class ShadowVerifierTests : IDisposable
{
    // 20781 days after 1 January 1970.
    private const string Today = "2026-11-24";

    private readonly PrivateAccounts _accounts = new();

    public void Dispose() => _accounts.Dispose();

    [PeerFact("unshare", "python3")]
    public async Task Every_hash_that_the_systems_crypt_makes_is_known()
    {
        (string Method, string Hash)[] hashes = await HashesAsync("secret");
        foreach ((string method, string hash) in hashes)
            _accounts.Add(method, hash);

        AskerAnswers right = await AskAsync("shadow", hashes.Select(static made => (made.Method, "secret")));
        AskerAnswers wrong = await AskAsync("shadow", hashes.Select(static made => (made.Method, "Secret")));

        Assert.All(right.Verdicts, static verdict => Assert.Equal((PasswordOutcome.Match, null), (verdict.Outcome, verdict.Reason)));
        Assert.All(wrong.Verdicts, static verdict => Assert.Equal((PasswordOutcome.Mismatch, "Incorrect password"), (verdict.Outcome, verdict.Reason)));
        Assert.Superset(new HashSet<string> { "yescrypt", "sha512crypt", "sha256crypt", "bcrypt", "md5crypt", "des" },
            hashes.Select(static made => made.Method).ToHashSet());
    }

    [PeerFact("unshare", "python3")]
    public async Task Getpwent_knows_the_hashes_that_are_in_passwd_itself()
    {
        (string Method, string Hash)[] hashes = await HashesAsync("secret");
        foreach ((string method, string hash) in hashes)
            _accounts.AddWithoutShadow(method, hash);
        _accounts.Add("shadowed", hashes[0].Hash);

        AskerAnswers right = await AskAsync("getpwent", hashes.Select(static made => (made.Method, "secret")));
        AskerAnswers others = await AskAsync("getpwent", [(hashes[0].Method, "wrong"), ("nobody-there", "secret"), ("shadowed", "secret"), ("nobody", "x")]);

        Assert.All(right.Verdicts, static verdict => Assert.Equal((PasswordOutcome.Match, null), (verdict.Outcome, verdict.Reason)));
        Assert.Equal(
            [PasswordOutcome.Mismatch, PasswordOutcome.UnknownUser, PasswordOutcome.Mismatch, PasswordOutcome.Mismatch],
            others.Verdicts.Select(static verdict => verdict.Outcome));
        Assert.Equal("Incorrect password", others.Verdicts[0].Reason);
        Assert.Equal("Invalid username", others.Verdicts[1].Reason);
        Assert.Contains("the checker for that is shadow", others.Verdicts[2].Reason, StringComparison.Ordinal);
    }

    [PeerFact("unshare", "python3")]
    public async Task Passwords_of_any_length_and_any_octets_are_compared_whole()
    {
        byte[][] passwords = [Encoding.UTF8.GetBytes("Kennwort-ÄÖ-密码"), [0xff, 0xfe, 0x80, 1, 10, 13], [.. Enumerable.Repeat((byte)'l', 511)]];
        string setting = SystemCrypt.Settings["sha512crypt"];
        IReadOnlyList<string?> hashes = await SystemCrypt.HashAsync([.. passwords.Select(password => (password, setting))]);
        for (int number = 0; number < passwords.Length; number++)
            _accounts.Add($"user{number}", hashes[number]!);

        (string, byte[])[] right = [.. passwords.Select(static (password, number) => ($"user{number}", password))];
        (string, byte[])[] wrong =
        [
            ("user0", []), ("user0", [.. passwords[0], 0]), ("user0", passwords[0][..^1]), ("user1", [.. passwords[1], 1]),
            ("user2", passwords[2][1..]), ("user2", [.. passwords[2], (byte)'l']), ("user2", new byte[70_000]),
        ];
        PeerCommand command = _accounts.Wrap(AskerProcess.Command(null, "shadow", Today));
        Assert.All((await AskerProcess.AskAsync(command, "smtp", right)).Verdicts, static verdict => Assert.Equal(PasswordOutcome.Match, verdict.Outcome));
        Assert.All((await AskerProcess.AskAsync(command, "smtp", wrong)).Verdicts, static verdict => Assert.Equal(PasswordOutcome.Mismatch, verdict.Outcome));
    }

    [PeerTheory("unshare", "python3")]
    [InlineData("20781:0:99999:7:::", "secret", PasswordOutcome.Match, null)]
    [InlineData("20781:9:99999:7:::", "secret", PasswordOutcome.Match, null)]
    [InlineData("::::::", "secret", PasswordOutcome.Match, null)]
    [InlineData("20771::10::::", "secret", PasswordOutcome.Match, null)]
    [InlineData("20770::10::::", "secret", PasswordOutcome.Expired, "Password expired")]
    [InlineData("20770::10::::", "wrong", PasswordOutcome.Mismatch, "Incorrect password")]
    [InlineData("20770::10::5::", "secret", PasswordOutcome.Expired, "Password expired")]
    [InlineData("20765::10::5::", "secret", PasswordOutcome.Expired, "Password expired: the time to change it is over too")]
    [InlineData("0:0:99999:7:::", "secret", PasswordOutcome.Expired, "Password expired: it must be changed before the next login")]
    [InlineData("0:0:99999:7:::", "wrong", PasswordOutcome.Mismatch, "Incorrect password")]
    [InlineData("20000:0:99999:7::20782:", "secret", PasswordOutcome.Match, null)]
    [InlineData("20000:0:99999:7::20781:", "secret", PasswordOutcome.Disabled, "Account expired")]
    [InlineData("20000:0:99999:7::20000:", "wrong", PasswordOutcome.Mismatch, "Incorrect password")]
    [InlineData("20000:0:99999:7::0:", "secret", PasswordOutcome.Disabled, "Account expired")]
    public async Task The_days_of_shadow_are_honoured(string aging, string password, PasswordOutcome outcome, string? reason)
    {
        _accounts.Add("alice", (await HashAsync("secret", "sha256crypt"))!, aging);
        PasswordVerdict verdict = (await AskAsync("shadow", [("alice", password)])).Verdicts[0];
        Assert.Equal((outcome, reason), (verdict.Outcome, verdict.Reason));
    }

    [PeerFact("unshare", "python3")]
    public async Task Locked_accounts_let_nobody_in()
    {
        string hash = (await HashAsync("secret", "sha512crypt"))!;
        _accounts.Add("locked", $"!{hash}").Add("twice", $"!!{hash}").Add("star", "*").Add("bang", "!").Add("new", "!!").Add("empty", "")
            .Add("starred", $"*{hash}").AddShadowOnly("ghost", hash).AddWithoutShadow("half", "x");

        AskerAnswers answers = await AskAsync("shadow",
        [
            ("locked", "secret"), ("twice", "secret"), ("locked", "wrong"), ("star", "*"), ("bang", "!"), ("new", "!!"), ("empty", "x"), ("empty", ""),
            ("starred", "secret"), ("ghost", "secret"), ("half", "secret"), ("nobody-there", "secret"),
        ]);

        Assert.Equal(
            [
                "Disabled: Incorrect password: the password of the account is locked",
                "Disabled: Incorrect password: the password of the account is locked",
                "Mismatch: Incorrect password",
                "Mismatch: Incorrect password: the account has no password",
                "Mismatch: Incorrect password: the account is locked",
                "Mismatch: Incorrect password: the account is locked",
                "Mismatch: Incorrect password: the account has an empty password",
                "Mismatch: Incorrect password: the password is empty",
                "Mismatch: Incorrect password: the account has no password",
                "UnknownUser: Invalid username",
                "UnknownUser: Invalid shadow username",
                "UnknownUser: Invalid username",
            ],
            answers.Verdicts.Select(static verdict => $"{verdict.Outcome}: {verdict.Reason}"));
    }

    // crypt() answers with no hash, or with "*0" or "*1", which a stored "*0" must not equal.
    [PeerFact("unshare", "python3")]
    public async Task CVE_2013_4122_A_hash_that_crypt_does_not_know_lets_nobody_in()
    {
        string[] fields = ["$9$salt$hash", "$", "$$", "$6", "*0", "*1", "**", "x", "xx", "é", "$2b$99$abcdefghijklmnopqrstuu", "$6$rounds=1$"];
        for (int number = 0; number < fields.Length; number++)
        {
            _accounts.Add($"shadow{number}", fields[number]);
            _accounts.AddWithoutShadow($"passwd{number}", fields[number]);
        }
        string[] passwords = ["*0", "*1", "x", "secret"];
        foreach (string checker in new[] { "shadow", "getpwent" })
        {
            string prefix = checker == "shadow" ? "shadow" : "passwd";
            AskerAnswers answers = await AskAsync(checker, fields.SelectMany((_, number) => passwords.Select(password => ($"{prefix}{number}", password))));
            Assert.Equal(fields.Length * passwords.Length, answers.Verdicts.Count);
            Assert.All(answers.Verdicts, static verdict => Assert.Equal(PasswordOutcome.Mismatch, verdict.Outcome));
        }
    }

    [PeerFact("unshare", "python3")]
    public async Task A_name_with_a_colon_a_line_end_or_a_NUL_is_nobody()
    {
        string hash = (await HashAsync("secret", "sha256crypt"))!;
        _accounts.Add("alice", hash);
        AskerAnswers answers = await AskAsync("shadow",
            [("alice:x", "secret"), ("alice\0", "secret"), ("alice\v", "secret"), (new string('a', 300), "secret"), ("alice ", "secret"), ("ALICE", "secret"), ("alice", "secret")]);
        Assert.Equal(
            [.. Enumerable.Repeat(PasswordOutcome.UnknownUser, 6), PasswordOutcome.Match], answers.Verdicts.Select(static verdict => verdict.Outcome));
    }

    [PeerFact("unshare", "python3")]
    public async Task Lines_longer_than_the_first_buffer_are_found()
    {
        _accounts.Add(new string('n', 200), (await HashAsync("secret", "sha512crypt"))!);
        string gecos = new('g', 5000);
        _accounts.AddWithoutShadow("wide", $"{await HashAsync("secret", "sha512crypt")}:4999:65534:{gecos}:/nonexistent:/bin/false\nx{gecos[..9]}:x");
        Assert.Equal(PasswordOutcome.Match, (await AskAsync("shadow", [(new string('n', 200), "secret")])).Verdicts[0].Outcome);
        Assert.Equal(PasswordOutcome.Match, (await AskAsync("getpwent", [("wide", "secret")])).Verdicts[0].Outcome);
    }

    [PeerFact("setpriv", "unshare")]
    public async Task A_process_that_may_not_read_shadow_says_so()
    {
        AskerProcess.CopyTo(_accounts.Folder.FullPath);
        PeerCommand command = AskerProcess.Command(_accounts.Folder.FullPath, "shadow", "now") with { RunAs = "daemon" };
        AskerAnswers answers = await AskerProcess.AskAsync(command, [("root", "secret"), ("daemon", "secret"), ("nobody-there", "secret")]);
        Assert.All(answers.Verdicts.Take(2), static verdict =>
        {
            Assert.Equal(PasswordOutcome.Unavailable, verdict.Outcome);
            Assert.EndsWith("this process runs as daemon", verdict.Reason, StringComparison.Ordinal);
        });
        Assert.Contains("No password can be checked yet", Assert.Single(answers.Warnings), StringComparison.Ordinal);
    }

    [PeerFact("unshare", "python3")]
    public async Task A_thousand_checks_leave_nothing_open()
    {
        _accounts.Add("alice", (await HashAsync("secret", "md5crypt"))!);
        await AskerProcess.AssertNothingStaysAsync(_accounts.Wrap(AskerProcess.Command(null, "shadow", Today)), "alice", "secret");
    }

    private static async Task<string?> HashAsync(string password, string method) =>
        (await SystemCrypt.HashAsync((Encoding.UTF8.GetBytes(password), SystemCrypt.Settings[method])))[0];

    private static async Task<(string Method, string Hash)[]> HashesAsync(string password)
    {
        string[] methods = [.. SystemCrypt.Settings.Keys];
        IReadOnlyList<string?> hashes =
            await SystemCrypt.HashAsync([.. methods.Select(method => (Encoding.UTF8.GetBytes(password), SystemCrypt.Settings[method]))]);
        return [.. methods.Zip(hashes).Where(static pair => pair.Second is not null).Select(static pair => (pair.First, pair.Second!))];
    }

    private Task<AskerAnswers> AskAsync(string checker, IEnumerable<(string Name, string Password)> questions) =>
        AskerProcess.AskAsync(_accounts.Wrap(AskerProcess.Command(null, checker, Today)), questions);
}
