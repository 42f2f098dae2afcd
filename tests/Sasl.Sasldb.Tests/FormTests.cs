using System.Text;
using Sasl.Sasldb.Copying;
using Sasl.Sasldb.Forms;
using Sasl.Sasldb.Records;
using Xunit;
using Xunit.Abstractions;

namespace Sasl.Sasldb.Tests;

/// <summary>What every form promises, and what happens when a file becomes one of another form.</summary>
public sealed class FormTests(ITestOutputHelper output) : IDisposable
{
    private const int Mutations = 300;

    // Measured: 0; a test host's timer may add something.
    private const long MostPerLookup = 8;

    private readonly HandClock _clock = new();
    private TestSasldb _db = new();

    /// <summary>The forms that can be made.</summary>
    public static TheoryData<SasldbFormat> Formats => [.. SasldbForms.Formats];

    /// <summary>Each form and another one.</summary>
    public static TheoryData<SasldbFormat, SasldbFormat> Pairs
    {
        get
        {
            var pairs = new TheoryData<SasldbFormat, SasldbFormat>();
            foreach (SasldbFormat from in SasldbForms.Formats)
            {
                foreach (SasldbFormat to in SasldbForms.Formats.Where(to => to != from))
                    pairs.Add(from, to);
            }
            return pairs;
        }
    }

