using System.Buffers.Binary;
using System.Text;
using Sasl.Sasldb.Lmdb;
using Sasl.Testing.Peers;
using Xunit;
using Xunit.Abstractions;

namespace Sasl.Sasldb.Tests;

/// <summary>
/// Files that are no sasldb, or no longer. Whatever is done with them ends soon, in an answer or in one of two exceptions. LMDB has no
/// checksums: a flipped bit in a password is another password, and only what contradicts itself can be found.
/// </summary>
public sealed class DamageTests(ITestOutputHelper output) : IDisposable
{
    private const int Mutations = 2000;
    private const int Users = 120;
    private const long MostAllocated = 32 * 1024 * 1024;

    private readonly TestSasldb _db = new();

    public void Dispose() => _db.Dispose();

    [Fact]
    public async Task A_file_truncated_anywhere_gives_right_answers_or_none()
    {
        byte[] whole = await MakeAsync();
        var random = Seeded();
        IEnumerable<int> lengths = Enumerable.Range(0, whole.Length / 4096).Select(page => page * 4096)
            .Concat(Enumerable.Range(0, 60).Select(_ => random.Next(whole.Length))).Concat([1, 63, 64, 151, 152, 153, whole.Length - 1]);
        int answered = 0;
        foreach (int length in lengths)
        {
            await File.WriteAllBytesAsync(_db.Path, whole[..length]);
            for (int user = 0; user < Users; user += 7)
            {
                if (await TryGetAsync($"user{user}") is not { } found)
                    continue;
                Assert.Equal(Value(user), found);
                answered++;
            }
            Use(write: true);
        }
        Assert.NotEqual(0, answered);
    }

