using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Sasldb.Tests;

/// <summary>Growing, and what happens at the end of growing.</summary>
public sealed class RoomTests : IDisposable
{
    private const long Limit = 512 * 1024;

    private readonly TestSasldb _db = new(options => options with { MapSize = 64 * 1024, MaxMapSize = Limit });

    public void Dispose() => _db.Dispose();

    [PeerFact("mdb_dump", "mdb_stat")]
    public async Task A_small_map_grows_to_its_limit_and_then_refuses_without_losing_anything()
    {
        (int stored, SasldbException full) = await FillAsync(_db.Store);
        Assert.Equal(SasldbFault.Full, full.Fault);
        Assert.Contains(_db.Path, full.Message, StringComparison.Ordinal);
        Assert.Contains($"{Limit}", full.Message, StringComparison.Ordinal);
        Assert.True(stored > 80, $"only {stored} users fit");
        await AllAreThereAsync(_db.Store, stored);
        Assert.InRange(new FileInfo(_db.Path).Length, Limit / 2, Limit);
        Assert.Equal(stored, await Liblmdb.CountAsync(_db.Path));
        string facts = await PeerProcess.RunSuccessfullyAsync(new PeerCommand("mdb_stat", "-n", "-e", _db.Path));
        Assert.Contains($"Map size: {Limit}", facts, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_file_takes_new_users_after_others_were_removed()
    {
        (int stored, _) = await FillAsync(_db.Store);
        for (int user = 0; user < 20; user++)
            Assert.True(await _db.Store.RemoveAsync(TestSasldb.User($"user{user}"), default));
        for (int user = 0; user < 15; user++)
            await _db.PutAsync($"user{user}", "userPassword", Value(user));
        Assert.Equal(stored - 5, await _db.Store.VerifyAsync(default));
    }

    [SmallDiskFact]
    public async Task A_full_file_system_is_named_and_nothing_is_lost()
    {
        using SmallDisk disk = SmallDisk.Make(kibibytes: 400);
        using var store = new SasldbStore(disk.At("sasldb2"));
        (int stored, SasldbException full) = await FillAsync(store);
        Assert.Equal(SasldbFault.DiskFull, full.Fault);
        Assert.Contains(disk.At("sasldb2"), full.Message, StringComparison.Ordinal);
        Assert.True(stored > 50, $"only {stored} users fit");
        await AllAreThereAsync(store, stored);
        Assert.False(await store.LookupAsync(TestSasldb.User($"user{stored}"), new PropertySet(), default));
    }

    [SmallDiskFact]
    public async Task A_new_file_on_a_full_file_system_is_not_left_half_made()
    {
        using SmallDisk disk = SmallDisk.Make(kibibytes: 64);
        await using (var rest = new FileStream(disk.At("rest"), FileMode.CreateNew))
            await Assert.ThrowsAnyAsync<IOException>(() => rest.WriteAsync(new byte[100 * 1024]).AsTask());
        using var store = new SasldbStore(disk.At("sasldb2"));
        var full = await Assert.ThrowsAsync<SasldbException>(() => TestSasldb.PutAsync(store, "alice", "userPassword", "pencil"));
        Assert.Equal(SasldbFault.DiskFull, full.Fault);
        Assert.False(File.Exists(disk.At("sasldb2")));
        File.Delete(disk.At("rest"));
        await TestSasldb.PutAsync(store, "alice", "userPassword", "pencil");
        Assert.Equal("pencil", await TestSasldb.GetAsync(store, TestSasldb.User("alice"), "userPassword"));
    }

    private static string Value(int user) => new((char)('a' + (user % 26)), 3000);

    private static async Task<(int Stored, SasldbException Full)> FillAsync(SasldbStore store)
    {
        for (int user = 0; ; user++)
        {
            try
            {
                await TestSasldb.PutAsync(store, $"user{user}", "userPassword", Value(user));
            }
            catch (SasldbException full)
            {
                return (user, full);
            }
        }
    }

    private static async Task AllAreThereAsync(SasldbStore store, int stored)
    {
        for (int user = 0; user < stored; user++)
            Assert.Equal(Value(user), await TestSasldb.GetAsync(store, TestSasldb.User($"user{user}"), "userPassword"));
        Assert.Equal(stored, await store.VerifyAsync(default));
    }
}