    public void Dispose()
    {
        _db.Dispose();
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_new_file_is_of_the_form_asked_for_and_every_store_reads_it(SasldbFormat format)
    {
        Use(format);
        Assert.Null(_db.Store.DetectFormat());
        await _db.PutAsync("alice", "userPassword", "pencil");
        Assert.Equal(format, _db.Store.DetectFormat());
        using var unaware = new SasldbStore(_db.Path);
        Assert.Equal("pencil", await TestSasldb.GetAsync(unaware, TestSasldb.User("alice"), "userPassword"));
        await TestSasldb.PutAsync(unaware, "bob", "userPassword", "pen");
        Assert.Equal(format, _db.Store.DetectFormat());
        Assert.Equal(2, await _db.Store.VerifyAsync(default));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task What_a_killed_writer_left_behind_is_removed_and_what_is_an_administrators_stays(SasldbFormat format)
    {
        Use(format);
        await File.WriteAllTextAsync(_db.DraftPath, "half a file");
        await File.WriteAllTextAsync(_db.Path + ".new", "a conversion");
        await _db.PutAsync("alice", "userPassword", "pencil");
        await _db.PutAsync("alice", "userPassword", "pen");
        Assert.False(File.Exists(_db.DraftPath));
        Assert.Equal("a conversion", await File.ReadAllTextAsync(_db.Path + ".new"));
        Assert.Equal("pen", await _db.GetAsync("alice", "userPassword"));
    }

    // Another program makes the file while the first transaction is under way, so that it begins again: with the same records, not with zeros.
    [Theory]
    [InlineData(SasldbFormat.Gdbm, SasldbFormat.Gdbm)]
    [InlineData(SasldbFormat.Gdbm, SasldbFormat.Berkeley)]
    [InlineData(SasldbFormat.Gdbm, SasldbFormat.Lmdb)]
    [InlineData(SasldbFormat.Berkeley, SasldbFormat.Berkeley)]
    [InlineData(SasldbFormat.Berkeley, SasldbFormat.Gdbm)]
    [InlineData(SasldbFormat.Berkeley, SasldbFormat.Lmdb)]
    public async Task Records_are_stored_whole_when_the_transaction_begins_again(SasldbFormat wished, SasldbFormat appearing)
    {
        Use(wished);
        using var other = new TestSasldb(options => options with { CreateFormat = appearing, Clock = _clock });
        await other.PutAsync("bob", "userPassword", "other");
        SasldbEntry[] entries = [.. Enumerable.Range(0, 3).Select(static i =>
            new SasldbEntry(Encoding.UTF8.GetBytes($"u{i}\0{TestSasldb.Realm}\0userPassword"), "pencil"u8.ToArray()))];
        long count = 0;
        int calls = 0;
        using DetectedForm form = SasldbForms.For(new SasldbOptions { Path = _db.Path, CreateFormat = wished, Clock = _clock });
        form.Write(
            writer =>
            {
                count = SasldbWalk.Store(entries, writer, progress: null, default);
                if (calls++ == 0)
                    File.Copy(other.Path, _db.Path);
            },
            default);
        Assert.Equal(3, count);
        foreach (string name in (string[])["u0", "u1", "u2"])
            Assert.Equal("pencil", await _db.GetAsync(name, "userPassword"));
        Assert.Equal("other", await _db.GetAsync("bob", "userPassword"));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Records_may_be_erased_as_they_are_passed_and_are_all_stored_or_none(SasldbFormat format)
    {
        Use(format);
        await _db.PutAsync("alice", "userPassword", "pencil");
        await Assert.ThrowsAsync<FormatException>(() => _db.Store.StoreEntriesAsync(Passing(2000, breaksOff: true), null, default));
        Assert.Equal(1, await _db.Store.VerifyAsync(default));
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _db.Store.StoreEntriesAsync(Passing(2000), new CancelsAt(cancel), cancel.Token));
        Assert.Equal(1, await _db.Store.VerifyAsync(default));
        Assert.Equal(2000, await _db.Store.StoreEntriesAsync(Passing(2000), null, default));
        Assert.Equal(2001, await _db.Store.VerifyAsync(default));
        Assert.Equal("pencil of 1999", await _db.GetAsync("passing1999", "userPassword"));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Many_users_are_removed_in_one_transaction_and_nobody_else(SasldbFormat format)
    {
        Use(format);
        await _db.FillAsync(300);
        await _db.PutAsync("user1", "cmusaslsecretOTP", "otp");
        await _db.PutAsync("user1x", "userPassword", "stays");
        SaslUser[] leaving = [.. Enumerable.Range(0, 200).Select(user => TestSasldb.User($"user{user}")), TestSasldb.User("nobody"), new("user250", "elsewhere")];
        Assert.Equal(200, await _db.Store.RemoveAllAsync(leaving, default));
        Assert.Equal(101, await _db.Store.VerifyAsync(default));
        Assert.False(await _db.KnowsAsync("user1"));
        Assert.True(await _db.KnowsAsync("user200"));
        Assert.Equal("stays", await _db.GetAsync("user1x", "userPassword"));
        Assert.Equal(0, await _db.Store.RemoveAllAsync(leaving, default));
        Assert.Equal(2, await _db.Store.RemoveAllAsync([TestSasldb.User("user200"), TestSasldb.User("user201"), TestSasldb.User("user199")], default));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task What_was_made_for_a_realm_does_not_move_to_another(SasldbFormat format)
    {
        Use(format);
        foreach (string property in (string[])["userPassword", "authPassword", "cmusaslsecretDIGEST-MD5", "cmusaslsecretSRP", "cmusaslsecretOPAQUE", "cmusaslsecretOTP", "cmusaslsecretSCRAM-SHA-512"])
            await _db.PutAsync("alice", property, $"of {property}");
        SasldbRealmChange change = await _db.Store.ChangeRealmAsync(null, TestSasldb.Realm, "new", default);
        Assert.Equal((1, 4, 3), (change.Users, change.Records, change.Dropped));
        Assert.Equal(
            ["alice@new: authPassword", "alice@new: cmusaslsecretOTP", "alice@new: cmusaslsecretSCRAM-SHA-512", "alice@new: userPassword"],
            (await _db.ListAsync()).Order(StringComparer.Ordinal));
        Assert.Equal("of cmusaslsecretOTP", await TestSasldb.GetAsync(_db.Store, new SaslUser("alice", "new"), "cmusaslsecretOTP"));
        Assert.False(await _db.KnowsAsync("alice"));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Nobody_is_removed_from_a_file_that_is_not_there_and_none_is_made(SasldbFormat format)
    {
        Use(format);
        Assert.False(await _db.Store.RemoveAsync(TestSasldb.User("bob"), default));
        Assert.False(File.Exists(_db.Path));
        Assert.False(File.Exists(_db.LockPath));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Ten_thousand_users_get_another_realm(SasldbFormat format)
    {
        Use(format);
        await _db.Store.StoreAllAsync(
            Enumerable.Range(0, 10_000).Select(static user => (
                TestSasldb.User($"user{user}"), (IReadOnlyList<SaslPropertyValue>)[new SaslPropertyValue("userPassword", Encoding.UTF8.GetBytes($"{user}"))])),
            default);
        SasldbRealmChange change = await _db.Store.ChangeRealmAsync(null, TestSasldb.Realm, "new.example", default);
        Assert.Equal((10_000, 10_000), (change.Users, change.Records));
        Assert.Equal("77", await TestSasldb.GetAsync(_db.Store, new SaslUser("user77", "new.example"), "userPassword"));
        Assert.Null(await _db.GetAsync("user77", "userPassword"));
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_file_replaced_by_one_of_another_form_is_noticed_at_the_next_lookup(SasldbFormat from, SasldbFormat to)
    {
        Use(from);
        using TestSasldb other = Make(to);
        await _db.PutAsync("alice", "userPassword", "old");
        await other.PutAsync("alice", "userPassword", "new");
        Assert.Equal("old", await _db.GetAsync("alice", "userPassword"));
        File.Move(other.Path, _db.Path, overwrite: true);
        Assert.Equal("new", await _db.GetAsync("alice", "userPassword"));
        await _db.PutAsync("alice", "userPassword", "newer");
        Assert.Equal("newer", await _db.GetAsync("alice", "userPassword"));
        Assert.Equal(to, _db.Store.DetectFormat());
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_file_overwritten_in_place_by_one_of_another_form_is_noticed(SasldbFormat from, SasldbFormat to)
    {
        Use(from);
        using TestSasldb other = Make(to);
        await _db.PutAsync("alice", "userPassword", "old");
        await other.PutAsync("alice", "userPassword", "new");
        Assert.Equal("old", await _db.GetAsync("alice", "userPassword"));
        await File.WriteAllBytesAsync(_db.Path, await File.ReadAllBytesAsync(other.Path));
        Assert.Equal("new", await _db.GetAsync("alice", "userPassword"));
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Lookups_never_fail_while_the_form_changes_again_and_again(SasldbFormat from, SasldbFormat to)
    {
        using TestSasldb one = Make(from);
        using TestSasldb another = Make(to);
        await one.PutAsync("alice", "userPassword", "pencil");
        await another.PutAsync("alice", "userPassword", "pencil");
        File.Copy(one.Path, _db.Path);
        using var stop = new CancellationTokenSource();
        Task[] looking = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                Assert.Equal("pencil", await _db.GetAsync("alice", "userPassword"));
        }))];
        for (int round = 0; round < 30; round++)
        {
            File.Copy(round % 2 == 0 ? another.Path : one.Path, _db.At("next"));
            File.Move(_db.At("next"), _db.Path, overwrite: true);
        }
        await stop.CancelAsync();
        await Task.WhenAll(looking);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Everything_is_the_same_after_a_copy_to_another_form_and_back(SasldbFormat from, SasldbFormat to)
    {
        Use(from);
        await _db.FillAsync(200);
        await _db.Store.StoreEntriesAsync([new("no nul"u8.ToArray(), "v"u8.ToArray()), new([0xFF, 0, 0, 1], []), new("long"u8.ToArray(), new byte[60_000])], null, default);
        using TestSasldb other = Make(to);
        using TestSasldb back = Make(from);
        Assert.Equal(203, await _db.Store.CopyToAsync(other.Store, null, default));
        Assert.Equal(203, await other.Store.CopyToAsync(back.Store, null, default));
        Assert.Equal(to, other.Store.DetectFormat());
        Assert.Equal(await RecordsAsync(_db), await RecordsAsync(back));
        Assert.Equal(await RecordsAsync(_db), await RecordsAsync(other));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task What_cannot_be_read_is_a_temporary_failure_that_says_why(SasldbFormat format)
    {
        Use(format);
        Assert.Equal(SasldbFault.Missing, await FaultAsync());
        await _db.PutAsync("alice", "userPassword", "pencil");
        Assert.Equal("pencil", await _db.GetAsync("alice", "userPassword"));
        byte[] whole = await File.ReadAllBytesAsync(_db.Path);
        await File.WriteAllBytesAsync(_db.Path, []);
        Assert.Contains(await FaultAsync(), new[] { SasldbFault.Empty, SasldbFault.Damaged });
        await File.WriteAllBytesAsync(_db.Path, whole[..40]);
        Assert.Equal(SasldbFault.Damaged, await FaultAsync());
        await File.WriteAllTextAsync(_db.Path, new string('x', 5000));
        Assert.Equal(SasldbFault.UnsupportedForm, await FaultAsync());
        await File.WriteAllBytesAsync(_db.Path, whole);
        Assert.Equal("pencil", await _db.GetAsync("alice", "userPassword"));
        File.Delete(_db.Path);
        Assert.Equal(SasldbFault.Missing, await FaultAsync());
        Directory.CreateDirectory(_db.Path);
        Assert.Equal(SasldbFault.NotAFile, await FaultAsync());
        Directory.Delete(_db.Path);
        await File.WriteAllTextAsync(_db.Path + ".pag", "ndbm");
        Assert.Equal(SasldbFault.UnsupportedForm, await FaultAsync());
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_flipped_bit_or_a_cut_ends_in_an_answer_or_in_an_exception_and_soon(SasldbFormat format)
    {
        Use(format);
        await _db.FillAsync(60);
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        byte[] whole = await File.ReadAllBytesAsync(_db.Path);
        int right = 0;
        for (int mutation = 0; mutation < Mutations; mutation++)
        {
            byte[] octets = mutation % 5 == 0 ? whole[..random.Next(whole.Length)] : [.. whole];
            if (mutation % 5 != 0)
                octets[mutation % 2 == 0 ? random.Next(whole.Length) : random.Next(200)] ^= (byte)(1 << random.Next(8));
            // Under a new name each time: no form waits for the writer of a file that is put in place at once.
            File.WriteAllBytes(_db.At("next"), octets);
            File.SetLastWriteTimeUtc(_db.At("next"), DateTime.UnixEpoch.AddYears(40));
            File.Move(_db.At("next"), _db.Path, overwrite: true);
            int user = random.Next(60);
            try
            {
                right += await _db.GetAsync($"user{user}", "userPassword") == TestSasldb.Filling(user) ? 1 : 0;
                Assert.InRange((await _db.ListAsync()).Count, 0, 1000);
            }
            catch (Exception refused) when (refused is SaslUnavailableException or SasldbException)
            {
                Assert.Contains(_db.Path, refused.Message, StringComparison.Ordinal);
            }
        }
        Assert.True(right > Mutations / 3, $"{right} right answers");
    }

    // A whole page that is another page, noise or nothing: what a broken disk or a wrong restore leaves.
    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Pages_of_noise_of_nothing_or_of_each_other_end_in_an_answer_or_in_an_exception_and_take_little_memory(SasldbFormat format)
    {
        const int Page = 4096;
        const long MostMemory = 16 * 1024 * 1024;
        Use(format);
        await _db.FillAsync(60);
        // By this clock all were written long ago, and nobody waits for a writer.
        _clock.Advance(TimeSpan.FromSeconds(10));
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        byte[] whole = await File.ReadAllBytesAsync(_db.Path);
        int pages = whole.Length / Page;
        for (int mutation = 0; mutation < Mutations; mutation++)
        {
            byte[] octets = [.. whole];
            Span<byte> page = octets.AsSpan(random.Next(pages) * Page, Page);
            // The octets by which a form is told stay.
            page = mutation % 4 == 0 ? page[64..] : page;
            if (mutation % 3 == 0)
                random.NextBytes(page);
            else if (mutation % 3 == 1)
                page.Clear();
            else
                whole.AsSpan((random.Next(pages) * Page) + Page - page.Length, page.Length).CopyTo(page);
            File.WriteAllBytes(_db.At("next"), octets);
            File.SetLastWriteTimeUtc(_db.At("next"), DateTime.UnixEpoch.AddYears(40));
            File.Move(_db.At("next"), _db.Path, overwrite: true);
            long before = GC.GetAllocatedBytesForCurrentThread();
            int thread = Environment.CurrentManagedThreadId;
            await TryAsync(async () => _ = await _db.GetAsync($"user{random.Next(60)}", "userPassword"));
            await TryAsync(async () => Assert.InRange((await _db.ListAsync()).Count, 0, 1000));
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostMemory);
            await TryAsync(async () => await _db.Store.VerifyAsync(default));
        }

        async Task TryAsync(Func<Task> act)
        {
            try
            {
                await act();
            }
            catch (Exception refused) when (refused is SaslUnavailableException or SasldbException)
            {
                Assert.Contains(_db.Path, refused.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Lookups_see_whole_states_while_a_writer_writes(SasldbFormat format)
    {
        Use(format);
        await StorePairAsync(0);
        using var stop = new CancellationTokenSource();
        Task<int>[] looking = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            int lookups = 0;
            for (; !stop.IsCancellationRequested; lookups++)
            {
                SaslProperty left = new("left");
                SaslProperty right = new("right");
                using var set = new PropertySet(left, right);
                Assert.True(await _db.Store.LookupAsync(TestSasldb.User("pair"), set, default));
                Assert.True(set.TryGet(left, out ReadOnlySpan<byte> one) && set.TryGet(right, out ReadOnlySpan<byte> two) && one.SequenceEqual(two));
            }
            return lookups;
        }))];
        for (int round = 1; round < 60; round++)
            await StorePairAsync(round);
        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(looking), lookups => Assert.True(lookups > 0));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_lookup_allocates_next_to_nothing(SasldbFormat format)
    {
        Use(format);
        await _db.FillAsync(500);
        SaslUser user = TestSasldb.User("user123");
        using var set = new PropertySet(new SaslProperty("userPassword"));
        using var nobody = new PropertySet(new SaslProperty("none"));
        Assert.True(await _db.Store.LookupAsync(user, set, default));
        Assert.True(await _db.Store.LookupAsync(user, nobody, default));
        const int Lookups = 500;
        // A file that was written just now is read twice; this one was written long ago.
        _clock.Advance(TimeSpan.FromSeconds(10));
        File.SetLastWriteTimeUtc(_db.Path, DateTime.UtcNow.AddHours(-1));
        Assert.True(await _db.Store.LookupAsync(user, nobody, default));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int lookup = 0; lookup < Lookups; lookup++)
            Assert.True(_db.Store.LookupAsync(user, nobody, default).IsCompletedSuccessfully);
        long perLookup = (GC.GetAllocatedBytesForCurrentThread() - before) / Lookups;
        output.WriteLine($"{perLookup} octets for a lookup");
        Assert.InRange(perLookup, 0, MostPerLookup);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task A_realm_moves_in_every_form(SasldbFormat format)
    {
        Use(format);
        await _db.FillAsync(50);
        SasldbRealmChange change = await _db.Store.ChangeRealmAsync(null, TestSasldb.Realm, "new.example", default);
        Assert.Equal((50, 50), (change.Users, change.Records));
        Assert.Empty(await _db.ListAsync(TestSasldb.Realm));
        Assert.Equal(50, (await _db.ListAsync("new.example")).Count);
        Assert.Equal(TestSasldb.Filling(7), await TestSasldb.GetAsync(_db.Store, new SaslUser("user7", "new.example"), "userPassword"));
    }

    private static TestSasldb Make(SasldbFormat format) => new(options => options with { CreateFormat = format });

    private static async Task<List<string>> RecordsAsync(TestSasldb db)
    {
        var records = new List<string>();
        await foreach (SasldbEntry entry in db.Store.ReadEntriesAsync(default))
            records.Add($"{Convert.ToHexString(entry.Key.Span)} {Convert.ToHexString(entry.Value.Span)}");
        records.Sort(StringComparer.Ordinal);
        return records;
    }

    private void Use(SasldbFormat format)
    {
        _db.Dispose();
        _db = new TestSasldb(options => options with { CreateFormat = format, Clock = _clock });
    }

    private Task StorePairAsync(int round)
    {
        byte[] value = Encoding.UTF8.GetBytes($"{round}".PadRight(1 + (round * 97 % 3000)));
        return _db.Store.StoreAsync(TestSasldb.User("pair"), [new("left", value), new("right", value)], default).AsTask();
    }

    private async Task<SasldbFault> FaultAsync()
    {
        var refused = await Assert.ThrowsAsync<SaslUnavailableException>(() => _db.GetAsync("alice", "userPassword"));
        Assert.Contains(_db.Path, refused.Message, StringComparison.Ordinal);
        return Assert.IsType<SasldbException>(refused.InnerException).Fault;
    }

    private static IEnumerable<SasldbEntry> Passing(int count, bool breaksOff = false)
    {
        for (int number = 0; number < count; number++)
        {
            using var entry = new SasldbEntry(Encoding.UTF8.GetBytes($"passing{number}\0{TestSasldb.Realm}\0userPassword"), Encoding.UTF8.GetBytes($"pencil of {number}"));
            yield return entry;
        }
        if (breaksOff)
            throw new FormatException("The text breaks off.");
    }

    private sealed class CancelsAt(CancellationTokenSource cancel) : IProgress<long>
    {
        public void Report(long value) => cancel.Cancel();
    }
}
