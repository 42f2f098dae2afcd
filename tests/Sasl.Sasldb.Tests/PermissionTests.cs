using System.Runtime.Versioning;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Sasldb.Tests;

/// <summary>What an administrator reads when permissions are wrong, and what permissions new files get.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PermissionTests : IDisposable
{
    private const UnixFileMode OwnerAndGroup = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private static readonly bool s_isRoot = Environment.IsPrivilegedProcess;
    private static readonly string s_user = s_isRoot ? "daemon" : Environment.UserName;

    private readonly TestSasldb _db = new();

    public void Dispose() => _db.Dispose();

    [PeerFact("setsid", "setpriv")]
    public async Task An_unreadable_file_is_complained_about_with_mode_owner_and_user()
    {
        await _db.PutAsync("alice", "userPassword", "pencil");
        if (!s_isRoot)
            File.SetUnixFileMode(_db.Path, UnixFileMode.None);
        string printed = await RefusedAsync("get", _db.Path, "alice");
        Contains(printed, _db.Path, "may not be read by user", s_user, "owner ", s_isRoot ? "root (0)" : s_user, s_isRoot ? "mode 0640" : "mode 0000");
    }

    [PeerFact("setsid", "setpriv")]
    public async Task An_unwritable_file_is_complained_about_with_mode_owner_and_user()
    {
        await _db.PutAsync("alice", "userPassword", "pencil");
        File.SetUnixFileMode(_db.Path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        File.SetUnixFileMode(_db.LockPath, (UnixFileMode)0b110_110_110);
        string printed = await RefusedAsync("store", _db.Path, "alice", "pencil2");
        Contains(printed, _db.Path + ":", "may not be written by user", s_user, "owner ", "mode 0404");
        Assert.Equal("pencil", await _db.GetAsync("alice", "userPassword"));
    }

    [PeerFact("setsid", "setpriv")]
    public async Task An_unwritable_lock_file_is_called_by_its_own_name()
    {
        await _db.PutAsync("alice", "userPassword", "pencil");
        File.SetUnixFileMode(_db.Path, (UnixFileMode)0b110_110_110);
        File.SetUnixFileMode(_db.LockPath, UnixFileMode.UserRead);
        string printed = await RefusedAsync("store", _db.Path, "alice", "pencil2");
        Contains(printed, _db.LockPath + ":", "may not be written by user", s_user, "mode 0400");
    }

    [PeerFact("setsid", "setpriv")]
    public async Task A_directory_that_may_not_be_entered_or_written_is_named()
    {
        string closed = _db.At("closed");
        Directory.CreateDirectory(closed);
        File.SetUnixFileMode(closed, s_isRoot ? UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute : UnixFileMode.None);
        Contains(await RefusedAsync("get", Path.Combine(closed, "sasldb2"), "alice"), "may not enter a directory", s_user);
        File.SetUnixFileMode(closed, (UnixFileMode)0b101_101_101);
        string printed = await RefusedAsync("store", Path.Combine(closed, "sasldb2"), "alice", "pencil");
        Contains(printed, $"directory {closed}", "may not be written by user", s_user, "mode 0555");
    }

    [PeerTheory("setsid")]
    [InlineData("000", 0b110_100_000)]
    [InlineData("027", 0b110_100_000)]
    [InlineData("077", 0b110_000_000)]
    public async Task New_files_are_for_owner_and_group_whatever_the_umask_is(string umask, int mode)
    {
        PeerCommand store = WriterProcess.Command("store", _db.Path, "alice", "pencil");
        await PeerProcess.RunSuccessfullyAsync(
            new PeerCommand("/bin/sh", ["-c", "umask \"$0\"; exec \"$@\"", umask, store.Program, .. store.Arguments]) { Limit = store.Limit });
        Assert.Equal((UnixFileMode)mode, File.GetUnixFileMode(_db.Path));
        Assert.Equal((UnixFileMode)mode, File.GetUnixFileMode(_db.LockPath));
        Assert.False(File.Exists(_db.DraftPath));
        Assert.Equal("pencil", await _db.GetAsync("alice", "userPassword"));
    }

    [Fact]
    public async Task A_file_that_everybody_can_read_is_warned_about_once()
    {
        var warnings = new List<string>();
        await _db.PutAsync("alice", "userPassword", "pencil");
        File.SetUnixFileMode(_db.Path, OwnerAndGroup | UnixFileMode.OtherRead);
        using var store = new SasldbStore(new SasldbOptions { Path = _db.Path, Warning = warnings.Add });
        for (int lookup = 0; lookup < 3; lookup++)
            Assert.Equal("pencil", await TestSasldb.GetAsync(store, TestSasldb.User("alice"), "userPassword"));
        string warning = Assert.Single(warnings);
        Contains(warning, _db.Path, "mode 0644", "chmod o-r", "owner ");
    }

    [Fact]
    public async Task A_file_for_owner_and_group_is_not_warned_about()
    {
        var warnings = new List<string>();
        await _db.PutAsync("alice", "userPassword", "pencil");
        File.SetUnixFileMode(_db.Path, OwnerAndGroup);
        using var store = new SasldbStore(new SasldbOptions { Path = _db.Path, Warning = warnings.Add });
        Assert.Equal("pencil", await TestSasldb.GetAsync(store, TestSasldb.User("alice"), "userPassword"));
        Assert.Empty(warnings);
    }

    [PeerTheory("setsid")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_no_regular_file_is_refused_and_never_waited_for(bool isDirectory)
    {
        if (isDirectory)
            Directory.CreateDirectory(_db.Path);
        else
            await PeerProcess.RunSuccessfullyAsync(new PeerCommand("/bin/sh", "-c", "mkfifo \"$0\"", _db.Path));
        var refused = await Assert.ThrowsAsync<SaslUnavailableException>(() => _db.GetAsync("alice", "userPassword"));
        Assert.Equal(SasldbFault.NotAFile, Assert.IsType<SasldbException>(refused.InnerException).Fault);
        Contains(refused.Message, _db.Path);
        Assert.Equal(SasldbFault.NotAFile, (await Assert.ThrowsAsync<SasldbException>(() => _db.PutAsync("alice", "userPassword", "x"))).Fault);
    }

    [Fact]
    public async Task A_missing_directory_is_a_missing_file_to_readers_and_named_to_writers()
    {
        using var store = new SasldbStore(_db.At("none/sasldb2"));
        var missing = await Assert.ThrowsAsync<SaslUnavailableException>(() => TestSasldb.GetAsync(store, TestSasldb.User("alice"), "userPassword"));
        Assert.Equal(SasldbFault.Missing, Assert.IsType<SasldbException>(missing.InnerException).Fault);
        var refused = await Assert.ThrowsAsync<SasldbException>(() => TestSasldb.PutAsync(store, "alice", "userPassword", "x"));
        Assert.Equal(SasldbFault.Missing, refused.Fault);
        Contains(refused.Message, store.Path, "no such directory");
    }

    [Fact]
    public async Task An_empty_file_is_unavailable_to_readers_and_begun_by_a_writer()
    {
        await File.WriteAllBytesAsync(_db.Path, []);
        var empty = await Assert.ThrowsAsync<SaslUnavailableException>(() => _db.GetAsync("alice", "userPassword"));
        Assert.Equal(SasldbFault.Empty, Assert.IsType<SasldbException>(empty.InnerException).Fault);
        await _db.PutAsync("alice", "userPassword", "pencil");
        Assert.Equal("pencil", await _db.GetAsync("alice", "userPassword"));
    }

    private static void Contains(string text, params string[] parts) =>
        Assert.All(parts, part => Assert.Contains(part, text, StringComparison.Ordinal));

    private async Task<string> RefusedAsync(params string[] arguments)
    {
        string folder = _db.At("program");
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            WriterProcess.CopyTo(folder);
        }
        PeerResult result = await PeerProcess.RunAsync(WriterProcess.CommandFrom(folder, arguments) with { RunAs = s_user });
        Assert.Equal(1, result.ExitCode);
        Assert.DoesNotContain("pencil", result.Transcript, StringComparison.Ordinal);
        return result.Transcript;
    }
}
