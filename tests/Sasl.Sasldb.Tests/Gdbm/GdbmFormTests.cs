using System.Text;
using Sasl.Sasldb.Gdbm;
using Sasl.Sasldb.Records;
using Sasl.Testing.Peers;
using Xunit;
using Xunit.Abstractions;

namespace Sasl.Sasldb.Tests.Gdbm;

/// <summary>Files of libgdbm read and written here, and files of ours read and written by libgdbm.</summary>
public sealed class GdbmFormTests : IDisposable
{
    private const int Users = 10_000;

    private readonly PrivateDirectory _folder = PrivateDirectory.Create("gdbm");
    private readonly GdbmForm _form;
    private readonly Random _random;

    public GdbmFormTests(ITestOutputHelper output)
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        _random = new Random(seed);
        _form = new GdbmForm(new SasldbOptions { Path = DbPath });
    }

    private string DbPath => _folder.At("sasldb2");

    public void Dispose()
    {
        _form.Dispose();
        _folder.Dispose();
    }

    [PeerTheory("gdbmtool", "gdbm_dump")]
    [InlineData(4096, false)]
    [InlineData(4096, true)]
    [InlineData(512, false)]
    [InlineData(1024, true)]
    [InlineData(16384, false)]
    [InlineData(65536, true)]
    public async Task A_file_of_libgdbm_is_read_and_rewritten_whatever_its_header_and_block_size(int blockSize, bool extended)
    {
        Dictionary<string, byte[]> records = GdbmPopulation.Make(_random, 1500);
        await Libgdbm.MakeEmptyAsync(DbPath, blockSize, extended);
        await Libgdbm.StoreAsync(DbPath, records.Select(record => (record.Key, record.Value)));
        string header = await Libgdbm.HeaderAsync(DbPath);
        Same(records);

        Write(writer => writer.Put("new\0\0userPassword"u8.ToArray(), "x"u8));
        records["new\0\0userPassword"] = "x"u8.ToArray();
        Same(records);
        Assert.Equal(GdbmPopulation.Hex(records), await Libgdbm.DumpAsync(DbPath));
        foreach (string same in (string[])["type ", "block size ", "bucket size ", "bucket elems "])
            Assert.Equal(Line(header, same), Line(await Libgdbm.HeaderAsync(DbPath), same));
    }

    [PeerFact("gdbmtool", "gdbm_dump")]
    public async Task Ten_thousand_users_of_libgdbm_are_read_changed_and_read_back_by_libgdbm()
    {
        Dictionary<string, byte[]> records = GdbmPopulation.Make(_random, Users);
        await Libgdbm.StoreAsync(DbPath, records.Select(record => (record.Key, record.Value)));
        Same(records);
        Change(records, 3000);
        Same(records);
        Assert.Equal(GdbmPopulation.Hex(records), await Libgdbm.DumpAsync(DbPath));
    }

    [PeerFact("gdbmtool", "gdbm_dump")]
    public async Task Ten_thousand_users_of_ours_are_read_and_changed_by_libgdbm()
    {
        Dictionary<string, byte[]> records = GdbmPopulation.Make(_random, Users);
        Write(writer =>
        {
            foreach ((string key, byte[] value) in records)
                writer.Put(Encoding.UTF8.GetBytes(key), value);
        });
        Assert.Equal(GdbmPopulation.Hex(records), await Libgdbm.DumpAsync(DbPath));
        Assert.Contains("GDBM (standard)", await Libgdbm.HeaderAsync(DbPath), StringComparison.Ordinal);
        Assert.Equal("4096", Line(await Libgdbm.HeaderAsync(DbPath), "block size "));

        await StirAsync(records, rounds: 8000);
        Same(records);
        Assert.Equal(GdbmPopulation.Hex(records), await Libgdbm.DumpAsync(DbPath));
    }

    [PeerFact("gdbmtool")]
    public async Task The_free_lists_of_a_file_that_libgdbm_changed_for_long_are_whole()
    {
        Dictionary<string, byte[]> records = [];
        await Libgdbm.MakeEmptyAsync(DbPath, 512, extended: false);
        for (int round = 0; round < 4; round++)
        {
            await StirAsync(records, rounds: 4000);
            Same(records);
        }
        Assert.DoesNotContain("avail next block= 0\n", await Libgdbm.HeaderAsync(DbPath), StringComparison.Ordinal);
    }

    [Fact]
    public void A_listing_is_in_pages_and_goes_on_when_the_file_was_rewritten_between_them()
    {
        Write(writer =>
        {
            for (int user = 0; user < 3000; user++)
                writer.Put(Key($"user{user}"), "x"u8);
        });
        var seen = new List<string>();
        byte[]? last = null;
        for (int page = 0; _form.ReadKeys(last) is { Count: > 0 } keys; page++)
        {
            Assert.InRange(keys.Count, 1, 600);
            seen.AddRange(keys.Select(Encoding.UTF8.GetString));
            last = keys[^1];
            // The buckets are divided, and the last key is removed.
            Write(writer =>
            {
                writer.Remove(last);
                for (int user = 0; user < 300; user++)
                    writer.Put(Key($"guest{page}-{user}"), "g"u8);
            });
        }
        List<string> users = [.. seen.Where(key => key.StartsWith("user", StringComparison.Ordinal))];
        Assert.Equal(3000, users.Count);
        Assert.Equal(3000, users.Distinct().Count());
    }

    [Fact]
    public void A_transaction_sees_what_it_did_and_leaves_nothing_when_it_fails()
    {
        Write(writer => writer.Put(Key("alice"), "one"u8));
        byte[] before = File.ReadAllBytes(DbPath);
        Assert.Throws<InvalidOperationException>(() => Write(writer =>
        {
            Assert.True(writer.Remove(Key("alice")));
            Assert.False(writer.Remove(Key("alice")));
            Assert.Null(writer.Get(Key("alice")));
            writer.Put(Key("alice"), "two"u8);
            writer.Put(Key("alicia"), "three"u8);
            Assert.Equal("two"u8, writer.Get(Key("alice"))!);
            Assert.Equal(2, writer.KeysBeginningWith("alic"u8.ToArray()).Count);
            Assert.Single(writer.KeysBeginningWith("alice\0"u8.ToArray()));
            Assert.True(writer.Remove(Key("alicia")));
            Assert.False(writer.Remove(Key("alicia")));
            throw new InvalidOperationException("enough");
        }));
        Assert.Equal(before, File.ReadAllBytes(DbPath));
        Assert.Equal([DbPath, DbPath + "-lock"], Directory.GetFiles(_folder.FullPath).Order());
    }

    [Fact]
    public void A_removed_or_replaced_password_is_nowhere_in_the_file()
    {
        Write(writer => writer.Put(Key("alice"), "first secret"u8));
        Write(writer => writer.Put(Key("bob"), "second secret"u8));
        Write(writer =>
        {
            writer.Put(Key("alice"), "third secret"u8);
            writer.Remove(Key("bob"));
        });
        byte[] file = File.ReadAllBytes(DbPath);
        Assert.Equal(-1, file.AsSpan().IndexOf("first secret"u8));
        Assert.Equal(-1, file.AsSpan().IndexOf("second secret"u8));
        Assert.NotEqual(-1, file.AsSpan().IndexOf("third secret"u8));
    }

    [PeerFact("gdbmtool")]
    public async Task A_key_that_another_machine_hashed_without_signs_is_found_replaced_and_removed()
    {
        byte[] key = Encoding.UTF8.GetBytes("m\u00fcller\0example.com\0userPassword");
        Assert.NotEqual(GdbmHash.Of(key, isSigned: true), GdbmHash.Of(key, isSigned: false));
        await Libgdbm.StoreAsync(DbPath, [("m\u00fcller\0example.com\0userPassword", "pencil"u8.ToArray())]);
        // The element is moved to where the other hash leads.
        byte[] file = await File.ReadAllBytesAsync(DbPath);
        int here = GdbmHash.Of(key, GdbmHash.IsSignedHere);
        int there = GdbmHash.Of(key, !GdbmHash.IsSignedHere);
        Span<byte> element = file.AsSpan(8192 + 112 + (here % 166 * 24), 24);
        byte[] moved = [.. BitConverter.GetBytes(there), .. element[4..]];
        BitConverter.TryWriteBytes(element, -1);
        moved.CopyTo(file, 8192 + 112 + (there % 166 * 24));
        await File.WriteAllBytesAsync(DbPath, file);
        Assert.Equal("pencil"u8, Find("m\u00fcller")!);
        Assert.Equal(1, _form.Verify(default));
        Write(writer => writer.Put(key, "eraser"u8));
        Assert.Equal("eraser"u8, Find("m\u00fcller")!);
        Assert.Equal(1, _form.Verify(default));
        Write(writer => Assert.True(writer.Remove(key)));
        Assert.Equal(0, _form.Verify(default));
    }

    private static byte[] Key(string user) => Encoding.UTF8.GetBytes($"{user}\0example.com\0userPassword");

    private static string Line(string header, string name) =>
        header.Split('\n').Single(line => line.Trim().StartsWith(name, StringComparison.Ordinal)).Split('=')[1].Trim();

    private void Write(Action<ISasldbWriter> change) => _form.Write(change, default);

    private byte[]? Find(string user)
    {
        byte[]? found = null;
        Write(writer => found = writer.Get(Key(user)));
        return found;
    }

    private void Change(Dictionary<string, byte[]> records, int changes) => Write(writer =>
    {
        string[] keys = [.. records.Keys];
        for (int change = 0; change < changes; change++)
        {
            string key = keys[_random.Next(keys.Length)];
            byte[] octets = Encoding.UTF8.GetBytes(key);
            if (_random.Next(2) == 0)
            {
                Assert.Equal(records.Remove(key), writer.Remove(octets));
                continue;
            }
            records[key] = GdbmPopulation.Value(_random);
            writer.Put(octets, records[key]);
        }
    });

    // The same pseudo-random changes by Python and here.
    private async Task StirAsync(Dictionary<string, byte[]> records, int rounds)
    {
        var changes = new StringBuilder();
        string[] keys = [.. records.Keys];
        for (int round = 0; round < rounds; round++)
        {
            string key = keys.Length > 0 && _random.Next(3) > 0 ? keys[_random.Next(keys.Length)] : $"stirred{_random.Next(3000)}\0example.com\0userPassword";
            string hex = Convert.ToHexString(Encoding.UTF8.GetBytes(key));
            if (_random.Next(3) == 0)
            {
                records.Remove(key);
                changes.Append(hex).Append('\n');
                continue;
            }
            records[key] = GdbmPopulation.Value(_random);
            changes.Append(hex).Append(' ').Append(Convert.ToHexString(records[key])).Append('\n');
        }
        await Libgdbm.RunAsync(
            """
            db = dbm.open(sys.argv[1], 'w')
            for line in sys.stdin:
                key, *value = line.rstrip('\n').split(' ')
                key = bytes.fromhex(key)
                if value:
                    db[key] = bytes.fromhex(value[0])
                elif key in db:
                    del db[key]
            db.close()
            """,
            DbPath,
            changes.ToString());
    }

    private void Same(Dictionary<string, byte[]> records)
    {
        Assert.Equal(records.Count, _form.Verify(default));
        var found = new Dictionary<string, byte[]>();
        byte[]? last = null;
        while (_form.ReadEntries(last) is { Count: > 0 } entries)
        {
            foreach (SasldbEntry entry in entries)
                found.Add(Encoding.UTF8.GetString(entry.Key.Span), entry.Value.ToArray());
            last = entries[^1].Key.ToArray();
        }
        Assert.Equal(GdbmPopulation.Hex(records), GdbmPopulation.Hex(found));
        using var store = new SasldbStore(new SasldbOptions { Path = DbPath });
        foreach ((string key, byte[] value) in records.Where((_, index) => index % 7 == 0))
        {
            string[] parts = key.Split('\0');
            var wanted = new SaslProperty(parts[2]);
            using var set = new PropertySet(wanted);
            Assert.True(store.LookupAsync(new SaslUser(parts[0], parts[1]), set, default).Result);
            Assert.True(set.TryGet(wanted, out ReadOnlySpan<byte> looked) && looked.SequenceEqual(value));
            Assert.False(store.LookupAsync(new SaslUser(parts[0] + "x", parts[1]), set, default).Result);
        }
    }
}
