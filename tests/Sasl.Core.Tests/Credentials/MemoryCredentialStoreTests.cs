using System.Reflection;
using System.Text;
using Xunit;

namespace Sasl.Core.Tests.Credentials;

public sealed class MemoryCredentialStoreTests : IDisposable
{
    private readonly MemoryCredentialStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task What_was_stored_is_found()
    {
        await StoreAsync(Ask.Alice, ("userPassword", "secret"), ("mail", "a@example.com"));
        Assert.Equal(["userPassword=secret"], await Ask.ValuesAsync(_store, Ask.Alice, "userPassword"));
    }

    [Fact]
    public async Task An_unknown_user_is_not_known()
    {
        await StoreAsync(Ask.Alice, ("userPassword", "secret"));
        using var set = new PropertySet(SaslProperty.UserPassword);
        Assert.False(await _store.LookupAsync(Ask.Bob, set, default));
        Assert.False(await _store.LookupAsync(Ask.Alice with { Realm = "example.net" }, set, default));
        Assert.True(set.IsEmpty);
    }

    [Fact]
    public async Task A_user_without_what_is_wanted_is_still_known()
    {
        await StoreAsync(Ask.Alice, ("mail", "a@example.com"));
        using var set = new PropertySet(SaslProperty.UserPassword);
        Assert.True(await _store.LookupAsync(Ask.Alice, set, default));
        Assert.True(set.IsEmpty);
    }

    [Fact]
    public async Task Adding_keeps_what_is_there_and_storing_replaces_it()
    {
        _store.Add(Ask.Alice, "authPassword", "one"u8);
        _store.Add(Ask.Alice, "authPassword", "two"u8);
        _store.Add(Ask.Alice, "mail", "m"u8);
        Assert.Equal(["authPassword=one", "authPassword=two"], await Ask.ValuesAsync(_store, Ask.Alice, "authPassword"));

        await StoreAsync(Ask.Alice, ("authPassword", "three"));
        Assert.Equal(["mail=m", "authPassword=three"], await Ask.ValuesAsync(_store, Ask.Alice, "authPassword", "mail"));
    }

    [Fact]
    public async Task A_name_stored_twice_gets_both_values()
    {
        await StoreAsync(Ask.Alice, ("authPassword", "old"));
        await StoreAsync(Ask.Alice, ("authPassword", "one"), ("authPassword", "two"));
        Assert.Equal(["authPassword=one", "authPassword=two"], await Ask.ValuesAsync(_store, Ask.Alice, "authPassword"));
    }

    [Fact]
    public async Task A_property_that_is_both_removed_and_stored_is_stored()
    {
        await StoreAsync(Ask.Alice, ("authPassword", "old"));
        await StoreAsync(Ask.Alice, ("authPassword", null), ("authPassword", "new"), ("authPassword", null));
        Assert.Equal(["authPassword=new"], await Ask.ValuesAsync(_store, Ask.Alice, "authPassword"));
    }

    [Fact]
    public async Task Removing_the_last_property_removes_the_user()
    {
        await StoreAsync(Ask.Alice, ("userPassword", "secret"));
        await StoreAsync(Ask.Alice, ("userPassword", null), ("mail", null));
        using var set = new PropertySet(SaslProperty.UserPassword);
        Assert.False(await _store.LookupAsync(Ask.Alice, set, default));
        Assert.False(await _store.RemoveAsync(Ask.Alice, default));
    }

    [Fact]
    public async Task Removing_says_whether_the_user_was_known()
    {
        await StoreAsync(Ask.Alice, ("userPassword", "secret"));
        Assert.True(await _store.RemoveAsync(Ask.Alice, default));
        Assert.False(await _store.RemoveAsync(Ask.Alice, default));
        Assert.Empty(await Ask.ValuesAsync(_store, Ask.Alice, "userPassword"));
    }

    [Theory]
    [InlineData("old", "old", true)]
    [InlineData("old", "other", false)]
    [InlineData("old", null, false)]
    [InlineData(null, null, true)]
    [InlineData(null, "old", false)]
    public async Task A_value_is_replaced_only_when_it_is_the_expected_one(string? held, string? expected, bool replaced)
    {
        if (held is not null)
            await StoreAsync(Ask.Alice, ("otp", held));
        Assert.Equal(replaced, await _store.TryReplaceAsync(Ask.Alice, "otp", Memory(expected), Ask.Octets("new"), default));
        string[] now = replaced ? ["otp=new"] : held is null ? [] : [$"otp={held}"];
        Assert.Equal(now, await Ask.ValuesAsync(_store, Ask.Alice, "otp"));
    }

    [Fact]
    public async Task Replacing_by_nothing_removes()
    {
        await StoreAsync(Ask.Alice, ("otp", "old"), ("mail", "m"));
        Assert.True(await _store.TryReplaceAsync(Ask.Alice, "otp", Ask.Octets("old"), null, default));
        Assert.Equal(["mail=m"], await Ask.ValuesAsync(_store, Ask.Alice, "otp", "mail"));
    }

    [Fact]
    public async Task A_property_with_several_values_is_never_replaced()
    {
        _store.Add(Ask.Alice, "otp", "one"u8);
        _store.Add(Ask.Alice, "otp", "two"u8);
        Assert.False(await _store.TryReplaceAsync(Ask.Alice, "otp", Ask.Octets("one"), Ask.Octets("new"), default));
        Assert.False(await _store.TryReplaceAsync(Ask.Alice, "otp", null, Ask.Octets("new"), default));
    }

