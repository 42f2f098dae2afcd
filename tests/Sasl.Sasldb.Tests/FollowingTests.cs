using Microsoft.Win32.SafeHandles;
using Sasl.Sasldb.Files;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Sasldb.Tests;

/// <summary>
/// A file that is tied to its path is not looked for by its name at each lookup: whatever takes its name changes it. Here everything that can
/// be done to a name is done to that of a settled file, without the clock moving on, and the next lookup must know.
/// </summary>
public sealed class FollowingTests : IDisposable
{
    private readonly PrivateDirectory _folder = PrivateDirectory.Create("following");
    private readonly HandClock _clock = new();

    public static TheoryData<SasldbFormat> Forms => [.. Enum.GetValues<SasldbFormat>()];

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Forms))]
    public async Task A_file_renamed_over_it_is_noticed_by_the_next_lookup(SasldbFormat form)
    {
        using SasldbStore store = await SettleAsync(form, await MakeAsync(form, "sasldb2", "old"));
        for (int round = 0; round < 20; round++)
        {
            File.Move(await MakeAsync(form, "next", $"new{round}"), store.Path, overwrite: true);
            Assert.Equal($"new{round}", await GetAsync(store));
            await SettleAsync(store, $"new{round}");
        }
    }

    [Theory, MemberData(nameof(Forms))]
    public async Task A_file_in_the_place_of_one_that_was_moved_away_is_noticed_by_the_next_lookup(SasldbFormat form)
    {
        using SasldbStore store = await SettleAsync(form, await MakeAsync(form, "sasldb2", "old"));
        string next = await MakeAsync(form, "next", "new");
        File.Move(store.Path, _folder.At("away"));
        await RequireMissingAsync(store);
        File.Move(next, store.Path);
        Assert.Equal("new", await GetAsync(store));
    }

    [Theory, MemberData(nameof(Forms))]
    public async Task A_file_that_is_removed_is_noticed_by_the_next_lookup(SasldbFormat form)
    {
        using SasldbStore store = await SettleAsync(form, await MakeAsync(form, "sasldb2", "old"));
        File.Delete(store.Path);
        await RequireMissingAsync(store);
        await MakeAsync(form, "sasldb2", "new");
        Assert.Equal("new", await GetAsync(store));
    }

    [PeerFact("setsid")]
    public async Task A_file_renamed_over_one_of_two_hard_links_is_noticed_by_the_next_lookup()
    {
        foreach (SasldbFormat form in Enum.GetValues<SasldbFormat>())
        {
            string path = await MakeAsync(form, $"{form}", "old");
            await PeerProcess.RunSuccessfullyAsync(new PeerCommand("/bin/sh", "-c", "ln \"$0\" \"$0.other\"", path));
            using SasldbStore store = await SettleAsync(form, path);
            File.Move(await MakeAsync(form, "next", "new"), path, overwrite: true);
            Assert.Equal("new", await GetAsync(store));
        }
    }

    [Theory, MemberData(nameof(Forms))]
    public async Task A_symbolic_link_that_is_turned_elsewhere_is_noticed_by_the_next_lookup(SasldbFormat form)
    {
        if (OperatingSystem.IsWindows())
            return;
        string link = _folder.At("link");
        File.CreateSymbolicLink(link, await MakeAsync(form, "sasldb2", "old"));
        using SasldbStore store = await SettleAsync(form, link);
        File.CreateSymbolicLink(_folder.At("turned"), await MakeAsync(form, "next", "new"));
        File.Move(_folder.At("turned"), link, overwrite: true);
        Assert.Equal("new", await GetAsync(store));
    }

    [Theory, MemberData(nameof(Forms))]
    public async Task A_folder_in_the_place_of_its_folder_is_noticed_within_a_second(SasldbFormat form)
    {
        Directory.CreateDirectory(_folder.At("first"));
        Directory.CreateDirectory(_folder.At("second"));
        using SasldbStore store = await SettleAsync(form, await MakeAsync(form, "first/sasldb2", "old"));
        await MakeAsync(form, "second/sasldb2", "new");
        Directory.Move(_folder.At("first"), _folder.At("away"));
        Directory.Move(_folder.At("second"), _folder.At("first"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("new", await GetAsync(store));
    }

    [Theory, MemberData(nameof(Forms))]
    public async Task A_backup_that_is_put_back_with_its_old_time_is_noticed_by_the_next_lookup(SasldbFormat form)
    {
        using SasldbStore store = await SettleAsync(form, await MakeAsync(form, "sasldb2", "old"));
        string backup = await MakeAsync(form, "backup", "new");
        File.SetLastWriteTimeUtc(backup, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        byte[] octets = await File.ReadAllBytesAsync(backup);
        File.Move(backup, store.Path, overwrite: true);
        Assert.Equal("new", await GetAsync(store));

        // In place, as "cp -p" does it.
        File.Move(await MakeAsync(form, "again", "old"), store.Path, overwrite: true);
        await SettleAsync(store, "old");
        await using (var file = new FileStream(store.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            await file.WriteAsync(octets);
            file.SetLength(octets.Length);
        }
        File.SetLastWriteTimeUtc(store.Path, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal("new", await GetAsync(store));
    }

    [Fact]
    public async Task A_file_is_tied_to_its_path_only_without_a_symbolic_link_on_the_way()
    {
        if (!Directory.Exists(Memory) || !LinuxCalls.HasStatx)
            return;
        using var folder = new TemporaryFolder(Path.Combine(Memory, $"sasl-tie-{Guid.NewGuid():N}"));
        string path = folder.At("real/sasldb2");
        Directory.CreateDirectory(folder.At("real"));
        await File.WriteAllTextAsync(path, "x");
        File.CreateSymbolicLink(folder.At("link"), path);
        Directory.CreateSymbolicLink(folder.At("turned"), folder.At("real"));
        Assert.True(IsTied(path));
        Assert.False(IsTied(folder.At("link")));
        Assert.False(IsTied(folder.At("turned/sasldb2")));
        // What is in /proc is of a file system that was not tried.
        Assert.False(IsTied("/proc/self/status"));
    }

    // The system's own memory: a file system on which files are known to be tied, on every Linux.
    private const string Memory = "/dev/shm";

    private static bool IsTied(string path)
    {
        Assert.True(new FileProbe(path).TryGet(out FileFacts facts));
        using SafeFileHandle file = File.OpenHandle(path);
        return FileTie.Holds(path, file, facts.Identity);
    }

    private async Task<string> MakeAsync(SasldbFormat form, string name, string password)
    {
        string path = _folder.At(name);
        using var store = new SasldbStore(new SasldbOptions { Path = path, CreateFormat = form });
        await TestSasldb.PutAsync(store, "alice", "userPassword", password);
        return path;
    }

    private async Task<SasldbStore> SettleAsync(SasldbFormat form, string path)
    {
        var store = new SasldbStore(new SasldbOptions { Path = path, Clock = _clock });
        await SettleAsync(store, "old");
        Assert.Equal(form, store.DetectFormat());
        return store;
    }

    // First seen; read again when it is due; and read on trust, its path having been looked up.
    private async Task SettleAsync(SasldbStore store, string password)
    {
        for (int lookup = 0; lookup < 3; lookup++)
        {
            Assert.Equal(password, await GetAsync(store));
            _clock.Advance(TimeSpan.FromSeconds(10));
        }
        Assert.Equal(password, await GetAsync(store));
    }

    private static Task<string?> GetAsync(SasldbStore store) => TestSasldb.GetAsync(store, TestSasldb.User("alice"), "userPassword");

    private static async Task RequireMissingAsync(SasldbStore store)
    {
        var refused = await Assert.ThrowsAsync<SaslUnavailableException>(() => GetAsync(store));
        Assert.Equal(SasldbFault.Missing, Assert.IsType<SasldbException>(refused.InnerException).Fault);
    }

    private sealed class TemporaryFolder : IDisposable
    {
        private readonly DirectoryInfo _folder;

        public TemporaryFolder(string path) => _folder = Directory.CreateDirectory(path);

        public string At(string name) => Path.Combine(_folder.FullName, name);

        public void Dispose() => _folder.Delete(recursive: true);
    }
}
