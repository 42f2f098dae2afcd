using System.Text;
using Sasl.Sasldb;
using Xunit;

namespace Sasl.Cli.Tests;

/// <summary><c>sasl users --export</c> and <c>sasl passwd --import</c>.</summary>
public sealed class ExportTests : IDisposable
{
    private const string Text = """
        VERSION=3
        format=print
        type=btree
        HEADER=END
         alice\00a.example\00mail
         a@a.example
         alice\00a.example\00userPassword
         two
         b\c3\b6b\00\00userPassword
         o\5cne\20
        DATA=END

        """;

    private readonly CliFolder _folder = new();

    private string TextFile => Path.Combine(_folder.Path, "users.txt");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Everything_goes_to_standard_output_and_nothing_else_does()
    {
        await FillAsync();

        foreach (string[] export in (string[][])[["--export"], ["--export", "-"]])
        {
            CliResult result = await _folder.RunAsync("", ["users", "-f", _folder.Database, .. export]);

            Assert.Equal(0, result.ExitCode);
            Assert.Equal(Text, result.Output);
            Assert.Equal("", result.Error);
        }
    }

    // By a link of its own, by the link that -f names, and the lock file beside it.
    [Fact]
    public async Task The_sasldb_itself_is_not_replaced_by_its_text_by_whatever_name()
    {
        await FillAsync();
        string link = Path.Combine(_folder.Path, "link");
        File.CreateSymbolicLink(link, _folder.Database);
        byte[] before = await File.ReadAllBytesAsync(_folder.Database);
        foreach ((string database, string export) in ((string, string)[])[
            (_folder.Database, _folder.Database), (_folder.Database, link), (link, _folder.Database), (_folder.Database, _folder.Database + "-lock")])
        {
            CliResult result = await _folder.RunAsync("", "users", "-f", database, "--export", export, "--force");
            Assert.Equal(1, result.ExitCode);
            Assert.Contains("the sasldb itself", result.Error, StringComparison.Ordinal);
        }
        Assert.Equal(before, await File.ReadAllBytesAsync(_folder.Database));
    }

    [Fact]
    public async Task A_file_in_shared_memory_is_a_file()
    {
        if (!Directory.Exists("/dev/shm"))
            return;
        await FillAsync();
        string place = $"/dev/shm/sasl-test-{Guid.NewGuid():N}";
        try
        {
            Assert.Equal(0, (await _folder.RunAsync("", "users", "-f", _folder.Database, "--export", place)).ExitCode);
            Assert.Equal(Text, await File.ReadAllTextAsync(place));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(place));
            Assert.Contains("--force", (await _folder.RunAsync("", "users", "-f", _folder.Database, "--export", place)).Error, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(place);
        }
    }

    [Fact]
    public async Task Secrets_are_not_shown_on_a_terminal()
    {
        await FillAsync();
        var output = new StringWriter();
        var error = new StringWriter();
        CliConsole console = new(Stream.Null, output, error, false, static () => null) { OutputIsTerminal = true };

        int code = await new SaslCommandLine(console).RunAsync(["users", "-f", _folder.Database, "--export"]);

        Assert.Equal(1, code);
        Assert.Contains("terminal", error.ToString());
        Assert.Equal("", output.ToString());
    }

