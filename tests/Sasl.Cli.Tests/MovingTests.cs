using System.Text;
using Sasl.Sasldb;
using Sasl.Testing.Peers;
using Xunit;
using Xunit.Abstractions;

namespace Sasl.Cli.Tests;

/// <summary>Moving from each system to each other, as docs/guide/sasldb.md tells it, with the tools of all databases as witnesses.</summary>
public sealed class MovingTests(ITestOutputHelper output) : IDisposable
{
    private const int Population = 10_000;

    private static readonly string[] s_properties =
        ["userPassword", "authPassword", "cmusaslsecretOTP", "cmusaslsecretSRP", "cmusaslsecretOPAQUE", "cmusaslsecretDIGEST-MD5", "cmusaslsecretSCRAM-SHA-512", "mail", "\u00fcber"];

    private static readonly string[] s_realms = ["", "example.com", "mail.example.com", "r\u00e9alm", "EXAMPLE", "a b", "-r"];

    private readonly CliFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PeerFact("saslpasswd2", "sasldblistusers2", "db_load", "db_dump", "db_verify", "mdb_dump", "gdbm_dump")]
    public async Task Ten_thousand_users_go_through_every_form_and_back_and_every_tool_sees_the_same()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        await MakeDebianFileAsync(new Random(seed), _folder.Database);
        string[] expected = await Dumps.OfBerkeleyAsync(_folder, _folder.Database);
        string listed = await CyrusDatabase.ListAsync(_folder.Database);
        Assert.InRange(expected.Length, Population, int.MaxValue);

        await RunAsync("users", "-f", _folder.Database, "--export", At("text"));
        Assert.Equal(expected, await Dumps.OfTextAsync(await File.ReadAllTextAsync(At("text"))));

        await RunAsync("passwd", "-f", At("lmdb"), "--format", "lmdb", "--import", At("text"));
        Assert.Equal(expected, await Dumps.OfLmdbAsync(_folder, At("lmdb")));

        await RunAsync("passwd", "-f", At("gdbm"), "--format", "gdbm", "--import", At("text"));
        Assert.Equal(expected, await Dumps.OfGdbmAsync(_folder, At("gdbm")));

        await RunAsync("users", "-f", At("lmdb"), "--convert", At("from-lmdb"), "--format", "gdbm");
        Assert.Equal(expected, await Dumps.OfGdbmAsync(_folder, At("from-lmdb")));

        await RunAsync("users", "-f", At("from-lmdb"), "--convert", At("back"), "--format", "berkeley");
        Assert.Equal(expected, await Dumps.OfBerkeleyAsync(_folder, At("back")));
        Assert.Equal(Sorted(listed), Sorted(await CyrusDatabase.ListAsync(At("back"))));
    }

    [PeerFact("saslpasswd2", "sasldblistusers2", "db_verify")]
    public async Task A_file_that_went_to_us_and_back_is_Cyruss_own_again()
    {
        await CyrusDatabase.SetPasswordAsync(_folder.Database, "alice", "pencil", "example.com");
        string listed = await CyrusDatabase.ListAsync(_folder.Database);

        await RunAsync("users", "-f", _folder.Database, "--convert", At("lmdb"), "--format", "lmdb");
        await RunAsync("users", "-f", At("lmdb"), "--convert", At("back"), "--format", "berkeley");
        string back = await CyrusDatabase.ListAsync(At("back"));
        await CyrusDatabase.SetPasswordAsync(At("back"), "bob", "pen", "example.com");

        Assert.Equal(Sorted(listed), Sorted(back));
        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("db_verify", At("back")));
        Assert.Contains("bob@example.com: userPassword", await CyrusDatabase.ListAsync(At("back")));
    }

    [PeerFact("mdb_load", "db_load", "sasldblistusers2", "saslpasswd2")]
    public async Task The_text_needs_no_program_of_ours_to_become_a_file()
    {
        await CyrusDatabase.SetPasswordAsync(_folder.Database, "alice", "pencil", "example.com");
        await RunAsync("users", "-f", _folder.Database, "--export", At("text"));

        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("mdb_load", "-n", "-f", At("text"), At("lmdb")));
        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("db_load", "-t", "hash", "-f", At("text"), At("berkeley")));

        Assert.Equal(Sorted(await CyrusDatabase.ListAsync(_folder.Database)), Sorted(await CyrusDatabase.ListAsync(At("berkeley"))));
        // mdb_load heeds the umask alone; we would warn.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(At("lmdb"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        CliResult listed = await RunAsync("users", "-f", At("lmdb"));
        Assert.Contains("alice@example.com: userPassword\n", listed.Output);
    }

    /// <summary>Every command of ours in the page's section on moving, one after another, with its paths in a folder of the test.</summary>
    [PeerFact("saslpasswd2", "sasldblistusers2")]
    public async Task The_commands_of_the_guide_do_what_it_says()
    {
        await CyrusDatabase.SetPasswordAsync(_folder.Database, "alice", "pencil", "mail.example.com");
        string[] commands = GuidePage.CommandsIn("sasldb.md", "## Moving from each system");
        Assert.InRange(commands.Length, 9, 20);

        foreach (string command in commands)
        {
            string[] words = command.Replace("/etc/", _folder.Path + "/", StringComparison.Ordinal).Replace("/root/", _folder.Path + "/", StringComparison.Ordinal).Split(' ');
            CliResult result = await _folder.RunAsync("", words[1..]);
            Assert.True(result.ExitCode == 0, $"{command}: {result}");
        }

        string debian = await CyrusDatabase.ListAsync(At("sasldb2.debian"));
        Assert.Contains("alice@mail.example.com: userPassword", debian);
        Assert.Equal(Sorted(debian), Sorted(await CyrusDatabase.ListAsync(At("sasldb2.other"))));
        Assert.Contains("alice@example.com: userPassword", await CyrusDatabase.ListAsync(_folder.Database));
    }

    private static string[] Sorted(string lines) => [.. lines.Split('\n').Order(StringComparer.Ordinal)];

    private string At(string name) => Path.Combine(_folder.Path, name);

    private async Task<CliResult> RunAsync(params string[] arguments)
    {
        CliResult result = await _folder.RunAsync("", arguments);
        Assert.True(result.ExitCode == 0 && result.Error.Length == 0, result.ToString());
        return result;
    }

    // saslpasswd2 makes the file; db_load fills it with what it would take saslpasswd2 minutes for.
    private async Task MakeDebianFileAsync(Random random, string file)
    {
        foreach (string name in (string[])["alice", "b@d", "na me", "m\u00fcller"])
            await CyrusDatabase.SetPasswordAsync(file, name, "pencil", "example.com");
        using var stream = new MemoryStream();
        using var writer = new SasldbTextWriter(stream);
        for (int number = 0; number < Population; number++)
            await WriteUserAsync(writer, random, number);
        await writer.CompleteAsync(CancellationToken.None);
        await File.WriteAllBytesAsync(At("made"), stream.ToArray());
        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("db_load", "-t", "hash", "-f", At("made"), file));
    }

    private static async Task WriteUserAsync(SasldbTextWriter writer, Random random, int number)
    {
        byte[] name = MakeName(random, number);
        byte[] realm = Encoding.UTF8.GetBytes(s_realms[random.Next(s_realms.Length)]);
        int properties = random.Next(1, 4);
        foreach (string property in random.GetItems(s_properties, properties).Distinct())
        {
            byte[] value = new byte[random.Next(10) switch { 0 => 0, 1 when number % 20 == 0 => 4096, _ => random.Next(1, 80) }];
            random.NextBytes(value);
            await writer.WriteAsync((byte[])[.. name, 0, .. realm, 0, .. Encoding.UTF8.GetBytes(property)], value, CancellationToken.None);
        }
    }

    private static byte[] MakeName(Random random, int number) => (number % 6) switch
    {
        0 => Encoding.UTF8.GetBytes($"user{number}"),
        1 => Encoding.UTF8.GetBytes($"\u00fcser {number} \u65e5\u672c"),
        2 => Encoding.UTF8.GetBytes($"u\\{number}@\"'`$%"),
        3 => Encoding.UTF8.GetBytes($"-{number}\t\r\n\u001b[2J"),
        4 => [0xFF, 0xFE, .. Encoding.UTF8.GetBytes($"{number}")],
        _ => Encoding.UTF8.GetBytes($"{number}{new string('x', random.Next(1, 400))}"),
    };
}
