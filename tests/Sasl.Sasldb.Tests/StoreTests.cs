using Xunit;

namespace Sasl.Sasldb.Tests;

public sealed class StoreTests : IDisposable
{
    private readonly TestSasldb _db = new();

    public void Dispose() => _db.Dispose();

    [Fact]
    public async Task A_stored_property_is_found()
    {
        await _db.PutAsync("alice", "userPassword", "pencil");
        Assert.Equal("pencil", await _db.GetAsync("alice", "userPassword"));
    }

    [Fact]
    public async Task Names_are_case_sensitive()
    {
        await _db.PutAsync("alice", "userPassword", "pencil");
        Assert.Null(await _db.GetAsync("Alice", "userPassword"));
        Assert.Null(await _db.GetAsync("alice", "userpassword"));
        Assert.False(await _db.KnowsAsync("Alice"));
    }

    [Fact]
    public async Task A_user_is_known_by_any_property_and_unknown_without_one()
    {
        await _db.PutAsync("alice", "mail", "a@example.com");
        await _db.PutAsync("alicea", "userPassword", "x");
        Assert.True(await _db.KnowsAsync("alice"));
        Assert.Null(await _db.GetAsync("alice", "userPassword"));
        Assert.False(await _db.KnowsAsync("alic"));
        Assert.False(await _db.KnowsAsync("bob"));
    }

    [Fact]
    public async Task A_user_of_another_realm_is_another_user()
    {
        await _db.PutAsync("alice", "userPassword", "pencil");
        Assert.Null(await TestSasldb.GetAsync(_db.Store, new SaslUser("alice", "example.org"), "userPassword"));
        Assert.Null(await TestSasldb.GetAsync(_db.Store, new SaslUser("alice", ""), "userPassword"));
    }

    [Fact]
    public async Task A_user_without_a_realm_belongs_to_the_default_realm()
    {
        using var other = new SasldbStore(new SasldbOptions { Path = _db.Path, DefaultRealm = TestSasldb.Realm });
        await _db.PutAsync("alice", "userPassword", "pencil");
        Assert.Equal("pencil", await TestSasldb.GetAsync(other, new SaslUser("alice", ""), "userPassword"));
    }

    [Fact]
    public async Task Storing_leaves_other_properties_and_removes_what_is_null()
    {
        SaslUser alice = TestSasldb.User("alice");
        await _db.Store.StoreAsync(alice, [new("a", "1"u8.ToArray()), new("b", "2"u8.ToArray())], default);
        await _db.Store.StoreAsync(alice, [new("b", null), new("c", "3"u8.ToArray())], default);
        Assert.Equal(["alice@example.com: a", "alice@example.com: c"], await _db.ListAsync());
        Assert.Equal("1", await _db.GetAsync("alice", "a"));
    }

    [Fact]
    public async Task An_empty_value_is_a_value()
    {
        await _db.PutAsync("alice", "mail", "");
        await _db.PutAsync("alice", "authPassword", "");
        Assert.Equal("", await _db.GetAsync("alice", "mail"));
        Assert.Equal("", await _db.GetAsync("alice", "authPassword"));
    }

    [Fact]
    public async Task Removing_a_user_removes_every_property_and_no_one_else()
    {
        await _db.PutAsync("alice", "userPassword", "1");
        await _db.PutAsync("alice", "mail", "2");
        await _db.PutAsync("alice2", "userPassword", "3");
        Assert.True(await _db.Store.RemoveAsync(TestSasldb.User("alice"), default));
        Assert.False(await _db.Store.RemoveAsync(TestSasldb.User("alice"), default));
        Assert.Equal(["alice2@example.com: userPassword"], await _db.ListAsync());
    }

    [Fact]
    public async Task A_property_has_one_value_whatever_it_is_called()
    {
        foreach (string property in (string[])["userPassword", "authPassword"])
        {
            SaslPropertyValue[] two = [new(property, "first"u8.ToArray()), new(property, "second"u8.ToArray())];
            var refused = await Assert.ThrowsAsync<ArgumentException>(() => _db.Store.StoreAsync(TestSasldb.User("alice"), two, default).AsTask());
            Assert.DoesNotContain("first", refused.Message, StringComparison.Ordinal);
        }
        Assert.False(File.Exists(_db.Path));
        await _db.PutAsync("alice", "authPassword", "one\0two");
        Assert.Equal("one\0two", await _db.GetAsync("alice", "authPassword"));
    }