    [Fact]
    public async Task Of_many_who_replace_the_same_value_one_wins()
    {
        await StoreAsync(Ask.Alice, ("otp", "499"));
        bool[] won = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(async () =>
            await _store.TryReplaceAsync(Ask.Alice, "otp", Ask.Octets("499"), Ask.Octets($"498 {i}"), default))));
        Assert.Single(won, true);
    }

    [Fact]
    public async Task The_list_has_names_once_and_no_values()
    {
        _store.Add(Ask.Alice, "authPassword", "one"u8);
        _store.Add(Ask.Alice, "authPassword", "two"u8);
        _store.Add(Ask.Bob with { Realm = "other" }, "userPassword", "secret"u8);

        Assert.Equal(
            [(Ask.Alice, "authPassword"), (Ask.Bob with { Realm = "other" }, "userPassword")], await ListAsync(realm: null));
        Assert.Equal([(Ask.Alice, "authPassword")], await ListAsync("example.com"));
        Assert.Empty(await ListAsync("nowhere"));
    }

    [Fact]
    public async Task A_cancelled_listing_stops()
    {
        _store.Add(Ask.Alice, "userPassword", "secret"u8);
        await Assert.ThrowsAsync<OperationCanceledException>(async () =>
        {
            await foreach ((SaslUser, string) _ in _store.ListAsync(null, new CancellationToken(canceled: true)))
            {
            }
        });
    }

    [Fact]
    public async Task A_cancelled_call_changes_nothing()
    {
        var cancelled = new CancellationToken(canceled: true);
        await StoreAsync(Ask.Alice, ("userPassword", "secret"));
        using var set = new PropertySet(SaslProperty.UserPassword);
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await _store.LookupAsync(Ask.Alice, set, cancelled));
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await _store.RemoveAsync(Ask.Alice, cancelled));
        await Assert.ThrowsAsync<OperationCanceledException>(async () =>
            await _store.StoreAsync(Ask.Alice, [new SaslPropertyValue("userPassword", null)], cancelled));
        await Assert.ThrowsAsync<OperationCanceledException>(async () =>
            await _store.TryReplaceAsync(Ask.Alice, "userPassword", Ask.Octets("secret"), null, cancelled));
        Assert.Equal(["userPassword=secret"], await Ask.ValuesAsync(_store, Ask.Alice, "userPassword"));
    }

    [Fact]
    public async Task Old_values_are_erased_when_they_are_replaced_removed_or_disposed()
    {
        await StoreAsync(Ask.Alice, ("userPassword", "replaced"), ("mail", "removed"), ("note", "disposed"));
        ReadOnlyMemory<byte>[] values = [.. Values().Select(static secret => secret.Memory)];
        Assert.Equal(["replaced", "removed", "disposed"], values.Select(static value => Encoding.UTF8.GetString(value.Span)));

        await StoreAsync(Ask.Alice, ("userPassword", "new"), ("mail", null));
        Assert.All(values[..2], static value => Assert.DoesNotContain(value.ToArray(), static octet => octet != 0));
        Assert.Equal("disposed", Encoding.UTF8.GetString(values[2].Span));

        _store.Dispose();
        Assert.DoesNotContain(values[2].ToArray(), static octet => octet != 0);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await StoreAsync(Ask.Alice, ("mail", "m")));
    }

    [Fact]
    public async Task It_copies_what_it_is_given()
    {
        byte[] value = Ask.Octets("secret");
        await _store.StoreAsync(Ask.Alice, [new SaslPropertyValue("userPassword", value)], default);
        value.AsSpan().Clear();
        Assert.Equal(["userPassword=secret"], await Ask.ValuesAsync(_store, Ask.Alice, "userPassword"));
    }

    [Fact]
    public async Task It_never_prints_what_it_holds()
    {
        await StoreAsync(Ask.Alice, ("userPassword", "secret"));
        Assert.Equal("MemoryCredentialStore", _store.ToString());
        Assert.Equal("userPassword", new SaslPropertyValue("userPassword", Ask.Octets("secret")).ToString());
    }

    [Fact]
    public async Task Many_users_can_be_written_and_read_at_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 64).Select(i => Task.Run(async () =>
        {
            var user = new SaslUser($"user{i % 8}", "");
            await StoreAsync(user, ("userPassword", $"secret{i % 8}"));
            string[] found = await Ask.ValuesAsync(_store, user, "userPassword");
            Assert.Equal([$"userPassword=secret{i % 8}"], found);
        })));
        Assert.Equal(8, (await ListAsync(realm: "")).Count);
    }

    private static ReadOnlyMemory<byte>? Memory(string? text) => text is null ? null : (ReadOnlyMemory<byte>?)Ask.Octets(text);

    private ValueTask StoreAsync(SaslUser user, params (string Name, string? Value)[] values) =>
        _store.StoreAsync(user, [.. values.Select(static pair => new SaslPropertyValue(pair.Name, Memory(pair.Value)))], default);

    private async Task<List<(SaslUser, string)>> ListAsync(string? realm)
    {
        var list = new List<(SaslUser, string)>();
        await foreach ((SaslUser, string) pair in _store.ListAsync(realm, default))
            list.Add(pair);
        return list;
    }

    // Looks behind the curtain: that a value is erased cannot be seen from outside, because nobody gets it.
    private IEnumerable<SaslSecret> Values()
    {
        object users = typeof(MemoryCredentialStore).GetField("_users", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(_store)!;
        foreach (object entries in (System.Collections.IEnumerable)users.GetType().GetProperty("Values")!.GetValue(users)!)
        {
            foreach (object entry in (System.Collections.IEnumerable)entries)
                yield return (SaslSecret)entry.GetType().GetProperty("Value")!.GetValue(entry)!;
        }
    }
}
