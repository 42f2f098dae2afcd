using System.Text;
using Xunit;

namespace Sasl.Sasldb.Tests;

/// <summary>Reading, copying and moving all of a file.</summary>
public sealed class WholeFileTests : IDisposable
{
    private readonly TestSasldb _db = new();
    private readonly TestSasldb _other = new();

    public void Dispose()
    {
        _db.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task Every_record_is_read_with_its_value_and_erased_after()
    {
        await _db.FillAsync(300);
        var seen = new Dictionary<string, string>();
        SasldbEntry? last = null;
        await foreach (SasldbEntry entry in _db.Store.ReadEntriesAsync(default))
        {
            Assert.True(last is null || last.Value.Span.IndexOfAnyExcept((byte)0) < 0, "the one before was not erased");
            Assert.True(entry.TryGetUser(out SaslUser? user, out string? property));
            Assert.Equal("userPassword", property);
            seen.Add($"{user}", Encoding.UTF8.GetString(entry.Value.Span));
            last = entry;
        }
        Assert.Equal(300, seen.Count);
        Assert.All(Enumerable.Range(0, 300), user => Assert.Equal(TestSasldb.Filling(user), seen[$"user{user}@example.com"]));
        Assert.Equal(-1, last!.Value.Span.IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public async Task A_walk_says_so_when_a_writer_came_between()
    {
        await _db.FillAsync(100);
        int read = 0;
        var changed = await Assert.ThrowsAsync<SasldbException>(async () =>
        {
            await foreach (SasldbEntry _ in _db.Store.ReadEntriesAsync(default))
            {
                if (++read == 5)
                    await _db.PutAsync("user0", "userPassword", "another");
            }
        });
        Assert.Equal(SasldbFault.Changed, changed.Fault);
        Assert.InRange(read, 5, 99);
    }

    [Fact]
    public async Task A_copy_has_every_record_awkward_ones_too_and_keeps_what_the_other_had()
    {
        SasldbEntry[] awkward =
        [
            new("no nul at all"u8.ToArray(), "value"u8.ToArray()),
            new("\0empty\0name"u8.ToArray(), []),
            new([0xFF, 0, 0xFE, 0, 0xFD], [0]),
            new("a\0b\0c\0d"u8.ToArray(), new byte[70_000]),
            new(new byte[511], "longest key"u8.ToArray()),
        ];
        Assert.Equal(awkward.Length, await _db.Store.StoreEntriesAsync(awkward, null, default));
        await _db.FillAsync(50);
        await _other.PutAsync("user1", "userPassword", "old");
        await _other.PutAsync("kept", "userPassword", "kept");
        long told = 0;
        Assert.Equal(55, await _db.Store.CopyToAsync(_other.Store, new Listener(count => told = count), default));
        Assert.Equal(55, told);
        Assert.Equal("kept", await _other.GetAsync("kept", "userPassword"));
        Assert.Equal(TestSasldb.Filling(1), await _other.GetAsync("user1", "userPassword"));
        Assert.Equal(56, await _other.Store.VerifyAsync(default));
        List<string> there = await KeysAsync(_other);
        Assert.All(await KeysAsync(_db), key => Assert.Contains(key, there));
    }

    [Fact]
    public async Task A_record_that_not_every_form_can_keep_is_refused_and_nothing_is_stored()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => _db.Store.StoreEntriesAsync([new("k"u8.ToArray(), []), new(new byte[512], [])], null, default));
        await Assert.ThrowsAsync<ArgumentException>(() => _db.Store.StoreEntriesAsync([new([], [])], null, default));
        await Assert.ThrowsAsync<ArgumentException>(() => _db.Store.StoreEntriesAsync([new([1], new byte[(1024 * 1024) + 1])], null, default));
        await _db.PutAsync("alice", "userPassword", "pencil");
        Assert.Equal(1, await _db.Store.VerifyAsync(default));
    }

    [Fact]
    public async Task A_file_is_not_copied_into_itself()
    {
        using var same = new SasldbStore(_db.Path);
        await Assert.ThrowsAsync<ArgumentException>(() => _db.Store.CopyToAsync(same, null, default));
    }

    [Fact]
    public async Task A_whole_realm_moves_with_everything_stored()
    {
        await FillRealmsAsync();
        SasldbRealmChange change = await _db.Store.ChangeRealmAsync(null, "old", "new.example", default);
        Assert.Equal((2, 3), (change.Users, change.Records));
        Assert.Empty(change.Conflicts);
        Assert.Equal(
            ["alice@new.example: one", "alice@new.example: two", "alice@older: one", "bob@new.example: one", "carol: one"], await _db.ListAsync());
        Assert.Equal("alice two", await TestSasldb.GetAsync(_db.Store, new SaslUser("alice", "new.example"), "two"));
    }

    [Fact]
    public async Task One_user_moves_alone()
    {
        await FillRealmsAsync();
        SasldbRealmChange change = await _db.Store.ChangeRealmAsync("alice", "old", "", default);
        Assert.Equal((1, 2), (change.Users, change.Records));
        Assert.Equal(["alice: one", "alice: two", "alice@older: one", "bob@old: one", "carol: one"], await _db.ListAsync());
        Assert.Equal(0, (await _db.Store.ChangeRealmAsync("alice", "old", "x", default)).Users);
    }

    [Fact]
    public async Task Nobody_moves_when_somebody_is_in_the_way()
    {
        await FillRealmsAsync();
        List<string> before = await _db.ListAsync();
        SasldbRealmChange change = await _db.Store.ChangeRealmAsync(null, "old", "older", default);
        Assert.Equal([new SaslUser("alice", "older")], change.Conflicts);
        Assert.Equal(0, change.Users);
        Assert.Equal(before, await _db.ListAsync());
    }

    [Theory]
    [InlineData("", "a", "b")]
    [InlineData(null, "a", "a")]
    [InlineData("x\0", "a", "b")]
    [InlineData(null, "a", "b\0")]
    public async Task A_realm_that_cannot_be_is_refused(string? name, string oldRealm, string newRealm) =>
        await Assert.ThrowsAsync<ArgumentException>(() => _db.Store.ChangeRealmAsync(name, oldRealm, newRealm, default));

    // Not an InlineData: the runner does not hand a half surrogate over as it is.
    [Fact]
    public async Task A_realm_that_is_no_Unicode_is_refused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => _db.Store.ChangeRealmAsync(null, "a", "\ud800", default));

    [Fact]
    public async Task A_realm_too_long_for_a_key_is_refused_and_nothing_is_changed()
    {
        await FillRealmsAsync();
        List<string> before = await _db.ListAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => _db.Store.ChangeRealmAsync(null, "old", new string('r', 505), default));
        Assert.Equal(before, await _db.ListAsync());
    }

    private static async Task<List<string>> KeysAsync(TestSasldb db)
    {
        var keys = new List<string>();
        await foreach (SasldbEntry entry in db.Store.ReadEntriesAsync(default))
            keys.Add($"{Convert.ToHexString(entry.Key.Span)} {Convert.ToHexString(entry.Value.Span)}");
        return keys;
    }

    private async Task FillRealmsAsync()
    {
        (string Name, string Realm, string Property)[] records =
            [("alice", "old", "one"), ("alice", "old", "two"), ("alice", "older", "one"), ("bob", "old", "one"), ("carol", "", "one")];
        foreach ((string name, string realm, string property) in records)
            await _db.Store.StoreAsync(new SaslUser(name, realm), [new(property, Encoding.UTF8.GetBytes($"{name} {property}"))], default);
    }

    private sealed class Listener(Action<long> hear) : IProgress<long>
    {
        public void Report(long value) => hear(value);
    }
}
