using System.Text;
using Xunit;
using Xunit.Abstractions;

namespace Sasl.Sasldb.Tests;

/// <summary>
/// One wrong bit anywhere in a file without checksums. Nobody can tell a password from the same with one bit changed; but no bit outside of
/// what the file has of a user, which is his record and the entry that says where it is and how long, may change what is read of him: he is
/// found with the right password, or the file is refused. "No such user" would be as wrong as another's password.
/// </summary>
public sealed class FlippedBitTests(ITestOutputHelper output) : IDisposable
{
    private const int Users = 150;
    private const int Flips = 12_000;
    private const int PageSize = 4096;

    private TestSasldb _db = new();

    /// <summary>Form, and how many octets before and behind the key of a record belong to it too.</summary>
    public static TheoryData<SasldbFormat> Formats => FormTests.Formats;

    public void Dispose() => _db.Dispose();

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_flipped_bit_changes_nobodys_answer_but_that_of_the_record_it_is_in(SasldbFormat format)
    {
        Use(format);
        await _db.Store.StoreAllAsync(
            Enumerable.Range(0, Users).Select(user => (TestSasldb.User($"user{user}"), (IReadOnlyList<SaslPropertyValue>)[new("userPassword", Encoding.ASCII.GetBytes(Value(user)))])), default);
        byte[] whole = await File.ReadAllBytesAsync(_db.Path);
        List<(long Start, long End)>[] own = [.. Enumerable.Range(0, Users).Select(user => OwnOctets(whole, user, format))];
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        int right = 0;
        int refused = 0;
        int altered = 0;
        for (int flip = 0; flip < Flips; flip++)
        {
            int place = Place(random, whole.Length);
            byte flipped = (byte)(whole[place] ^ (1 << random.Next(8)));
            Overwrite(place, flipped);
            using var store = new SasldbStore(new SasldbOptions { Path = _db.Path, Clock = new LaterClock() });
            for (int lookup = 0; lookup < 4; lookup++)
            {
                int user = random.Next(Users);
                string? found = await TryGetAsync(store, user);
                right += found == Value(user) ? 1 : 0;
                refused += found is null ? 1 : 0;
                if (found is null || found == Value(user))
                    continue;
                Assert.True(own[user].Exists(part => place >= part.Start && place < part.End), $"octet {place}, then {flipped:x2}, changed the answer for user{user} to {found.Length} octets");
                altered++;
            }
            Overwrite(place, whole[place]);
        }
        output.WriteLine($"{right} right answers, {refused} refused, {altered} altered records");
        Assert.True(right > Flips && refused > Flips / 100, $"{right} right answers, {refused} refused");
        Assert.Equal(whole, await File.ReadAllBytesAsync(_db.Path));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Of_a_flipped_bit_in_a_value_only_that_bit_is_wrong(SasldbFormat format)
    {
        Use(format);
        await _db.PutAsync("alice", "userPassword", "a password of some length");
        byte[] whole = await File.ReadAllBytesAsync(_db.Path);
        int start = whole.AsSpan().LastIndexOf("a password of some length"u8);
        for (int bit = 0; bit < 25 * 8; bit++)
        {
            Overwrite(start + (bit / 8), (byte)(whole[start + (bit / 8)] ^ (1 << (bit % 8))));
            using var store = new SasldbStore(new SasldbOptions { Path = _db.Path, Clock = new LaterClock() });
            using var set = new PropertySet(SaslProperty.UserPassword);
            Assert.True(await store.LookupAsync(TestSasldb.User("alice"), set, default));
            byte[] value = set.ValueAt(0).ToArray();
            value[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal("a password of some length", Encoding.ASCII.GetString(value));
            Overwrite(start + (bit / 8), whole[start + (bit / 8)]);
        }
    }

    private static string Value(int user) => $"secret of {user}" + new string('.', user % 9 == 0 ? 1500 + user : user % 40);

    // The record wherever it is in the file, and its entry: what stands before its key, its item or its element in a bucket.
    private static List<(long Start, long End)> OwnOctets(byte[] file, int user, SasldbFormat format)
    {
        byte[] key = Encoding.ASCII.GetBytes($"user{user}\0{TestSasldb.Realm}\0userPassword");
        byte[] value = Encoding.ASCII.GetBytes(Value(user));
        var own = new List<(long, long)>();
        for (int at = file.AsSpan().IndexOf(key); at >= 0; at = Next(file, key, at))
        {
            own.Add(format switch
            {
                SasldbFormat.Lmdb => (at - 8, at + key.Length + 8),
                SasldbFormat.Berkeley => (at - 13, at + key.Length),
                _ => (at, at + key.Length),
            });
            if (format == SasldbFormat.Gdbm)
                own.AddRange(Places(file, BitConverter.GetBytes((long)at)).Select(element => (element - 8L, element + 16L)));
        }
        foreach (int at in Places(file, value.AsSpan(0, Math.Min(value.Length, 1000)).ToArray()))
            own.Add((at - (format == SasldbFormat.Berkeley ? 1 : 0), at + value.Length + 1));
        return own;
    }

    private static IEnumerable<int> Places(byte[] file, byte[] octets)
    {
        for (int at = file.AsSpan().IndexOf(octets); at >= 0; at = Next(file, octets, at))
            yield return at;
    }

    private static int Next(byte[] file, byte[] octets, int at)
    {
        int next = file.AsSpan(at + 1).IndexOf(octets);
        return next < 0 ? -1 : at + 1 + next;
    }

    // Half of the flips go where the structure is: the beginnings of the file and of its pages.
    private static int Place(Random random, int length) => random.Next(4) switch
    {
        0 => random.Next(512),
        1 => (random.Next(length / PageSize) * PageSize) + random.Next(96),
        _ => random.Next(length),
    };

    private void Use(SasldbFormat format)
    {
        _db.Dispose();
        _db = new TestSasldb(options => options with { CreateFormat = format });
    }

    private void Overwrite(int place, byte octet)
    {
        using var file = File.OpenHandle(_db.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(file, [octet], place);
    }

    // The password; "" for nobody; null when the file cannot be read.
    private static async Task<string?> TryGetAsync(SasldbStore store, int user)
    {
        try
        {
            return await TestSasldb.GetAsync(store, TestSasldb.User($"user{user}"), "userPassword") ?? "";
        }
        catch (SaslUnavailableException)
        {
            return null;
        }
    }
}