    [Fact]
    public async Task Storing_and_removing_the_same_property_stores_it()
    {
        await _db.Store.StoreAsync(TestSasldb.User("alice"), [new("a", null), new("a", "1"u8.ToArray()), new("a", null)], default);
        Assert.Equal("1", await _db.GetAsync("alice", "a"));
    }

    [Fact]
    public async Task A_binary_value_with_NULs_comes_back_whole()
    {
        byte[] value = [0, 1, 0, 2, 0];
        await _db.Store.StoreAsync(TestSasldb.User("alice"), [new("cmusaslsecretPLAIN", value)], default);
        var wanted = new SaslProperty("cmusaslsecretPLAIN");
        using var set = new PropertySet(wanted);
        Assert.True(await _db.Store.LookupAsync(TestSasldb.User("alice"), set, default));
        Assert.True(set.TryGet(wanted, out ReadOnlySpan<byte> found));
        Assert.Equal(value, found.ToArray());
    }

    [Fact]
    public async Task A_replacement_needs_the_expected_value()
    {
        SaslUser alice = TestSasldb.User("alice");
        ReadOnlyMemory<byte> one = "1"u8.ToArray();
        ReadOnlyMemory<byte> two = "2"u8.ToArray();
        Assert.False(await _db.Store.TryReplaceAsync(alice, "otp", one, two, default));
        Assert.True(await _db.Store.TryReplaceAsync(alice, "otp", null, one, default));
        Assert.False(await _db.Store.TryReplaceAsync(alice, "otp", null, two, default));
        Assert.False(await _db.Store.TryReplaceAsync(alice, "otp", two, two, default));
        Assert.Equal("1", await _db.GetAsync("alice", "otp"));
        Assert.True(await _db.Store.TryReplaceAsync(alice, "otp", one, null, default));
        Assert.False(await _db.KnowsAsync("alice"));
    }

    [Fact]
    public async Task Asterisks_ask_for_nothing_that_a_store_has()
    {
        await _db.PutAsync("alice", "userPassword", "pencil");
        Assert.Null(await _db.GetAsync("alice", "*userPassword"));
        await Assert.ThrowsAsync<ArgumentException>(() => _db.PutAsync("alice", "*userPassword", "x"));
        await Assert.ThrowsAsync<ArgumentException>(
            () => _db.Store.TryReplaceAsync(TestSasldb.User("alice"), "*userPassword", null, "x"u8.ToArray(), default).AsTask());
    }

    [Fact]
    public async Task A_name_that_no_key_can_be_made_of_is_nobody_to_a_lookup_and_refused_by_a_write()
    {
        await _db.PutAsync("alice", "userPassword", "pencil");
        string[] impossible = ["", "ali\0ce", "\ud800", new string('x', 500), new string('\u00e4', 250)];
        foreach (string name in impossible)
        {
            Assert.False(await _db.KnowsAsync(name));
            await Assert.ThrowsAsync<ArgumentException>(() => _db.PutAsync(name, "userPassword", "x"));
        }
        Assert.False(await _db.Store.LookupAsync(new SaslUser("alice", "example.com\0userPassword"), new PropertySet(), default));
        await Assert.ThrowsAsync<ArgumentException>(() => _db.PutAsync("alice", "user\0Password", "x"));
        await Assert.ThrowsAsync<ArgumentException>(() => _db.PutAsync("alice", "", "x"));
    }

    [Fact]
    public async Task The_longest_key_and_value_are_stored_and_one_octet_more_is_refused()
    {
        string name = new('x', 511 - "\0example.com\0mail".Length);
        string value = new('v', 8192);
        await _db.PutAsync(name, "mail", value);
        Assert.Equal(value, await _db.GetAsync(name, "mail"));
        await Assert.ThrowsAsync<ArgumentException>(() => _db.PutAsync(name + "x", "mail", "v"));
        await Assert.ThrowsAsync<ArgumentException>(() => _db.PutAsync(name, "mail", value + "v"));
    }

    [Fact]
    public async Task A_missing_file_is_unavailable_and_found_when_it_appears()
    {
        var missing = await Assert.ThrowsAsync<SaslUnavailableException>(() => _db.GetAsync("alice", "userPassword"));
        Assert.Equal(SasldbFault.Missing, Assert.IsType<SasldbException>(missing.InnerException).Fault);
        Assert.Contains(_db.Path, missing.Message, StringComparison.Ordinal);
        await _db.PutAsync("alice", "userPassword", "pencil");
        Assert.Equal("pencil", await _db.GetAsync("alice", "userPassword"));
        File.Delete(_db.Path);
        await Assert.ThrowsAsync<SaslUnavailableException>(() => _db.GetAsync("alice", "userPassword"));
    }

