using System.Text;
using Sasl.Mechanisms;
using Xunit;

namespace Sasl.Cli.Tests;

public sealed class PasswdTests : IDisposable
{
    private static readonly string[] s_scram =
    [
        "authPassword", "cmusaslsecretSCRAM-SHA-1", "cmusaslsecretSCRAM-SHA-224", "cmusaslsecretSCRAM-SHA-384", "cmusaslsecretSCRAM-SHA-512",
    ];

    private readonly CliFolder _folder = new();

    // MD5(user:realm:password) can be tried out quickly, and is as good as the password to whoever has it.
    [Theory]
    [InlineData("", false)]
    [InlineData("mech_list: SCRAM-SHA-256 PLAIN\n", false)]
    [InlineData("mech_list: SCRAM-SHA-256 digest-md5\n", true)]
    public async Task What_DIGEST_MD5_needs_is_stored_only_where_mech_list_names_it(string configuration, bool stored)
    {
        _folder.Configure("saslpasswd", configuration);
        CliResult set = await _folder.RunAsync("pencil", "passwd", "-p", "-c", "-n", "-f", _folder.Database, "-u", "example.com", "alice");
        CliResult list = await _folder.RunAsync("", "users", _folder.Database);

        Assert.Equal(0, set.ExitCode);
        Assert.Equal(stored, list.Output.Contains("alice@example.com: cmusaslsecretDIGEST-MD5", StringComparison.Ordinal));
        Assert.DoesNotContain("userPassword", list.Output, StringComparison.Ordinal);
    }

    // CRAM-MD5, NTLM and PASSDSS-3DES-1 have no record of their own: they work from the plain text.
    [Theory]
    [InlineData("SCRAM-SHA-1", "cmusaslsecretSCRAM-SHA-1")]
    [InlineData("SCRAM-SHA-224", "cmusaslsecretSCRAM-SHA-224")]
    [InlineData("SCRAM-SHA-256", "authPassword")]
    [InlineData("SCRAM-SHA-384", "cmusaslsecretSCRAM-SHA-384")]
    [InlineData("SCRAM-SHA-512", "cmusaslsecretSCRAM-SHA-512")]
    [InlineData("SCRAM-SHA3-512", "cmusaslsecretSCRAM-SHA3-512")]
    [InlineData("DIGEST-MD5", "cmusaslsecretDIGEST-MD5")]
    [InlineData("OTP", "cmusaslsecretOTP")]
    [InlineData("SRP", "cmusaslsecretSRP")]
    [InlineData("CRAM-MD5", null)]
    [InlineData("NTLM", null)]
    [InlineData("PASSDSS-3DES-1", null)]
    public async Task A_mechanism_that_mech_list_names_finds_its_record_and_n_leaves_no_plain_text(string mechanism, string? record)
    {
        await _folder.StoreAsync("alice", "r", ("userPassword", "old"));
        _folder.Configure("saslpasswd", $"mech_list: {mechanism}\n");

        CliResult without = await SetAsync(CliFolder.Password, "-n", "-u", "r", "alice");
        Dictionary<string, string> stored = await _folder.StoredAsync("alice", "r");
        await SetAsync(CliFolder.Password, "-u", "r", "alice");
        bool isPlain = (await _folder.StoredAsync("alice", "r")).ContainsKey("userPassword");

        Assert.Equal("", without.Error);
        Assert.DoesNotContain("userPassword", stored.Keys);
        Assert.DoesNotContain(CliFolder.Password, string.Concat(stored.Values));
        Assert.Equal(record is null, isPlain);
        Assert.Equal(s_scram.Append(record ?? s_scram[0]).Distinct().Order(), stored.Keys.Order());
    }

