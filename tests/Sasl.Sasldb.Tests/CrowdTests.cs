using System.Text;
using Sasl.Testing.Peers;
using Xunit;
using Xunit.Abstractions;

namespace Sasl.Sasldb.Tests;

/// <summary>Many users, many lookups at once, and files that change meanwhile.</summary>
public sealed class CrowdTests(ITestOutputHelper output) : IDisposable
{
    private const int Population = 10_000;

    // Measured: 0 with the property set made before; a test host's timer may add something.
    private const long MostPerLookup = 8;

    private readonly TestSasldb _db = new();

    public void Dispose() => _db.Dispose();

    [PeerFact("mdb_dump", "mdb_stat")]
    public async Task Ten_thousand_users_with_awkward_names_come_back_and_liblmdb_agrees()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        Dictionary<SaslUser, byte[]> users = MakeUsers(random);
        foreach (KeyValuePair<SaslUser, byte[]>[] some in users.Chunk(1000))
            await _db.Store.StoreAllAsync(some.Select(user => (user.Key, Password(user.Value))), default);
        await CompareAsync(users);

        SaslUser[] leaving = [.. users.Keys.Where(_ => random.Next(3) == 0)];
        foreach (SaslUser[] some in leaving.Chunk(1000))
            await _db.Store.StoreAllAsync(some.Select(user => (user, Password(null))), default);
        Array.ForEach(leaving, user => users.Remove(user));
        Assert.False(await _db.Store.LookupAsync(leaving[0], new PropertySet(), default));
        await CompareAsync(users);
    }

    [Fact]
    public async Task A_thousand_lookups_at_once_see_whole_states_while_a_writer_writes()
    {
        await StorePairAsync(0);
        using var stop = new CancellationTokenSource();
        int written = 0;
        Task writing = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await StorePairAsync(written + 1);
                Interlocked.Increment(ref written);
            }
        });
        // Until something was written meanwhile, however busy the machine is.
        int[] seen = await Task.WhenAll(Enumerable.Range(0, 1000).Select(_ => Task.Run(() => LookUpPairsAsync(until: () => Volatile.Read(ref written) > 1))));
        await stop.CancelAsync();
        await writing;
        Assert.InRange(seen.Max(), 1, written);
    }

    [Fact]
    public async Task A_lookup_allocates_next_to_nothing()
    {
        await _db.FillAsync(500);
        var password = new SaslProperty("userPassword");
        SaslUser user = TestSasldb.User("user123");
        using var empty = new PropertySet(new SaslProperty("none"));
        const int Lookups = 1000;
        Assert.True(await _db.Store.LookupAsync(user, empty, default));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int lookup = 0; lookup < Lookups; lookup++)
            Assert.True(_db.Store.LookupAsync(user, empty, default).IsCompletedSuccessfully);
        long perLookup = (GC.GetAllocatedBytesForCurrentThread() - before) / Lookups;
        output.WriteLine($"{perLookup} octets for a lookup");
        Assert.InRange(perLookup, 0, MostPerLookup);
    }

    [Fact]
    public async Task A_listing_has_everybody_who_was_there_all_the_time_once_while_others_come_and_go()
    {
        string[] settled = [.. Enumerable.Range(0, 400).Select(number => $"settled{number:000}")];
        await _db.Store.StoreAllAsync(settled.Select(name => (TestSasldb.User(name), Password("x"u8.ToArray()))), default);
        using var stop = new CancellationTokenSource();
        Task stirring = Task.Run(async () =>
        {
            for (int round = 0; !stop.IsCancellationRequested; round++)
            {
                await _db.PutAsync($"settled{round * 7 % 400:000}.guest", "userPassword", new string('g', round % 2000));
                await _db.Store.RemoveAsync(TestSasldb.User($"settled{(round - 5) * 7 % 400:000}.guest"), default);
                await _db.Store.StoreAsync(new SaslUser($"settled{round % 400:000}", "other"), Password("o"u8.ToArray()), default);
            }
        });
        for (int listing = 0; listing < 30; listing++)
        {
            string? realm = listing % 2 == 0 ? null : TestSasldb.Realm;
            List<string> lines = await _db.ListAsync(realm);
            Assert.Equal(lines.Distinct(), lines);
            Assert.Equal(settled.Select(name => $"{name}@example.com: userPassword"), lines.Where(line => !line.Contains("guest", StringComparison.Ordinal)
                && !line.Contains("@other", StringComparison.Ordinal)));
            Assert.True(realm is null || lines.TrueForAll(line => !line.Contains("@other", StringComparison.Ordinal)));
        }
        await stop.CancelAsync();
        await stirring;
    }

    [Fact]
    public async Task A_file_deleted_and_made_again_is_another_file()
    {
        for (int round = 0; round < 5; round++)
        {
            await _db.PutAsync($"alice{round}", "userPassword", "pencil");
            Assert.Equal("pencil", await _db.GetAsync($"alice{round}", "userPassword"));
            Assert.False(await _db.KnowsAsync($"alice{round - 1}"));
            File.Delete(_db.Path);
            if (round % 2 == 0)
                File.Delete(_db.LockPath);
            await Assert.ThrowsAsync<SaslUnavailableException>(() => _db.KnowsAsync($"alice{round}"));
        }
    }

    [Fact]
    public async Task Lookups_never_fail_while_the_file_is_replaced_again_and_again()
    {
        using var other = new TestSasldb();
        await other.PutAsync("alice", "userPassword", "pencil");
        File.Copy(other.Path, _db.Path);
        using var stop = new CancellationTokenSource();
        Task[] looking = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                Assert.Equal("pencil", await _db.GetAsync("alice", "userPassword"));
        }))];
        for (int round = 0; round < 100; round++)
        {
            File.Copy(other.Path, _db.At("next"));
            File.Move(_db.At("next"), _db.Path, overwrite: true);
        }
        await stop.CancelAsync();
        await Task.WhenAll(looking);
    }

    private static IReadOnlyList<SaslPropertyValue> Password(ReadOnlyMemory<byte>? value) => [new("userPassword", value)];

    private static Dictionary<SaslUser, byte[]> MakeUsers(Random random)
    {
        string[] syllables = ["a", "Z", ".", "..", "-", "_", "+", "@", " ", "%", "\\", "'", "\"", "\u00e4", "\u00df", "\u0416", "\u4e2d", "\U0001F511", "\u0301", "\u200f", "0", "user"];
        string[] realms = ["example.com", "", "b\u00fccher.example", "EXAMPLE.com", "a.very.long.realm.name.of.some.department.example.org"];
        var users = new Dictionary<SaslUser, byte[]>();
        while (users.Count < Population)
        {
            int length = random.Next(50) == 0 ? random.Next(30, 90) : random.Next(1, 9);
            string name = string.Concat(Enumerable.Range(0, length).Select(_ => syllables[random.Next(syllables.Length)]));
            byte[] value = new byte[random.Next(20) == 0 ? random.Next(4097) : random.Next(40)];
            random.NextBytes(value);
            users.TryAdd(new SaslUser(name, realms[random.Next(realms.Length)]), value);
        }
        return users;
    }

    private async Task CompareAsync(Dictionary<SaslUser, byte[]> users)
    {
        var password = new SaslProperty("userPassword");
        foreach ((SaslUser user, byte[] value) in users)
        {
            using var set = new PropertySet(password);
            Assert.True(await _db.Store.LookupAsync(user, set, default));
            Assert.True(set.TryGet(password, out ReadOnlySpan<byte> found) && found.SequenceEqual(value), $"another value for {user}");
        }
        Assert.Equal(users.Count, await _db.Store.VerifyAsync(default));
        Assert.Equal(users.Count, await Liblmdb.CountAsync(_db.Path));
        SortedDictionary<string, string> dump = await Liblmdb.DumpAsync(_db.Path);
        Assert.Equal(users.Count, dump.Count);
        foreach ((SaslUser user, byte[] value) in users)
        {
            string key = Convert.ToHexStringLower(Encoding.UTF8.GetBytes($"{user.Name}\0{user.Realm}\0userPassword"));
            Assert.Equal(Convert.ToHexStringLower(value), dump[key]);
        }
    }

    private Task StorePairAsync(int round)
    {
        byte[] value = Encoding.UTF8.GetBytes($"{round}".PadRight(1 + (round * 97 % 3000)));
        return _db.Store.StoreAsync(TestSasldb.User("pair"), [new("left", value), new("right", value)], default).AsTask();
    }

    private async Task<int> LookUpPairsAsync(Func<bool> until)
    {
        SaslProperty left = new("left");
        SaslProperty right = new("right");
        int last = 0;
        for (int lookup = 0; lookup < 30 || !until(); lookup++)
        {
            await Task.Yield();
            using var set = new PropertySet(left, right);
            Assert.True(await _db.Store.LookupAsync(TestSasldb.User("pair"), set, default));
            Assert.True(set.TryGet(left, out ReadOnlySpan<byte> one) && set.TryGet(right, out ReadOnlySpan<byte> other) && one.SequenceEqual(other));
            int now = int.Parse(Encoding.UTF8.GetString(one), provider: null);
            Assert.True(now >= last, "an older state was seen after a newer one");
            last = now;
        }
        return last;
    }
}