    [Fact]
    public async Task A_replaced_file_is_noticed_by_the_next_lookup()
    {
        using var other = new TestSasldb();
        await _db.PutAsync("alice", "userPassword", "old");
        await other.PutAsync("alice", "userPassword", "new");
        Assert.Equal("old", await _db.GetAsync("alice", "userPassword"));
        File.Move(other.Path, _db.Path, overwrite: true);
        Assert.Equal("new", await _db.GetAsync("alice", "userPassword"));
    }

    [Fact]
    public async Task A_file_overwritten_in_place_is_noticed_although_its_meta_pages_are_the_same()
    {
        using var other = new TestSasldb();
        for (int user = 0; user < 200; user++)
        {
            await _db.PutAsync($"a{user:000}", "userPassword", "old");
            await other.PutAsync($"b{user:000}", "userPassword", "new");
        }
        Assert.Equal("old", await _db.GetAsync("a100", "userPassword"));
        byte[] octets = await File.ReadAllBytesAsync(other.Path);
        Assert.Equal((await File.ReadAllBytesAsync(_db.Path)).AsSpan(0, 4096).ToArray(), octets.AsSpan(0, 4096).ToArray());
        await File.WriteAllBytesAsync(_db.Path, octets);
        Assert.Equal("new", await _db.GetAsync("b100", "userPassword"));
        Assert.False(await _db.KnowsAsync("a100"));
    }

    [Fact]
    public async Task A_change_through_one_store_is_seen_by_another_at_once()
    {
        using var other = new SasldbStore(_db.Path);
        for (int round = 0; round < 50; round++)
        {
            await _db.PutAsync("alice", "userPassword", $"{round}");
            Assert.Equal($"{round}", await TestSasldb.GetAsync(other, TestSasldb.User("alice"), "userPassword"));
        }
    }

    [Fact]
    public async Task A_listing_can_be_of_one_realm()
    {
        await _db.Store.StoreAsync(new SaslUser("a", "one"), [new("p", "v"u8.ToArray())], default);
        await _db.Store.StoreAsync(new SaslUser("b", ""), [new("p", "v"u8.ToArray())], default);
        await _db.Store.StoreAsync(new SaslUser("c", "two.example"), [new("p", "v"u8.ToArray())], default);
        Assert.Equal(["a@one: p", "b: p", "c@two.example: p"], await _db.ListAsync());
        Assert.Equal(["c@two.example: p"], await _db.ListAsync("two.example"));
        Assert.Equal(["b: p"], await _db.ListAsync(""));
    }

    [Fact]
    public async Task A_read_only_store_refuses_to_write()
    {
        await _db.PutAsync("alice", "userPassword", "pencil");
        using var readOnly = new SasldbStore(new SasldbOptions { Path = _db.Path, ReadOnly = true });
        var refused = await Assert.ThrowsAsync<SasldbException>(() => TestSasldb.PutAsync(readOnly, "bob", "userPassword", "x"));
        Assert.Equal(SasldbFault.NotWritable, refused.Fault);
        Assert.Equal("pencil", await TestSasldb.GetAsync(readOnly, TestSasldb.User("alice"), "userPassword"));
    }

    [Fact]
    public async Task A_cancelled_call_does_nothing()
    {
        var cancelled = new CancellationToken(canceled: true);
        SaslUser alice = TestSasldb.User("alice");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _db.Store.StoreAsync(alice, [new("p", "v"u8.ToArray())], cancelled).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _db.Store.LookupAsync(alice, new PropertySet(), cancelled).AsTask());
        Assert.False(File.Exists(_db.Path));
    }

    [Fact]
    public async Task A_disposed_store_says_so()
    {
        await _db.PutAsync("alice", "userPassword", "pencil");
        Assert.NotNull(await _db.GetAsync("alice", "userPassword"));
        _db.Store.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _db.GetAsync("alice", "userPassword"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _db.PutAsync("alice", "userPassword", "x"));
    }

    [Theory]
    [InlineData("", 65536, 1)]
    [InlineData("/x", 1, 1)]
    [InlineData("/x", 65536, 0)]
    public void An_option_out_of_its_range_is_a_configuration_error(string path, long mapSize, int readers) =>
        Assert.Throws<SaslConfigurationException>(
            () => new SasldbStore(new SasldbOptions { Path = path, MapSize = mapSize, MaxReaders = readers }));
}
