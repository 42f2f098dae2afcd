using Xunit;

namespace Sasl.Sasldb.Tests;

/// <summary>
/// A file that nobody has touched for some seconds is not checked octet by octet any more: the system's word suffices. Whatever is done to it
/// then must be seen at the next lookup all the same.
/// </summary>
public sealed class SettlingTests : IDisposable
{
    private readonly HandClock _clock = new();
    private readonly TestSasldb _db;

    public SettlingTests() => _db = new TestSasldb(options => options with { Clock = _clock });

    public void Dispose() => _db.Dispose();

    [Fact]
    public async Task A_settled_file_that_is_written_is_noticed_again_and_again()
    {
        using var writer = new SasldbStore(_db.Path);
        for (int round = 0; round < 50; round++)
        {
            await TestSasldb.PutAsync(writer, "alice", "userPassword", $"{round}");
            await SettleAsync("alice", $"{round}");
        }
    }

    [Fact]
    public async Task A_settled_file_that_is_replaced_is_noticed()
    {
        using var other = new TestSasldb();
        await _db.PutAsync("alice", "userPassword", "old");
        await other.PutAsync("alice", "userPassword", "new");
        await SettleAsync("alice", "old");
        File.Move(other.Path, _db.Path, overwrite: true);
        Assert.Equal("new", await _db.GetAsync("alice", "userPassword"));
    }

    [Fact]
    public async Task A_settled_file_that_is_overwritten_in_place_is_noticed_although_its_length_and_time_are_the_same()
    {
        using var other = new TestSasldb();
        await _db.PutAsync("alice", "userPassword", "old");
        await other.PutAsync("alice", "userPassword", "new");
        await SettleAsync("alice", "old");
        DateTime modified = File.GetLastWriteTimeUtc(_db.Path);
        byte[] octets = await File.ReadAllBytesAsync(other.Path);
        Assert.Equal(octets.Length, new FileInfo(_db.Path).Length);
        await using (var file = new FileStream(_db.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            await file.WriteAsync(octets);
        File.SetLastWriteTimeUtc(_db.Path, modified);
        Assert.Equal("new", await _db.GetAsync("alice", "userPassword"));
    }

    [Fact]
    public async Task A_settled_file_whose_directory_is_another_by_now_is_noticed()
    {
        if (OperatingSystem.IsWindows())
            return;
        await PutAsync(_db.At("first"), "old");
        await PutAsync(_db.At("second"), "new");
        Directory.CreateSymbolicLink(_db.At("link"), _db.At("first"));
        using var store = new SasldbStore(new SasldbOptions { Path = _db.At("link/sasldb2"), Clock = _clock });
        await SettleAsync(store, "alice", "old");
        Directory.Delete(_db.At("link"));
        Directory.CreateSymbolicLink(_db.At("link"), _db.At("second"));
        Assert.Equal("new", await TestSasldb.GetAsync(store, TestSasldb.User("alice"), "userPassword"));
        Directory.Delete(_db.At("link"));
        await Assert.ThrowsAsync<SaslUnavailableException>(() => TestSasldb.GetAsync(store, TestSasldb.User("alice"), "userPassword"));
    }

    [Fact]
    public async Task A_settled_file_that_is_truncated_or_removed_is_noticed()
    {
        await _db.FillAsync(100);
        await SettleAsync("user7", TestSasldb.Filling(7));
        await using (var file = new FileStream(_db.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(5000);
        var refused = await Assert.ThrowsAsync<SaslUnavailableException>(() => _db.GetAsync("user7", "userPassword"));
        Assert.Equal(SasldbFault.Damaged, Assert.IsType<SasldbException>(refused.InnerException).Fault);
        File.Delete(_db.Path);
        refused = await Assert.ThrowsAsync<SaslUnavailableException>(() => _db.GetAsync("user7", "userPassword"));
        Assert.Equal(SasldbFault.Missing, Assert.IsType<SasldbException>(refused.InnerException).Fault);
    }

    // What was read while a file was fresh is not trusted for good: changes of one moment look the same to the system.
    [Fact]
    public async Task A_change_that_the_system_does_not_tell_is_noticed_at_the_latest_when_the_file_settles()
    {
        await _db.PutAsync("alice", "userPassword", "pencil");
        Assert.Equal("pencil", await _db.GetAsync("alice", "userPassword"));
        await _db.PutAsync("alice", "userPassword", "eraser");
        Assert.Equal("eraser", await _db.GetAsync("alice", "userPassword"));
        await SettleAsync("alice", "eraser");
    }

    private static async Task PutAsync(string directory, string value)
    {
        Directory.CreateDirectory(directory);
        using var store = new SasldbStore(Path.Combine(directory, "sasldb2"));
        await TestSasldb.PutAsync(store, "alice", "userPassword", value);
    }

    private Task SettleAsync(string user, string value) => SettleAsync(_db.Store, user, value);

    // First seen; read again when it is due; and read on trust.
    private async Task SettleAsync(SasldbStore store, string user, string value)
    {
        for (int lookup = 0; lookup < 3; lookup++)
        {
            Assert.Equal(value, await TestSasldb.GetAsync(store, TestSasldb.User(user), "userPassword"));
            _clock.Advance(TimeSpan.FromSeconds(10));
        }
        Assert.Equal(value, await TestSasldb.GetAsync(store, TestSasldb.User(user), "userPassword"));
    }
}