    [Fact]
    public async Task Deleting_from_a_file_that_is_not_there_says_so_and_makes_none()
    {
        CliResult result = await _folder.RunAsync("", "passwd", "-d", "-f", _folder.Database + ".typo", "bob");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("there was no such user", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.Database + ".typo"));
    }

    [Theory]
    [InlineData("bdb")]
    [InlineData("berkeley")]
    [InlineData("gdbm")]
    public async Task A_file_named_by_f_is_made_as_the_configuration_says(string type)
    {
        _folder.Configure("saslpasswd", $"sasldb_type: {type}\n");
        Assert.Equal(0, (await _folder.RunAsync("pencil", "passwd", "-p", "-c", "-f", _folder.Database, "-u", "r", "alice")).ExitCode);
        CliResult verified = await _folder.RunAsync("", "users", "-f", _folder.Database, "--verify");
        Assert.Contains(type == "bdb" ? "berkeley" : type, verified.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_becomes_keys_for_every_hash_and_is_not_stored_itself()
    {
        CliResult result = await SetAsync(CliFolder.Password, "-c", "-u", "example.com", "alice");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("", result.Output + result.Error);
        Dictionary<string, string> stored = await _folder.StoredAsync("alice", "example.com");
        Assert.Equal(s_scram, stored.Keys.Order());
        Assert.DoesNotContain(CliFolder.Password, string.Concat(stored.Values));
    }

    [Fact]
    public async Task The_stored_keys_are_those_of_the_password()
    {
        await SetAsync(CliFolder.Password, "-u", "r", "alice");

        string stored = (await _folder.StoredAsync("alice", "r"))["authPassword"];
        PasswordForm form = ScramMechanisms.PasswordForms.First(form => form.CostOf(Encoding.ASCII.GetBytes(stored)) is not null);
        Assert.True(form.Verify(Encoding.ASCII.GetBytes(stored), Encoding.ASCII.GetBytes(CliFolder.Password)));
        Assert.False(form.Verify(Encoding.ASCII.GetBytes(stored), "another"u8));
    }

    [Fact]
    public async Task Plain_text_is_stored_with_plain_only()
    {
        await SetAsync(CliFolder.Password, "--plain", "-u", "r", "alice");

        Assert.Equal(CliFolder.Password, (await _folder.StoredAsync("alice", "r"))["userPassword"]);
    }

    [Theory]
    [InlineData("CRAM-MD5 PLAIN", true)]
    [InlineData("PLAIN DIGEST-MD5 SCRAM-SHA-256", false)]
    [InlineData("PLAIN LOGIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS", false)]
    public async Task Plain_text_is_stored_where_mech_list_names_a_mechanism_that_needs_it(string list, bool isStored)
    {
        _folder.Configure("saslpasswd", $"mech_list: {list}\n");

        CliResult result = await SetAsync(CliFolder.Password, "-u", "r", "alice");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(isStored, (await _folder.StoredAsync("alice", "r")).ContainsKey("userPassword"));
    }

    [Fact]
    public async Task With_n_plain_text_is_never_stored()
    {
        _folder.Configure("saslpasswd", "mech_list: CRAM-MD5 PLAIN\n");

        await SetAsync(CliFolder.Password, "-n", "-u", "r", "alice");

        Assert.Equal(s_scram, (await _folder.StoredAsync("alice", "r")).Keys.Order());
    }

    [Fact]
    public async Task A_new_password_leaves_nothing_of_the_old_one()
    {
        await _folder.StoreAsync(
            "alice", "r", ("userPassword", "old"), ("cmusaslsecretPLAIN", "old"), ("cmusaslsecretOTP", "md5\t0499\told"), ("cmusaslsecretCRAM-MD5", "old"),
            ("authPassword", "old"), ("homeDirectory", "/home/alice"));

        await SetAsync(CliFolder.Password, "-u", "r", "alice");

        Dictionary<string, string> stored = await _folder.StoredAsync("alice", "r");
        Assert.DoesNotContain("old", stored.Values.SelectMany(static value => value.Split('\t')));
        Assert.Equal([.. s_scram, "homeDirectory"], stored.Keys.Order());
    }

    [Fact]
    public async Task Keys_of_an_old_password_go_even_when_no_new_ones_are_made()
    {
        _folder.Configure("saslpasswd", "scram_secret_generate: no\n");
        await _folder.StoreAsync("alice", "r", ("authPassword", "old"), ("cmusaslsecretSCRAM-SHA-512", "old"));

        CliResult result = await SetAsync(CliFolder.Password, "--plain", "-u", "r", "alice");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(["userPassword"], (await _folder.StoredAsync("alice", "r")).Keys);
    }

    [Fact]
    public async Task Nothing_to_store_is_said_and_changes_nothing()
    {
        _folder.Configure("saslpasswd", "scram_secret_generate: no\n");
        await _folder.StoreAsync("alice", "r", ("userPassword", "old"));

        CliResult result = await SetAsync(CliFolder.Password, "-u", "r", "alice");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("scram_secret_generate", result.Error);
        Assert.Equal("old", (await _folder.StoredAsync("alice", "r"))["userPassword"]);
    }

    [Fact]
    public async Task The_iteration_count_is_the_configured_one()
    {
        _folder.Configure("saslpasswd", "scram_iteration_counter: 5000\n");

        await SetAsync(CliFolder.Password, "-u", "r", "alice");

        Assert.All((await _folder.StoredAsync("alice", "r")).Values, static value => Assert.Contains("$5000:", value));
    }

    [Fact]
    public async Task The_configured_file_is_used_and_that_of_f_comes_before_it()
    {
        _folder.Configure("saslpasswd", $"sasldb_path: {_folder.Database}\n");
        _folder.Configure("other", $"sasldb_path: {_folder.Path}/elsewhere\n");

        CliResult first = await _folder.RunAsync("one", "passwd", "-u", "r", "alice");
        CliResult second = await _folder.RunAsync("one", "passwd", "-a", "other", "-f", _folder.Database, "-u", "r", "bob");
        CliResult third = await _folder.RunAsync("one", "passwd", "-a", "other", "-u", "r", "carol");

        Assert.All([first, second, third], static result => Assert.Equal(0, result.ExitCode));
        Assert.Equal(["alice", "bob"], (await _folder.UsersAsync()).Select(static user => user.Name).Order());
        Assert.True(File.Exists($"{_folder.Path}/elsewhere"));
    }

    [Fact]
    public async Task The_realm_is_the_one_of_u_or_in_the_userid_or_the_host_name()
    {
        await SetAsync("one", "-u", "a.example", "alice");
        await SetAsync("one", "bob@b.example");
        await SetAsync("one", "carol");
        await SetAsync("one", "-u", "d.example", "dora@d.example");

        Assert.Equal(
            [new("alice", "a.example"), new("bob", "b.example"), new("carol", SaslServerOptions.DefaultServerName.ToLowerInvariant()), new("dora", "d.example")],
            (await _folder.UsersAsync()).OrderBy(static user => user.Name, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("-u", "a.example", "alice@b.example")]
    [InlineData("-u", "r", "")]
    [InlineData("-u", "r", "@alice")]
    [InlineData("-u", "r", "ali\u0007ce")]
    [InlineData("-u", "r", "ali\u0221ce")]
    public async Task A_userid_that_no_login_could_ever_name_is_refused(params string[] arguments)
    {
        CliResult result = await SetAsync("one", arguments);

        Assert.Equal(7, result.ExitCode);
        Assert.Contains("userid", result.Error);
        Assert.False(File.Exists(_folder.Database));
    }

    [Fact]
    public async Task Deleting_takes_everything_of_the_user_and_nothing_else()
    {
        await _folder.StoreAsync("alice", "r", ("userPassword", "one"), ("homeDirectory", "/home/alice"));
        await _folder.StoreAsync("bob", "r", ("userPassword", "two"));

        CliResult result = await SetAsync("", "-d", "-u", "r", "alice");
        CliResult again = await SetAsync("", "-d", "-u", "r", "alice");

        Assert.Equal((0, 0), (result.ExitCode, again.ExitCode));
        Assert.Equal([new SaslUser("bob", "r")], await _folder.UsersAsync());
    }

    [Theory]
    [InlineData("secret", "secret")]
    [InlineData("secret\n", "secret")]
    [InlineData(" sec ret \n", " sec ret ")]
    [InlineData("geheim\u00e4", "geheim\u00e4")]
    [InlineData("a\u00a0b", "a b")]
    public async Task A_pipe_gives_the_password_without_one_final_newline_prepared_with_SASLprep(string input, string stored)
    {
        CliResult result = await SetAsync(input, "-p", "--plain", "-u", "r", "alice");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(stored, (await _folder.StoredAsync("alice", "r"))["userPassword"]);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("\n", "empty")]
    [InlineData("secret\n\n", "SASLprep")]
    [InlineData("sec\rret", "SASLprep")]
    [InlineData("sec\0ret", "NUL")]
    public async Task A_password_that_cannot_be_used_is_refused_with_a_sentence(string input, string reason)
    {
        CliResult result = await SetAsync(input, "-p", "-u", "r", "alice");

        Assert.Equal(7, result.ExitCode);
        Assert.Contains(reason, result.Error);
        Assert.False(File.Exists(_folder.Database));
    }

    [Fact]
    public async Task Octets_that_are_not_UTF8_are_refused()
    {
        CliResult result = await _folder.RunAsync([0x73, 0xff, 0x74], "passwd", "-f", _folder.Database, "-u", "r", "alice");

        Assert.Equal(7, result.ExitCode);
    }

    [Theory]
    [InlineData(2048, "", 0)]
    [InlineData(2048, "\n", 0)]
    [InlineData(2049, "", 7)]
    [InlineData(2049, "\n", 7)]
    [InlineData(100_000, "", 7)]
    public async Task A_password_is_taken_whole_or_not_at_all(int length, string end, int code)
    {
        CliResult result = await SetAsync(new string('x', length) + end, "-p", "--plain", "-u", "r", "alice");

        Assert.Equal(code, result.ExitCode);
        if (code == 0)
            Assert.Equal(length, (await _folder.StoredAsync("alice", "r"))["userPassword"].Length);
        else
            Assert.Contains("2048", result.Error);
    }

    [Fact]
    public async Task Somebody_at_a_terminal_is_asked_twice()
    {
        CliResult result = await _folder.RunAsync(new TypingUser("geheim", "geheim"), "passwd", "-f", _folder.Database, "--plain", "-u", "r", "alice");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("Password: Again (for verification): ", result.Error);
        Assert.Equal("geheim", (await _folder.StoredAsync("alice", "r"))["userPassword"]);
    }

    [Fact]
    public async Task Two_passwords_that_differ_change_nothing()
    {
        CliResult result = await _folder.RunAsync(new TypingUser("geheim", "Geheim"), "passwd", "-f", _folder.Database, "-u", "r", "alice");

        Assert.Equal(7, result.ExitCode);
        Assert.Contains("differ", result.Error);
        Assert.DoesNotContain("geheim", result.Error, StringComparison.OrdinalIgnoreCase);
        Assert.False(File.Exists(_folder.Database));
    }

    [Fact]
    public async Task With_p_nobody_is_asked_even_at_a_terminal()
    {
        CliResult result = await _folder.RunAsync(new TypingUser(), "passwd", "-p", "-f", _folder.Database, "-u", "r", "alice");

        Assert.Equal(7, result.ExitCode);
        Assert.Contains("empty", result.Error);
    }

    [Fact]
    public async Task A_broken_configuration_is_named_with_its_line()
    {
        _folder.Configure("saslpasswd", "auxprop_plugin: sasldb\nscram_iteration_counter: 12\n");

        CliResult result = await SetAsync("one", "-u", "r", "alice");

        Assert.Equal(100, result.ExitCode);
        Assert.Contains("saslpasswd.conf(2)", result.Error);
    }

    [Fact]
    public async Task A_damaged_file_is_left_alone()
    {
        File.WriteAllText(_folder.Database, new string('x', 8192));

        CliResult result = await SetAsync("one", "-u", "r", "alice");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(_folder.Database, result.Error);
        Assert.Equal(new string('x', 8192), File.ReadAllText(_folder.Database));
    }

    [Fact]
    public async Task A_userid_may_look_like_an_option_behind_two_hyphens_and_like_a_file_anywhere()
    {
        CliResult hyphen = await SetAsync("one", "-u", "r", "--", "-alice");
        CliResult at = await SetAsync("one", "-u", "r", "bob+@r");

        Assert.Equal((0, 0), (hyphen.ExitCode, at.ExitCode));
        Assert.Equal([new("-alice", "r"), new("bob+", "r")], await _folder.UsersAsync());
    }

    [Fact]
    public async Task Options_bundle_as_with_getopt()
    {
        CliResult result = await _folder.RunAsync("one", "passwd", "-pcn", $"-f{_folder.Database}", "-ur", "alice");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal([new SaslUser("alice", "r")], await _folder.UsersAsync());
    }

    public void Dispose() => _folder.Dispose();

    private Task<CliResult> SetAsync(string input, params string[] arguments) => _folder.RunAsync(input, ["passwd", "-f", _folder.Database, .. arguments]);
}
