using Sasl.Sasldb.Forms;
using Sasl.Sasldb.Lmdb;
using Sasl.Sasldb.Records;
using Sasl.Testing.Peers;
using Xunit;
using Xunit.Abstractions;

namespace Sasl.Sasldb.Tests;

/// <summary>The tree of pages against a dictionary: every split, merge and collapse, judged by our own inspection and by liblmdb.</summary>
public sealed class EditingTests(ITestOutputHelper output) : IDisposable
{
    private readonly TestSasldb _db = new();
    private readonly SortedDictionary<string, byte[]> _model = new(StringComparer.Ordinal);
    private readonly Random _random = Seeded(output);

    public void Dispose() => _db.Dispose();

    [PeerTheory("mdb_dump", "mdb_load")]
    [InlineData(511, 40)]
    [InlineData(40, 3000)]
    [InlineData(511, 8192)]
    public async Task What_was_edited_at_random_is_what_liblmdb_reads(int longestKey, int longestValue)
    {
        using var form = new LmdbForm(new SasldbOptions { Path = _db.Path });
        // Grow, stir, shrink to nothing, and begin again.
        foreach ((int transactions, int putsOfTen) in ((int, int)[])[(60, 9), (40, 5), (60, 1), (10, 9)])
        {
            for (int transaction = 0; transaction < transactions; transaction++)
            {
                form.Write(writer => Edit(writer, putsOfTen, longestKey, longestValue), default);
                Assert.Equal(_model.Count, form.Verify(default));
            }
            await CompareAsync();
        }
        form.Write(writer => RemoveAll(writer), default);
        Assert.Equal(0, form.Verify(default));
        Assert.Empty(await Liblmdb.DumpAsync(_db.Path));
    }

    [PeerFact("mdb_dump", "mdb_load")]
    public async Task Liblmdb_and_we_edit_one_file_in_turns()
    {
        using var form = new LmdbForm(new SasldbOptions { Path = _db.Path });
        for (int turn = 0; turn < 8; turn++)
        {
            (byte[], byte[])[] records = [.. Enumerable.Range(0, 150).Select(_ => (RandomKey(100), RandomOctets(_random.Next(6000))))];
            await PeerProcess.RunSuccessfullyAsync(Liblmdb.Load(_db.Path, records));
            foreach ((byte[] key, byte[] value) in records)
                _model[Convert.ToHexStringLower(key)] = value;
            Assert.Equal(_model.Count, form.Verify(default));
            for (int transaction = 0; transaction < 10; transaction++)
                form.Write(writer => Edit(writer, putsOfTen: 4, longestKey: 100, longestValue: 6000), default);
            Assert.Equal(_model.Count, form.Verify(default));
            await CompareAsync();
        }
    }

    [PeerFact("mdb_dump", "mdb_load")]
    public async Task A_long_value_that_liblmdb_made_shorter_gives_all_its_pages_back()
    {
        using var form = new LmdbForm(new SasldbOptions { Path = _db.Path });
        byte[] key = "user\0realm\0userPassword"u8.ToArray();
        // In one transaction: liblmdb keeps the pages of the longer value for the shorter one.
        await PeerProcess.RunSuccessfullyAsync(Liblmdb.Load(_db.Path, [(key, new byte[30000]), (key, new byte[3000])]));
        Assert.Equal(1, form.Verify(default));
        form.Write(writer => Assert.True(writer.Remove(key)), default);
        Assert.Equal(0, form.Verify(default));
    }

    [PeerFact("mdb_dump")]
    public async Task A_list_of_free_pages_may_be_longer_than_a_page()
    {
        using var form = new LmdbForm(new SasldbOptions { Path = _db.Path });
        byte[][] keys = [.. Enumerable.Range(0, 2000).Select(number => BitConverter.GetBytes(number))];
        form.Write(writer => Array.ForEach(keys, key => writer.Put(key, new byte[8192])), default);
        form.Write(writer => Array.ForEach(keys, key => writer.Remove(key)), default);
        Assert.Equal(0, form.Verify(default));
        // What the newest transaction let go waits for one more; from then on the pages are used again and again.
        long length = 0;
        for (int round = 0; round < 4; round++)
        {
            if (round == 1)
                length = new FileInfo(_db.Path).Length;
            form.Write(writer => Array.ForEach(keys[..600], key => writer.Put(key, new byte[8192])), default);
            Assert.Equal(600, form.Verify(default));
            form.Write(writer => Array.ForEach(keys[..600], key => writer.Remove(key)), default);
            Assert.Equal(0, form.Verify(default));
        }
        Assert.Equal(length, new FileInfo(_db.Path).Length);
        Assert.Empty(await Liblmdb.DumpAsync(_db.Path));
    }

    [Fact]
    public void An_exception_from_a_change_leaves_the_file_as_it_was()
    {
        using var form = new LmdbForm(new SasldbOptions { Path = _db.Path });
        form.Write(writer => Edit(writer, putsOfTen: 10, longestKey: 30, longestValue: 30), default);
        byte[] before = File.ReadAllBytes(_db.Path);
        Assert.Throws<InvalidTimeZoneException>(() => form.Write(
            writer =>
            {
                RemoveAll(writer);
                throw new InvalidTimeZoneException();
            },
            default));
        Assert.Equal(before, File.ReadAllBytes(_db.Path));
    }

    [Fact]
    public async Task An_old_password_does_not_stay_in_the_file()
    {
        await _db.PutAsync("alice", "userPassword", "old-secret-that-must-go");
        await _db.PutAsync("alice", "userPassword", "new");
        Assert.DoesNotContain("old-secret", System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(_db.Path)), StringComparison.Ordinal);
    }

    private static Random Seeded(ITestOutputHelper output)
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        return new Random(seed);
    }

    private void Edit(ISasldbWriter writer, int putsOfTen, int longestKey, int longestValue)
    {
        for (int edit = 0; edit < 25; edit++)
        {
            bool old = _model.Count > 0 && _random.Next(4) > 0;
            byte[] key = old && (_random.Next(10) >= putsOfTen || _random.Next(4) == 0) ? OldKey() : RandomKey(longestKey);
            string name = Convert.ToHexStringLower(key);
            if (_random.Next(10) < putsOfTen)
            {
                byte[] value = RandomOctets(_random.Next(longestValue + 1));
                writer.Put(key, value);
                _model[name] = value;
            }
            else
            {
                Assert.Equal(_model.Remove(name), writer.Remove(key));
            }
            Assert.Equal(_model.GetValueOrDefault(name), writer.Get(key));
        }
    }

    private void RemoveAll(ISasldbWriter writer)
    {
        foreach (string name in _model.Keys.ToArray())
            Assert.True(writer.Remove(Convert.FromHexString(name)));
    }

    private byte[] OldKey() => Convert.FromHexString(_model.ElementAt(_random.Next(_model.Count)).Key);

    private byte[] RandomKey(int longest) => RandomOctets(_random.Next(1, longest + 1));

    private byte[] RandomOctets(int length)
    {
        byte[] octets = new byte[length];
        _random.NextBytes(octets);
        return octets;
    }

    private async Task CompareAsync()
    {
        SortedDictionary<string, string> dump = await Liblmdb.DumpAsync(_db.Path);
        Assert.Equal(_model.Keys, dump.Keys);
        Assert.All(_model, record => Assert.Equal(Convert.ToHexStringLower(record.Value), dump[record.Key]));
    }
}
