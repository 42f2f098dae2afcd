using System.Text;
using Sasl.Sasldb;
using Xunit;

namespace Sasl.Cli.Tests;

/// <summary>What <c>sasl users</c> does with a whole sasldb: convert, verify, change realms.</summary>
public sealed class ConvertTests : IDisposable
{
    private readonly CliFolder _folder = new();

    private string NewFile => Path.Combine(_folder.Path, "new");

    public static TheoryData<string, string> Forms { get; } = MakeForms();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Every_form_becomes_every_other_and_keeps_everything(string from, string to)
    {
        await FillAsync(from);
        string text = await TextOfAsync(_folder.Database);

        CliResult result = await _folder.RunAsync("", "users", "-f", _folder.Database, "--convert", NewFile, "--format", to);
        CliResult verified = await _folder.RunAsync("", "users", "-f", NewFile, "--verify");

        Assert.Equal((0, $"5 records copied from {_folder.Database} ({from}) to {NewFile} ({to})\n"), (result.ExitCode, result.Output));
        Assert.Equal((0, $"{NewFile}: {to}, 5 records, sound\n"), (verified.ExitCode, verified.Output));
        Assert.Equal(text, await TextOfAsync(NewFile));
        Assert.Equal("new", Assert.Single(NewFiles()));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task An_empty_sasldb_becomes_an_empty_one(string from, string to)
    {
        Assert.Equal(0, (await _folder.RunAsync("pencil", "passwd", "-f", _folder.Database, "--format", from, "-u", "r", "alice")).ExitCode);
        Assert.Equal(0, (await _folder.RunAsync("", "passwd", "-f", _folder.Database, "-d", "-u", "r", "alice")).ExitCode);

        CliResult result = await _folder.RunAsync("", "users", "-f", _folder.Database, "--convert", NewFile, "--format", to);
        CliResult verified = await _folder.RunAsync("", "users", "-f", NewFile, "--verify");

        Assert.Equal(0, result.ExitCode);
        Assert.Equal($"{NewFile}: {to}, 0 records, sound\n", verified.Output);
    }

    [Fact]
    public async Task The_new_file_has_the_old_ones_mode_and_owner()
    {
        if (OperatingSystem.IsWindows())
            return;
        await FillAsync("lmdb");
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        File.SetUnixFileMode(_folder.Database, Mode);

        await _folder.RunAsync("", "users", "-f", _folder.Database, "--convert", NewFile, "--format", "lmdb");

        Assert.Equal(Mode, File.GetUnixFileMode(NewFile));
    }

    [Fact]
    public async Task A_file_that_is_there_stays_unless_forced_and_the_source_always()
    {
        await FillAsync("lmdb");
        await File.WriteAllTextAsync(NewFile, "precious");

        CliResult refused = await _folder.RunAsync("", "users", "-f", _folder.Database, "--convert", NewFile, "--format", "lmdb");
        string kept = await File.ReadAllTextAsync(NewFile);
        CliResult forced = await _folder.RunAsync("", "users", "-f", _folder.Database, "--convert", NewFile, "--format", "lmdb", "--force");
        CliResult itself = await _folder.RunAsync("", "users", "-f", _folder.Database, "--convert", _folder.Database, "--format", "lmdb", "--force");

        Assert.Equal((1, 0, 1), (refused.ExitCode, forced.ExitCode, itself.ExitCode));
        Assert.Equal("precious", kept);
        Assert.Contains("--force", refused.Error);
        Assert.Contains("a name of its own", itself.Error);
        Assert.Equal(await TextOfAsync(_folder.Database), await TextOfAsync(NewFile));
    }

    [Theory]
    [InlineData("--convert", "new", "--format", "lmdb")]
    [InlineData("--export")]
    [InlineData("--verify")]
    [InlineData("--change-realm", "old", "new")]
    public async Task A_file_that_is_garbage_is_named_and_left_alone(params string[] arguments)
    {
        string garbage = new('x', 8192);
        await File.WriteAllTextAsync(_folder.Database, garbage);

        CliResult result = await _folder.RunAsync("", ["users", "-f", _folder.Database, .. Placed(arguments)]);

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("sasl users: ", result.Error);
        Assert.Contains(_folder.Database, result.Error);
        Assert.Equal(garbage, await File.ReadAllTextAsync(_folder.Database));
        Assert.Empty(NewFiles());
    }

    [Theory]
    [InlineData("--convert", "new", "--format", "lmdb")]
    [InlineData("--export")]
    [InlineData("--verify")]
    [InlineData("--change-realm", "old", "new")]
    public async Task A_file_that_is_not_there_is_named(params string[] arguments)
    {
        CliResult result = await _folder.RunAsync("", ["users", "-f", _folder.Database, .. Placed(arguments)]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(_folder.Database, result.Error);
        Assert.Empty(NewFiles());
    }

    [Fact]
    public async Task A_place_where_no_file_can_be_is_named()
    {
        await FillAsync("lmdb");

        CliResult result = await _folder.RunAsync("", "users", "-f", _folder.Database, "--convert", Path.Combine(_folder.Path, "no", "new"), "--format", "lmdb");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("there is no such directory", result.Error);
    }

    [Fact]
    public async Task A_sasldb_of_another_form_than_asked_for_is_not_written()
    {
        await FillAsync("lmdb");

        CliResult set = await _folder.RunAsync("pencil", "passwd", "-f", _folder.Database, "--format", "berkeley", "-c", "-u", "r", "carol");
        CliResult imported = await _folder.RunAsync("VERSION=3\nformat=print\nHEADER=END\nDATA=END\n", "passwd", "-f", _folder.Database, "--format", "berkeley", "--import");

        Assert.All([set, imported], static result =>
        {
            Assert.Equal(1, result.ExitCode);
            Assert.Contains("its form is lmdb", result.Error);
        });
    }

    [Fact]
    public async Task Long_work_says_how_far_it_is_at_intervals_where_asked_for()
    {
        using (var store = new SasldbStore(_folder.Database))
        {
            await store.StoreAllAsync(
                Enumerable.Range(0, 3000).Select(static number => (
                    new SaslUser($"user{number}", "r"), (IReadOnlyList<SaslPropertyValue>)[new SaslPropertyValue("userPassword", "x"u8.ToArray())])),
                CancellationToken.None);
        }
        var output = new StringWriter();
        var error = new StringWriter();
        // Every look at the clock is six seconds after the one before.
        CliConsole console = new(Stream.Null, output, error, false, static () => null) { Time = new HastyTime() };

        int code = await new SaslCommandLine(console).RunAsync(["users", "-f", _folder.Database, "--convert", NewFile, "--format", "lmdb", "--progress"]);

        Assert.Equal(0, code);
        Assert.Contains("sasl users: 2000 records copied", error.ToString());
        Assert.DoesNotContain('\r', error.ToString());
    }

    [Fact]
    public async Task Users_move_to_another_realm_with_everything_but_what_was_made_for_the_old_one()
    {
        await _folder.StoreAsync("alice", "old", ("userPassword", "one"), ("cmusaslsecretDIGEST-MD5", "0123456789abcdef"), ("mail", "a"));
        await _folder.StoreAsync("bob", "old", ("authPassword", "two"));
        await _folder.StoreAsync("carol", "other", ("userPassword", "three"));

        CliResult one = await _folder.RunAsync("", "users", "-f", _folder.Database, "--change-realm", "old", "new.example", "--user", "alice");
        CliResult rest = await _folder.RunAsync("", "users", "-f", _folder.Database, "--change-realm", "old", "new.example");
        CliResult again = await _folder.RunAsync("", "users", "-f", _folder.Database, "--change-realm", "old", "new.example");

        Assert.Equal((0, "1 user, 2 records moved\n"), (one.ExitCode, one.Output));
        Assert.StartsWith("warning: 1 record made for the old realm (DIGEST-MD5", one.Error);
        Assert.Equal((0, "1 user, 1 record moved\n", ""), (rest.ExitCode, rest.Output, rest.Error));
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("nobody in the realm \"old\"", again.Error);
        Assert.Equal(["mail", "userPassword"], (await _folder.StoredAsync("alice", "new.example")).Keys.Order());
        Assert.Equal(
            [new("alice", "new.example"), new("bob", "new.example"), new("carol", "other")],
            (await _folder.UsersAsync()).OrderBy(static user => user.Name, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Nobody_moves_over_somebody_who_is_there()
    {
        await _folder.StoreAsync("alice", "old", ("userPassword", "one"));
        await _folder.StoreAsync("bob", "old", ("userPassword", "one"));
        await _folder.StoreAsync("bob", "new", ("userPassword", "two"));

        CliResult result = await _folder.RunAsync("", "users", "-f", _folder.Database, "--change-realm", "old", "new");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("nothing was changed: bob@new is already there", result.Error);
        Assert.Equal("two", (await _folder.StoredAsync("bob", "new"))["userPassword"]);
        Assert.Equal(3, (await _folder.UsersAsync()).Length);
    }

    [Fact]
    public async Task A_damaged_page_is_found_by_verifying()
    {
        await FillAsync("lmdb");
        using (FileStream file = File.OpenWrite(_folder.Database))
            file.SetLength(2 * 4096);

        CliResult result = await _folder.RunAsync("", "users", "-f", _folder.Database, "--verify");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("damaged", result.Error);
    }

    private static TheoryData<string, string> MakeForms()
    {
        var forms = new TheoryData<string, string>();
        string[] names = [.. Enum.GetValues<SasldbFormat>().Select(SasldbFormats.NameOf)];
        foreach (string from in names)
        {
            foreach (string to in names)
                forms.Add(from, to);
        }
        return forms;
    }

    private string[] NewFiles() => [.. Directory.EnumerateFileSystemEntries(_folder.Path, "new*").Select(static path => Path.GetFileName(path)!)];

    private string[] Placed(string[] arguments) => [.. arguments.Select((argument, index) => index == 1 && arguments[0] == "--convert" ? NewFile : argument)];

    private async Task<string> TextOfAsync(string file)
    {
        CliResult result = await _folder.RunAsync("", "users", "-f", file, "--export");
        Assert.Equal(0, result.ExitCode);
        return string.Join('\n', result.Lines.Chunk(2).Select(static pair => string.Concat(pair)).Order(StringComparer.Ordinal));
    }

    private async Task FillAsync(string format)
    {
        string text = $"""
            VERSION=3
            format=print
            HEADER=END
             alice\00a.example\00userPassword
             pencil
             alice\00a.example\00cmusaslsecretOTP
             md5\090499\09se\00ed
             \ff\fe\00\00binary
            @
             \c3\a4 b\00sub.a.example\00homeDirectory
             {new string('v', 4096)}
             odd key
             x
            DATA=END

            """.Replace("@", " ", StringComparison.Ordinal);
        CliResult result = await _folder.RunAsync(Encoding.UTF8.GetBytes(text), "passwd", "-f", _folder.Database, "--import", "--format", format);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    private sealed class HastyTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _now += 6;
    }
}
