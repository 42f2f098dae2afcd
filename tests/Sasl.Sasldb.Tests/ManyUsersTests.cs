using System.Globalization;
using System.Text;
using Sasl.Sasldb.Records;
using Sasl.Sasldb.Tests.Berkeley;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Sasldb.Tests;

/// <summary>Sixty thousand users: what a million would show, in the time that a test may take. <c>./bench.sh Million</c> has the million.</summary>
public sealed class ManyUsersTests : IDisposable
{
    private const int Many = 60_000;

    // Of a file of more than ten million octets. LMDB keeps its branches, GDBM its directory.
    private const long MostKept = 1024 * 1024;

    private readonly PrivateDirectory _folder = PrivateDirectory.Create("many");

    public void Dispose() => _folder.Dispose();

    [PeerFact("mdb_stat", "db_verify", "gdbmtool")]
    public async Task Sixty_thousand_users_go_in_at_once_and_through_every_form_and_the_tools_agree()
    {
        SasldbRecordSum stored = default;
        using SasldbStore first = Store("first", SasldbFormat.Gdbm);
        Assert.Equal(Many, await first.StoreEntriesAsync(Entries(), progress: null, default));
        foreach (SasldbEntry entry in Entries())
            stored.Add(entry.Key.Span, entry.Value.Span);
        SasldbStore last = first;
        foreach (SasldbFormat form in (SasldbFormat[])[SasldbFormat.Lmdb, SasldbFormat.Berkeley, SasldbFormat.Gdbm])
        {
            SasldbStore next = Store($"{form}", form);
            Assert.Equal(Many, await last.CopyToNewFileAsync(Options($"{form}", form), overwrite: false, progress: null, default));
            last.Dispose();
            last = next;
        }
        SasldbRecordSum read = default;
        await foreach (SasldbEntry entry in last.ReadEntriesAsync(default))
            read.Add(entry.Key.Span, entry.Value.Span);
        last.Dispose();
        Assert.Equal(stored, read);
        Assert.Equal(Many, await Liblmdb.CountAsync(_folder.At($"{SasldbFormat.Lmdb}")));
        await Libdb.VerifyAsync(_folder.At($"{SasldbFormat.Berkeley}"));
        string count = await PeerProcess.RunSuccessfullyAsync(new PeerCommand("gdbmtool", "-N", "-q", "-r", _folder.At($"{SasldbFormat.Gdbm}"), "count"));
        Assert.Contains(Many.ToString(CultureInfo.InvariantCulture), count, StringComparison.Ordinal);
    }

    [PeerFact("setsid")]
    public async Task Looking_sixty_thousand_users_up_and_listing_them_keeps_next_to_nothing_in_memory()
    {
        foreach (SasldbFormat form in Enum.GetValues<SasldbFormat>())
        {
            using SasldbStore store = Store($"{form}", form);
            await store.StoreEntriesAsync(Entries(), progress: null, default);
            string printed = await PeerProcess.RunSuccessfullyAsync(WriterProcess.Command("memory", store.Path, $"{Many}"));
            Assert.InRange(long.Parse(printed, CultureInfo.InvariantCulture), long.MinValue, MostKept);
            Assert.True(new FileInfo(store.Path).Length > 10 * MostKept, "the file is so short that this shows nothing");
        }
    }

    private static IEnumerable<SasldbEntry> Entries()
    {
        for (int user = 0; user < Many; user++)
        {
            byte[] key = Encoding.UTF8.GetBytes($"user{user}\0example.com\0userPassword");
            using var entry = new SasldbEntry(key, Encoding.UTF8.GetBytes($"secret of {user} ".PadRight(150, '.')));
            yield return entry;
        }
    }

    private SasldbOptions Options(string name, SasldbFormat form) => new() { Path = _folder.At(name), CreateFormat = form };

    private SasldbStore Store(string name, SasldbFormat form) => new(Options(name, form));
}
