using System.Text;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Smtp.Tests.Maps;

/// <summary>The same tables given to Postfix's own postmap.</summary>
public sealed class PostmapTests
{
    private const int Tables = 60;

    // Nothing but what tables are made of, and what may go wrong in them.
    private static readonly string[] s_pieces =
    [
        "mail.isp.example", "[host]:587", "Bob@Example.com", "@example.com", "\"a b\"@x", "\"", "\\", "\\\\ ", "alice:se:cret", "alice, bob",
        " ", "\t", "\v", "  ", "\n", "\n", "\n ", "\n\t", "\r\n", "\n#", "#", "# comment", "\n\n", ":", "ÄÖ", "key: ", "=", ",",
    ];

    [PeerFact("postmap")]
    public async Task Random_tables_have_the_entries_that_postmap_finds_in_them()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        using PrivateDirectory directory = PrivateDirectory.Create("postmap");
        directory.Write("main.cf", "compatibility_level = 3.6\n");
        for (int i = 0; i < Tables; i++)
        {
            string table = string.Concat(Enumerable.Range(0, random.Next(1, 40)).Select(_ => s_pieces[random.Next(s_pieces.Length)]));
            SortedSet<string> expected = await AskPostmapAsync(directory, table);
            SortedSet<string> found = Ours(table);
            Assert.True(expected.SetEquals(found),
                $"seed {seed}, table {i}:\n{table}\npostmap: {string.Join(" | ", expected)}\nours: {string.Join(" | ", found)}");
        }
    }

    [PeerFact("postmap")]
    public async Task Table_with_comments_continuations_and_quotation_marks_is_read_as_postmap_reads_it()
    {
        const string table =
            "# comment\n\nhost1 alice:pa:ss word  \nhost2\tbob:x\n# between\n  more\nKEY3 v3\n  leading\n\"q k\" vq\nbad\nhost1 dup:dup\nkey: v\n"
            + "h4 \n   user:pw\n\\x\\ y z\nkÉ u\nlast no:newline";
        using PrivateDirectory directory = PrivateDirectory.Create("postmap");
        directory.Write("main.cf", "compatibility_level = 3.6\n");

        SortedSet<string> expected = await AskPostmapAsync(directory, table);
        Assert.Equal(9, expected.Count);
        Assert.Equal(expected, Ours(table));
    }

    // "key TAB value", as postmap prints them.
    private static SortedSet<string> Ours(string table)
    {
        var entries = new Dictionary<string, string>(StringComparer.Ordinal);
        var reader = new PostfixTable("t", new SmtpMapOptions { SkipBadLines = true });
        reader.Read(Encoding.UTF8.GetBytes(table), (key, value, _) => entries.TryAdd(key, Encoding.UTF8.GetString(value)));
        return new SortedSet<string>(entries.Select(static entry => $"{entry.Key}\t{entry.Value}"), StringComparer.Ordinal);
    }

    private static async Task<SortedSet<string>> AskPostmapAsync(PrivateDirectory directory, string table)
    {
        string path = directory.Write("table", table);
        File.SetLastWriteTimeUtc(path, File.GetLastWriteTimeUtc(path).AddMinutes(-1));    // Postfix waits for younger files to cool down
        PeerResult result = await PeerProcess.RunAsync(new PeerCommand("postmap", "-c", directory.FullPath, "-s", "texthash:" + path));
        Assert.True(result.Succeeded, result.Transcript);
        IEnumerable<string> lines = result.Transcript.Split('\n')
            .Where(static line => line.Contains('\t', StringComparison.Ordinal) && !line.StartsWith("postmap: ", StringComparison.Ordinal));
        return new SortedSet<string>(lines, StringComparer.Ordinal);
    }
}
