using System.Text;
using Sasl.Sasldb.Gdbm;
using Sasl.Testing.Peers;
using Xunit;
using Xunit.Abstractions;

namespace Sasl.Sasldb.Tests.Gdbm;

/// <summary>
/// Files that are no longer whole. Whatever is done with them ends soon, in an answer or in one of two exceptions. GDBM has no checksums:
/// a flipped bit in a password is another password, and only what contradicts itself can be found.
/// </summary>
public sealed class GdbmDamageTests : IDisposable
{
    private const int Mutations = 1500;
    private const int Users = 400;
    private const long MostAllocated = 64 * 1024 * 1024;

    private readonly ITestOutputHelper _output;
    private readonly TestSasldb _db = new(options => options with { CreateFormat = SasldbFormat.Gdbm, Clock = new LaterClock(), LockTimeout = TimeSpan.FromSeconds(1) });
    private readonly Random _random;

    public GdbmDamageTests(ITestOutputHelper output)
    {
        _output = output;
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        _random = new Random(seed);
    }

    public void Dispose() => _db.Dispose();

    [PeerFact("gdbmtool")]
    public async Task A_file_truncated_anywhere_gives_right_answers_or_none()
    {
        byte[] whole = await MakeAsync();
        int answered = 0;
        IEnumerable<int> lengths = Enumerable.Range(0, whole.Length / 4096).Select(block => block * 4096)
            .Concat(Enumerable.Range(0, 40).Select(_ => _random.Next(whole.Length))).Concat([1, 39, 40, 63, 64, whole.Length - 1]);
        foreach (int length in lengths)
        {
            Put(whole[..length]);
            for (int user = 0; user < Users; user += 29)
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

    [PeerFact("gdbmtool")]
    public async Task Flipped_bits_end_in_an_answer_or_in_one_of_two_exceptions()
    {
        byte[] whole = await MakeAsync();
        int right = 0;
        int unavailable = 0;
        for (int mutation = 0; mutation < Mutations; mutation++)
        {
            byte[] flipped = [.. whole];
            for (int flips = _random.Next(1, 4); flips > 0; flips--)
                flipped[Place(whole.Length)] ^= (byte)(1 << _random.Next(8));
            Put(flipped);
            int user = _random.Next(Users);
            string? found = await TryGetAsync($"user{user}");
            right += found == Value(user) ? 1 : 0;
            unavailable += found is null ? 1 : 0;
            // All on this thread, so that its allocations can be counted.
            long before = GC.GetAllocatedBytesForCurrentThread();
            Use(write: mutation % 10 == 0);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostAllocated);
        }
        _output.WriteLine($"{right} right answers, {unavailable} exceptions");
        Assert.True(right > Mutations / 2 && unavailable > Mutations / 100, $"{right} right answers, {unavailable} exceptions");
    }

    [PeerFact("gdbmtool")]
    public async Task Blocks_of_noise_or_of_each_other_end_in_an_answer_or_in_one_of_two_exceptions()
    {
        byte[] whole = await MakeAsync();
        for (int mutation = 0; mutation < 300; mutation++)
        {
            byte[] mixed = [.. whole];
            int block = _random.Next(whole.Length / 4096) * 4096;
            if (mutation % 2 == 0)
                _random.NextBytes(mixed.AsSpan(block == 0 ? 64 : block, 1024));
            else
                whole.AsSpan(_random.Next(whole.Length / 4096) * 4096, 4096).CopyTo(mixed.AsSpan(block));
            Put(mixed);
            string? found = await TryGetAsync($"user{_random.Next(Users)}");
            Use(write: mutation % 10 == 0);
            Assert.True(found is null or "" || found.StartsWith("secret", StringComparison.Ordinal) || mutation % 2 == 0, "another record's octets");
        }
    }

    [Fact]
    public async Task Nothing_but_noise_is_refused()
    {
        for (int length = 64; length < 200_000; length *= 3)
        {
            byte[] noise = new byte[length];
            _random.NextBytes(noise);
            BitConverter.TryWriteBytes(noise, 0x13579ACF);
            Put(noise);
            Assert.Null(await TryGetAsync("alice"));
            Use(write: true);
        }
    }

    [PeerFact("gdbmtool")]
    public async Task A_free_list_that_goes_in_a_circle_is_found()
    {
        byte[] whole = await MakeAsync();
        // The header's block of the list names, as the next one, a place that names itself.
        BitConverter.TryWriteBytes(whole.AsSpan(48), 4096L);
        BitConverter.TryWriteBytes(whole.AsSpan(4096 + 8), 4096L);
        BitConverter.TryWriteBytes(whole.AsSpan(4096), 0L);
        Put(whole);
        Assert.Equal(SasldbFault.Damaged, (await Assert.ThrowsAsync<SasldbException>(() => _db.Store.VerifyAsync(default))).Fault);
    }

    [Fact]
    public async Task An_NDBM_pair_of_files_is_called_by_its_name()
    {
        await File.WriteAllBytesAsync(_db.Path + ".pag", new byte[1024]);
        await File.WriteAllBytesAsync(_db.Path + ".dir", []);
        var refused = await Assert.ThrowsAsync<SaslUnavailableException>(() => _db.GetAsync("alice", "userPassword"));
        Assert.Contains("NDBM", refused.Message, StringComparison.Ordinal);
    }

    private static string Value(int user) => $"secret of {user}" + new string('.', user % 9 == 0 ? 3000 : user % 50);

    // Half of the flips go where the structure is: header, directory, buckets.
    private int Place(int length) => _random.Next(4) switch
    {
        0 => _random.Next(64),
        1 => _random.Next(4096, 4 * 4096),
        _ => _random.Next(length),
    };

    private void Put(byte[] file) => File.WriteAllBytes(_db.Path, file);

    // With free places and several buckets, as libgdbm leaves them.
    private async Task<byte[]> MakeAsync()
    {
        await Libgdbm.StoreAsync(_db.Path, Enumerable.Range(0, 2 * Users).Select(user => ($"user{user}\0{TestSasldb.Realm}\0userPassword", Encoding.UTF8.GetBytes(Value(user)))));
        await Libgdbm.RunAsync(
            """
            db = dbm.open(sys.argv[1], 'w')
            for user in range(int(sys.argv[2]), 2 * int(sys.argv[2])):
                del db[b'user%d\0example.com\0userPassword' % user]
            db.close()
            """,
            _db.Path,
            "",
            $"{Users}");
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
        using var form = new GdbmForm(new SasldbOptions { Path = _db.Path, Clock = new LaterClock(), LockTimeout = TimeSpan.FromSeconds(1) });
        OnlySasldbExceptions(() => ListAll(form));
        OnlySasldbExceptions(() => form.Verify(default));
        if (!write)
            return;
        byte[] key = "user5\0example.com\0userPassword"u8.ToArray();
        OnlySasldbExceptions(() => form.Write(writer => writer.Put(key, new byte[2500]), default));
        OnlySasldbExceptions(() => form.Write(writer => writer.KeysBeginningWith("user9"u8.ToArray()).Count(found => writer.Remove(found)), default));
        OnlySasldbExceptions(() => ListAll(form));
    }

    private static void ListAll(GdbmForm form)
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
}