    [Fact]
    public async Task A_file_is_its_owners_alone_and_stands_alone()
    {
        await FillAsync();

        CliResult result = await _folder.RunAsync("", "users", "-f", _folder.Database, "--export", TextFile);

        Assert.Equal((0, $"3 records exported to {TextFile}\n"), (result.ExitCode, result.Output));
        Assert.Equal(Text, await File.ReadAllTextAsync(TextFile));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(TextFile));
        Assert.Equal(["sasldb2", "sasldb2-lock", "users.txt"], Files());
    }

    [Fact]
    public async Task A_file_that_is_there_stays_unless_forced()
    {
        await FillAsync();
        await File.WriteAllTextAsync(TextFile, "precious");

        CliResult refused = await _folder.RunAsync("", "users", "-f", _folder.Database, "--export", TextFile);
        string kept = await File.ReadAllTextAsync(TextFile);
        CliResult forced = await _folder.RunAsync("", "users", "-f", _folder.Database, "--export", TextFile, "--force");

        Assert.Equal((1, 0), (refused.ExitCode, forced.ExitCode));
        Assert.Contains("--force", refused.Error);
        Assert.Equal("precious", kept);
        Assert.Equal(Text, await File.ReadAllTextAsync(TextFile));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(TextFile));
    }

    [Fact]
    public async Task The_sasldb_itself_is_never_replaced_by_its_text()
    {
        await FillAsync();

        CliResult result = await _folder.RunAsync("", "users", "-f", _folder.Database, "--export", _folder.Database, "--force");

        Assert.Equal(1, result.ExitCode);
        Assert.Equal("two", (await _folder.StoredAsync("alice", "a.example"))["userPassword"]);
    }

    [Fact]
    public async Task A_realm_can_be_exported_alone()
    {
        await FillAsync();

        CliResult result = await _folder.RunAsync("", "users", "-f", _folder.Database, "--export", "--realm", "a.example");

        Assert.Equal(4, result.Lines.Count(static line => line.StartsWith(' ')));
        Assert.DoesNotContain("\\c3", result.Output);
    }

    [Fact]
    public async Task A_full_device_is_a_failure_with_its_name()
    {
        await FillAsync();

        CliResult result = await _folder.RunAsync("", "users", "-f", _folder.Database, "--export", "/dev/full");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("/dev/full", result.Error);
    }

    [Theory]
    [InlineData("nosuch/users.txt")]
    [InlineData(".")]
    public async Task A_place_where_no_file_can_be_is_named(string place)
    {
        await FillAsync();

        CliResult result = await _folder.RunAsync("", "users", "-f", _folder.Database, "--export", Path.Combine(_folder.Path, place));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(_folder.Path, result.Error);
        Assert.Equal(["sasldb2", "sasldb2-lock"], Files());
    }

    [Fact]
    public async Task A_damaged_sasldb_leaves_no_half_a_text()
    {
        await FillAsync();
        using (FileStream file = File.OpenWrite(_folder.Database))
            file.SetLength(2 * 4096);

        CliResult result = await _folder.RunAsync("", "users", "-f", _folder.Database, "--export", TextFile);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(_folder.Database, result.Error);
        Assert.Equal(["sasldb2", "sasldb2-lock"], Files());
    }

    [Fact]
    public async Task A_text_is_imported_into_a_new_sasldb_and_over_what_is_in_an_old_one()
    {
        await _folder.StoreAsync("alice", "a.example", ("userPassword", "older"), ("homeDirectory", "/home/alice"));
        string place = _folder.Write("users.txt", Text);

        CliResult old = await _folder.RunAsync("", "passwd", "-f", _folder.Database, "--import", place);
        CliResult @new = await _folder.RunAsync(Text, "passwd", "-f", _folder.Database + ".new", "--import", "-");
        CliResult bare = await _folder.RunAsync(Text, "passwd", "-f", _folder.Database + ".new", "--import");
        CliResult exported = await _folder.RunAsync("", "users", "-f", _folder.Database + ".new", "--export");

        Assert.All([old, @new, bare], static result => Assert.Equal((0, "3 records imported\n"), (result.ExitCode, result.Output)));
        Dictionary<string, string> stored = await _folder.StoredAsync("alice", "a.example");
        Assert.Equal(("two", "/home/alice", "a@a.example"), (stored["userPassword"], stored["homeDirectory"], stored["mail"]));
        Assert.Equal("o\\ne ", (await _folder.StoredAsync("b\u00f6b", ""))["userPassword"]);
        Assert.Equal(Text, exported.Output);
        Assert.Equal(["sasldb2", "sasldb2-lock", "sasldb2.new", "sasldb2.new-lock", "users.txt"], Files());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_broken_line_imports_nothing_and_is_named_without_what_it_says(bool fromPipe)
    {
        await _folder.StoreAsync("alice", "a.example", ("userPassword", "older"));
        string broken = Text.Replace("\\5cne", "hunter2\\5ne", StringComparison.Ordinal);
        string place = fromPipe ? "-" : _folder.Write("users.txt", broken);

        CliResult result = await _folder.RunAsync(broken, "passwd", "-f", _folder.Database, "--import", place);

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("sasl passwd: line 10: ", result.Error);
        Assert.DoesNotContain("hunter2", result.Error);
        Assert.Equal("older", (await _folder.StoredAsync("alice", "a.example"))["userPassword"]);
        Assert.DoesNotContain(Files(), static name => name.EndsWith(".import", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dry_run_reads_all_and_makes_nothing()
    {
        string place = _folder.Write("users.txt", Text);

        CliResult result = await _folder.RunAsync("", "passwd", "-f", _folder.Database, "--import", place, "--dry-run");
        CliResult broken = await _folder.RunAsync(Text[..^5], "passwd", "-f", _folder.Database, "--import", "--dry-run");

        Assert.Equal((0, "3 records would be imported\n"), (result.ExitCode, result.Output));
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains("cut off", broken.Error);
        Assert.Equal(["users.txt"], Files());
    }

    [Fact]
    public async Task Records_that_are_no_users_are_kept_counted_and_not_listed()
    {
        string text = Text.Replace("DATA=END", " odd\n value\nDATA=END", StringComparison.Ordinal);

        CliResult imported = await _folder.RunAsync(text, "passwd", "-f", _folder.Database, "--import");
        CliResult exported = await _folder.RunAsync("", "users", "-f", _folder.Database, "--export");
        CliResult listed = await _folder.RunAsync("", "users", "-f", _folder.Database);

        Assert.Equal("4 records, of them 1 that are no user's imported\n", imported.Output);
        Assert.Equal(text, exported.Output);
        Assert.Equal(3, listed.Lines.Length);
    }

    [Fact]
    public async Task A_key_that_no_sasldb_keeps_is_refused_with_its_line()
    {
        string text = Text.Replace(" alice\\00a.example\\00userPassword", $" {new string('a', 512)}", StringComparison.Ordinal);

        CliResult result = await _folder.RunAsync(text, "passwd", "-f", _folder.Database, "--import");

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("sasl passwd: line 7: ", result.Error);
        Assert.Empty(Files());
    }

    [Theory]
    [InlineData("nosuch.txt")]
    [InlineData("")]
    public async Task A_text_that_is_not_there_is_named(string name)
    {
        CliResult result = await _folder.RunAsync("", "passwd", "-f", _folder.Database, "--import", Path.Combine(_folder.Path, name));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(_folder.Path, result.Error);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task Cancelling_leaves_no_half_a_file()
    {
        await FillAsync();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        foreach (string[] arguments in (string[][])[
            ["users", "-f", _folder.Database, "--export", TextFile],
            ["users", "-f", _folder.Database, "--convert", _folder.Database + ".new", "--format", "lmdb"],
            ["passwd", "-f", _folder.Database + ".new", "--import"]])
        {
            var console = new CliConsole(new MemoryStream(Encoding.ASCII.GetBytes(Text)), TextWriter.Null, TextWriter.Null, false, static () => null);

            Assert.Equal(130, await new SaslCommandLine(console).RunAsync(arguments, cancelled.Token));
            Assert.Equal(["sasldb2", "sasldb2-lock"], Files());
        }
    }

    [Theory]
    [InlineData("users", "--export", "--verify")]
    [InlineData("users", "--export", "--convert", "x", "--format", "lmdb")]
    [InlineData("users", "--convert", "x")]
    [InlineData("users", "--format", "lmdb")]
    [InlineData("users", "--convert", "x", "--format", "dbm")]
    [InlineData("users", "--force")]
    [InlineData("users", "--user", "alice")]
    [InlineData("users", "--change-realm", "old")]
    [InlineData("users", "--verify", "--realm", "r")]
    [InlineData("passwd", "--import", "--dry-run", "-u", "r")]
    [InlineData("passwd", "--import", "x", "alice")]
    [InlineData("passwd", "--dry-run", "alice")]
    [InlineData("passwd", "--format", "dbm", "alice")]
    public async Task What_does_not_go_together_is_refused(params string[] arguments)
    {
        CliResult result = await _folder.RunAsync("", arguments);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("--help", result.Error);
    }

    private async Task FillAsync()
    {
        await _folder.StoreAsync("alice", "a.example", ("userPassword", "two"), ("mail", "a@a.example"));
        using var store = new SasldbStore(_folder.Database);
        await store.StoreAsync(new SaslUser("b\u00f6b", ""), [new SaslPropertyValue("userPassword", "o\\ne "u8.ToArray())], CancellationToken.None);
    }

    private string[] Files() => [.. Directory.EnumerateFileSystemEntries(_folder.Path).Select(static path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];
}