    [Fact]
    public async Task A_flipped_bit_ends_in_an_answer_or_in_one_of_two_exceptions()
    {
        byte[] whole = await MakeAsync();
        var random = Seeded();
        int right = 0;
        int unavailable = 0;
        for (int mutation = 0; mutation < Mutations; mutation++)
        {
            byte[] flipped = [.. whole];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
                flipped[Place(random, whole.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(_db.Path, flipped);
            int user = random.Next(Users);
            string? found = await TryGetAsync($"user{user}");
            right += found == Value(user) ? 1 : 0;
            unavailable += found is null ? 1 : 0;
            // All on this thread, so that its allocations can be counted.
            long before = GC.GetAllocatedBytesForCurrentThread();
            Use(write: mutation % 10 == 0);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostAllocated);
        }
        output.WriteLine($"{right} right answers, {unavailable} exceptions");
        Assert.True(right > Mutations / 2 && unavailable > Mutations / 100, $"{right} right answers, {unavailable} exceptions");
    }

    [Theory]
    [InlineData(12, 0x00061561u, false, "Berkeley DB")]
    [InlineData(12, 0x00061561u, true, "Berkeley DB")]
    [InlineData(12, 0x00053162u, false, "Berkeley DB")]
    [InlineData(16, 0xBEEFC0DEu, true, "another version")]
    [InlineData(12, 0xBEEFC0DEu, false, "another version")]
    [InlineData(0, 0u, false, "no sasldb file")]
    public async Task Another_form_is_called_by_its_name_and_left_alone(int place, uint magic, bool bigEndian, string name)
    {
        byte[] file = new byte[12288];
        if (bigEndian)
            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(place), magic);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(place), magic);
        await RefusesAsync(file, name);
    }

    [Fact]
    public async Task A_text_dump_is_called_by_its_name() =>
        await RefusesAsync(Encoding.ASCII.GetBytes("VERSION=3\nformat=bytevalue\ntype=btree\nmapsize=1048576\nHEADER=END\nDATA=END\n"), "mdb_load");

    [Theory]
    [InlineData(0u)]
    [InlineData(2u)]
    [InlineData(999u)]
    public async Task An_LMDB_file_of_another_version_is_refused(uint version)
    {
        byte[] file = await MakeAsync();
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(20), version);
        await RefusesAsync(file, "another version");
    }

    [PeerFact("saslpasswd2")]
    public async Task Debians_own_sasldb_is_used_as_it_is()
    {
        await CyrusDatabase.SetPasswordAsync(_db.Path, "alice", "pencil", TestSasldb.Realm);
        Assert.Equal("pencil", await _db.GetAsync("alice", "userPassword"));
        await _db.PutAsync("bob", "userPassword", "rubber");
        Assert.Contains("bob@example.com: userPassword", await CyrusDatabase.ListAsync(_db.Path), StringComparison.Ordinal);
    }

    [PeerTheory("mdb_dump", "mdb_stat")]
    [InlineData(8192)]
    [InlineData(16384)]
    [InlineData(32768)]
    public async Task A_file_of_another_page_size_is_read_and_written(int pageSize)
    {
        byte[] pages = new byte[2 * pageSize];
        LmdbMeta meta = LmdbMeta.New(pageSize, mapSize: 4 * 1024 * 1024);
        meta.Write(pages, 0);
        meta.Write(pages.AsSpan(pageSize), 1);
        await File.WriteAllBytesAsync(_db.Path, pages);
        await _db.FillAsync(200);
        for (int user = 0; user < 200; user++)
            Assert.Equal(TestSasldb.Filling(user), await _db.GetAsync($"user{user}", "userPassword"));
        Assert.False(await _db.KnowsAsync("user"));
        Assert.Equal(200, await _db.Store.VerifyAsync(default));
        Assert.Equal(200, (await Liblmdb.DumpAsync(_db.Path)).Count);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(512u)]
    [InlineData(4097u)]
    [InlineData(65536u)]
    [InlineData(0x80000000u)]
    public async Task An_impossible_page_size_is_damage(uint pageSize)
    {
        byte[] file = await MakeAsync();
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(40), pageSize);
        await File.WriteAllBytesAsync(_db.Path, file);
        Assert.Equal(SasldbFault.Damaged, await FaultOfLookupAsync());
    }

    [Fact]
    public async Task A_half_written_older_meta_page_does_no_harm()
    {
        await MakeAsync();
        byte[] file = await File.ReadAllBytesAsync(_db.Path);
        long first = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(144));
        long second = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(4096 + 144));
        int older = first < second ? 0 : 4096;
        file.AsSpan(older + 40 + 4, 90).Fill(0xEE);
        await File.WriteAllBytesAsync(_db.Path, file);
        Assert.Equal(Value(3), await _db.GetAsync("user3", "userPassword"));
        await _db.PutAsync("user3", "userPassword", "new");
        Assert.Equal("new", await _db.GetAsync("user3", "userPassword"));
        Assert.Equal(Users, await _db.Store.VerifyAsync(default));
    }

    [Fact]
    public async Task A_list_of_free_pages_that_names_a_page_twice_is_found_before_a_commit()
    {
        await MakeAsync();
        byte[] file = await File.ReadAllBytesAsync(_db.Path);
        int page = FreePagesAt(file);
        // The oldest record: a count, then numbers from high to low. The second is made the first.
        int entry = page + BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(page + 16));
        file.AsSpan(entry + 24, 8).CopyTo(file.AsSpan(entry + 32));
        Assert.True(BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(entry + 16)) >= 2, "the oldest record has one page");
        await File.WriteAllBytesAsync(_db.Path, file);
        var damage = await Assert.ThrowsAsync<SasldbException>(() => _db.Store.VerifyAsync(default));
        Assert.Equal(SasldbFault.Damaged, damage.Fault);
        Assert.Equal(SasldbFault.Damaged, (await Assert.ThrowsAsync<SasldbException>(() => _db.PutAsync("new", "userPassword", "x"))).Fault);
        Assert.Equal(file, await File.ReadAllBytesAsync(_db.Path));
    }

    private static string Value(int user) => $"secret of {user}" + new string('.', user % 9 == 0 ? 3000 : user);

    // Half of the flips go where the structure is: meta pages, headers of pages, places of entries.
    private static int Place(Random random, int length) => random.Next(4) switch
    {
        0 => (random.Next(2) * 4096) + random.Next(152),
        1 => (random.Next(length / 4096) * 4096) + random.Next(64),
        _ => random.Next(length),
    };

    private static int FreePagesAt(byte[] file)
    {
        int newer = BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(144)) > BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(4096 + 144)) ? 0 : 4096;
        return 4096 * (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(newer + 16 + 24 + 40));
    }

    private Random Seeded()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        return new Random(seed);
    }

    // Many transactions, so that there are branches, long values and free pages.
    private async Task<byte[]> MakeAsync()
    {
        for (int from = 0; from < Users; from += 10)
        {
            await _db.Store.StoreAllAsync(
                Enumerable.Range(from, 10).Select(user => (
                    TestSasldb.User($"user{user}"),
                    (IReadOnlyList<SaslPropertyValue>)[new SaslPropertyValue("userPassword", Encoding.UTF8.GetBytes(Value(user)))])),
                default);
        }
        return await File.ReadAllBytesAsync(_db.Path);
    }

    // The password; "" for nobody; null when the file cannot be read.
    private async Task<string?> TryGetAsync(string user)
    {
        try
        {
            return await _db.GetAsync(user, "userPassword") ?? "";
        }
        catch (SaslUnavailableException refused)
        {
            Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
            return null;
        }
    }

    private void Use(bool write)
    {
        using var form = new LmdbForm(new SasldbOptions { Path = _db.Path });
        OnlySasldbExceptions(() => ListAll(form));
        OnlySasldbExceptions(() => form.Verify(default));
        if (!write)
            return;
        byte[] key = "user5\0example.com\0userPassword"u8.ToArray();
        OnlySasldbExceptions(() => form.Write(writer => writer.Put(key, new byte[2500]), default));
        OnlySasldbExceptions(() => form.Write(writer => _ = writer.KeysBeginningWith("user9"u8.ToArray()).Count(found => writer.Remove(found)), default));
        OnlySasldbExceptions(() => form.Write(writer => writer.Put(key, writer.Get(key) ?? []), default));
        OnlySasldbExceptions(() => ListAll(form));
    }

    private static void ListAll(LmdbForm form)
    {
        byte[]? last = null;
        while (form.ReadKeys(last) is { Count: > 0 } keys)
            last = keys[^1];
    }

    private static void OnlySasldbExceptions(Action use)
    {
        try
        {
            use();
        }
        catch (SasldbException refused)
        {
            Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
        }
    }

    private async Task<SasldbFault> FaultOfLookupAsync()
    {
        var refused = await Assert.ThrowsAsync<SaslUnavailableException>(() => _db.GetAsync("alice", "userPassword"));
        Assert.Contains(_db.Path, refused.Message, StringComparison.Ordinal);
        return Assert.IsType<SasldbException>(refused.InnerException).Fault;
    }

    private async Task RefusesAsync(byte[] file, string name)
    {
        await File.WriteAllBytesAsync(_db.Path, file);
        File.Delete(_db.LockPath);
        var refused = await Assert.ThrowsAsync<SaslUnavailableException>(() => _db.GetAsync("alice", "userPassword"));
        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
        Assert.Equal(SasldbFault.UnsupportedForm, Assert.IsType<SasldbException>(refused.InnerException).Fault);
        var unwritten = await Assert.ThrowsAsync<SasldbException>(() => _db.PutAsync("alice", "userPassword", "x"));
        Assert.Contains(name, unwritten.Message, StringComparison.Ordinal);
        Assert.Equal(file, await File.ReadAllBytesAsync(_db.Path));
        Assert.False(File.Exists(_db.LockPath));
    }
}
