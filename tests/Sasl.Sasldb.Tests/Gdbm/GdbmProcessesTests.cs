using System.Runtime.Versioning;
using System.Text;
using Sasl.Testing.Peers;
using Xunit;
using Xunit.Abstractions;

namespace Sasl.Sasldb.Tests.Gdbm;

/// <summary>Several processes on one file, libgdbm's among them: killed, racing, and reading while others write.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class GdbmProcessesTests(ITestOutputHelper output) : IDisposable
{
    private const int Kills = 12;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly TestSasldb _db = new(options => options with { CreateFormat = SasldbFormat.Gdbm });

    public void Dispose() => _db.Dispose();

    [PeerFact("setsid", "gdbmtool", "gdbm_dump")]
    public async Task Killing_a_writer_at_any_moment_leaves_whole_pairs_that_libgdbm_reads()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await _db.PutAsync("next", "round", "0");
        await using PeerProcess survivor = PeerProcess.Start(WriterProcess.Command("pairs", _db.Path, $"{seed}"));
        for (int round = 0; round < Kills; round++)
        {
            await using PeerProcess victim = PeerProcess.Start(WriterProcess.Command("pairs", _db.Path, $"{random.Next()}"));
            for (int writes = random.Next(1, 15); writes > 0; writes--)
                Assert.Equal("written", await victim.ReadLineAsync(s_patience));
            victim.Signal(UnixSignal.Kill);
            await victim.FinishAsync();
            await ReadPairsAsync();
            await _db.PutAsync("next", "round", $"{round}");
            await survivor.WaitForLineAsync(line => line == "written", survivor.Transcript.Count, s_patience);
        }
        survivor.Signal(UnixSignal.Kill);
        await survivor.FinishAsync();
        await _db.PutAsync("next", "round", "last");
        Assert.False(File.Exists(_db.DraftPath));
        SortedDictionary<string, string> dump = await Libgdbm.DumpAsync(_db.Path);
        Assert.Equal(dump.Count, await _db.Store.VerifyAsync(default));
        for (int pair = 0; pair < 20; pair++)
            Assert.Equal(dump.GetValueOrDefault(Hex($"pair{pair}\0example.com\0left")), dump.GetValueOrDefault(Hex($"pair{pair}\0example.com\0right")));
    }

    [PeerFact("setsid", "gdbmtool", "gdbm_dump")]
    public async Task Two_processes_of_ours_and_two_of_libgdbm_that_store_at_once_lose_nothing()
    {
        await _db.PutAsync("first", "userPassword", "x");
        const string Script =
            """
            # As Cyrus does: opened and closed for each record; it fails at once when somebody has it.
            for user in range(60):
                while True:
                    try:
                        db = dbm.open(sys.argv[1], 'w')
                        break
                    except dbm.error:
                        time.sleep(0.001)
                db[('%s-%d\0example.com\0userPassword' % (sys.argv[2], user)).encode()] = b'%d' % user
                db.close()
            """;
        await Task.WhenAll(
            PeerProcess.RunSuccessfullyAsync(WriterProcess.Command("users", _db.Path, "ours0-", "60")),
            PeerProcess.RunSuccessfullyAsync(WriterProcess.Command("users", _db.Path, "ours1-", "60")),
            Libgdbm.RunAsync(Script, _db.Path, "", "theirs0"),
            Libgdbm.RunAsync(Script, _db.Path, "", "theirs1"));
        SortedDictionary<string, string> dump = await Libgdbm.DumpAsync(_db.Path);
        for (int user = 0; user < 60; user++)
        {
            foreach (string name in (string[])["ours0", "ours1", "theirs0", "theirs1"])
                Assert.Contains(Hex($"{name}-{user}\0example.com\0userPassword"), dump.Keys);
        }
        Assert.Equal(241, dump.Count);
        Assert.Equal(241, await _db.Store.VerifyAsync(default));
    }

    [PeerFact("setsid", "gdbmtool")]
    public async Task Lookups_beside_a_writer_of_libgdbm_are_right_and_never_keep_it_out()
    {
        await _db.FillAsync(500);
        await using PeerProcess writer = PeerProcess.Start(Libgdbm.Command(
            """
            for round in range(400):
                db = dbm.open(sys.argv[1], 'w')
                for user in range(5):
                    db[b'stirred%d\0example.com\0userPassword' % user] = b'%d' % round * (5 + round % 400)
                db[b'new%d\0example.com\0userPassword' % round] = b'%d' % round * 50
                db.close()
            print('done')
            """,
            _db.Path));
        int looked = 0;
        while (!writer.HasExited)
        {
            Assert.Equal(TestSasldb.Filling(looked % 500), await _db.GetAsync($"user{looked % 500}", "userPassword"));
            looked++;
            if (await _db.GetAsync($"stirred{looked % 5}", "userPassword") is { Length: > 0 } value)
                Assert.True(IsWhole(value), "half of a value");
        }
        PeerResult result = await writer.FinishAsync();
        Assert.True(result.ExitCode == 0, result.Transcript);
        Assert.Contains("done", result.Transcript, StringComparison.Ordinal);
        output.WriteLine($"{looked} lookups");
        Assert.Equal(905, await _db.Store.VerifyAsync(default));
    }

    [PeerFact("setsid", "gdbmtool")]
    public async Task While_libgdbm_writes_we_wait_and_while_it_reads_we_do_not()
    {
        await _db.PutAsync("alice", "userPassword", "pencil");
        const string Script =
            """
            db = dbm.open(sys.argv[1], sys.argv[2])
            print('held', flush=True)
            sys.stdin.readline()
            print(db[b'alice\0example.com\0userPassword'].decode(), flush=True)
            db.close()
            """;
        using var impatient = new SasldbStore(new SasldbOptions { Path = _db.Path, LockTimeout = TimeSpan.FromMilliseconds(200) });
        await using (PeerProcess writer = PeerProcess.Start(Libgdbm.Command(Script, _db.Path, "w")))
        {
            await writer.WaitForLineAsync(line => line == "held", within: s_patience);
            var busy = await Assert.ThrowsAsync<SasldbException>(() => TestSasldb.PutAsync(impatient, "alice", "userPassword", "x"));
            Assert.Equal(SasldbFault.Busy, busy.Fault);
            Assert.Equal("pencil", await _db.GetAsync("alice", "userPassword"));
            await writer.FinishAsync("\n");
        }
        await using PeerProcess reader = PeerProcess.Start(Libgdbm.Command(Script, _db.Path, "r"));
        await reader.WaitForLineAsync(line => line == "held", within: s_patience);
        await TestSasldb.PutAsync(impatient, "alice", "userPassword", "eraser");
        Assert.Equal("eraser", await _db.GetAsync("alice", "userPassword"));
        // It has the old file, whole.
        PeerResult result = await reader.FinishAsync("\n");
        Assert.Contains("pencil", result.Transcript, StringComparison.Ordinal);
    }

    [PeerFact("gdbmtool")]
    public async Task Whoever_opened_the_old_file_to_write_too_early_is_told_instead_of_losing_his_record()
    {
        await _db.PutAsync("alice", "userPassword", "pencil");
        using FileStream early = new(_db.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        await _db.PutAsync("alice", "userPassword", "eraser");
        byte[] old = new byte[64];
        await early.ReadExactlyAsync(old);
        await File.WriteAllBytesAsync(_db.At("old"), old);
        PeerResult refused = await PeerProcess.RunAsync(new PeerCommand("gdbmtool", "-N", "-q", _db.At("old"), "store", "a", "b"));
        Assert.Contains("magic", refused.Transcript, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_new_file_keeps_mode_owner_and_group_and_a_link_stays_a_link()
    {
        await _db.PutAsync("alice", "userPassword", "pencil");
        File.SetUnixFileMode(_db.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        File.CreateSymbolicLink(_db.At("link"), _db.Path);
        await File.WriteAllTextAsync(_db.DraftPath, "left behind");
        using var linked = new SasldbStore(_db.At("link"));
        await TestSasldb.PutAsync(linked, "bob", "userPassword", "x");
        Assert.NotNull(new FileInfo(_db.At("link")).LinkTarget);
        Assert.False(File.Exists(_db.DraftPath));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, File.GetUnixFileMode(_db.Path));
        Assert.Equal("x", await _db.GetAsync("bob", "userPassword"));
        Assert.Equal("pencil", await TestSasldb.GetAsync(linked, TestSasldb.User("alice"), "userPassword"));
    }

    [PeerFact("setsid", "setpriv")]
    public async Task A_file_that_may_not_be_written_is_named_and_stays()
    {
        await _db.PutAsync("alice", "userPassword", "pencil");
        File.SetUnixFileMode(_db.Path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        File.SetUnixFileMode(_db.LockPath, (UnixFileMode)0b110_110_110);
        string folder = _db.At("program");
        Directory.CreateDirectory(folder);
        WriterProcess.CopyTo(folder);
        PeerResult result = await PeerProcess.RunAsync(WriterProcess.CommandFrom(folder, "store", _db.Path, "alice", "eraser") with
        {
            RunAs = Environment.IsPrivilegedProcess ? "daemon" : Environment.UserName,
        });
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("may not be written by user", result.Transcript, StringComparison.Ordinal);
        Assert.Equal("pencil", await _db.GetAsync("alice", "userPassword"));
    }

    [SmallDiskFact]
    public async Task A_full_file_system_is_named_and_nothing_is_lost()
    {
        using SmallDisk disk = SmallDisk.Make(kibibytes: 400);
        using var store = new SasldbStore(new SasldbOptions { Path = disk.At("sasldb2"), CreateFormat = SasldbFormat.Gdbm });
        int stored = 0;
        SasldbException? full = null;
        while (full is null && stored < 1000)
        {
            try
            {
                await TestSasldb.PutAsync(store, $"user{stored}", "userPassword", new string('x', 3000));
                stored++;
            }
            catch (SasldbException refused)
            {
                full = refused;
            }
        }
        Assert.Equal(SasldbFault.DiskFull, full?.Fault);
        Assert.False(File.Exists(disk.At(".sasldb2.unfinished")));
        Assert.Equal(stored, await store.VerifyAsync(default));
        Assert.True(stored > 20, $"only {stored} users fit");
    }

    [PeerFact("gdbmtool")]
    public async Task A_lookup_allocates_nothing_and_sees_a_change_in_place_at_once()
    {
        await _db.FillAsync(500);
        using var store = new SasldbStore(new SasldbOptions { Path = _db.Path, Clock = new LaterClock() });
        SaslUser user = TestSasldb.User("user123");
        using var empty = new PropertySet(new SaslProperty("none"));
        Assert.True(await store.LookupAsync(user, empty, default));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int lookup = 0; lookup < 1000; lookup++)
            Assert.True(store.LookupAsync(user, empty, default).IsCompletedSuccessfully);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 1000, 0, 100);

        string password = TestSasldb.Filling(123);
        Assert.Equal(password, await TestSasldb.GetAsync(store, user, "userPassword"));
        for (int change = 0; change < 5; change++)
        {
            string changed = new((char)('A' + change), password.Length);
            await Libgdbm.StoreAsync(_db.Path, [("user123\0example.com\0userPassword", Encoding.UTF8.GetBytes(changed))]);
            Assert.Equal(changed, await TestSasldb.GetAsync(store, user, "userPassword"));
        }
    }

    // A number, again and again.
    private static bool IsWhole(string value)
    {
        for (int length = 1; length <= 3; length++)
        {
            if (int.Parse(value[..Math.Min(length, value.Length)], System.Globalization.CultureInfo.InvariantCulture) is var round
                && value == string.Concat(Enumerable.Repeat($"{round}", 5 + (round % 400))))
                return true;
        }
        return false;
    }

    private static string Hex(string key) => Convert.ToHexString(Encoding.UTF8.GetBytes(key));

    private async Task ReadPairsAsync()
    {
        SaslProperty left = new("left");
        SaslProperty right = new("right");
        for (int pair = 0; pair < 20; pair++)
        {
            using var set = new PropertySet(left, right);
            await _db.Store.LookupAsync(TestSasldb.User($"pair{pair}"), set, default);
            bool found = set.TryGet(left, out ReadOnlySpan<byte> one);
            Assert.Equal(found, set.TryGet(right, out ReadOnlySpan<byte> other));
            Assert.True(one.SequenceEqual(other), "the two halves of a pair differ");
        }
    }
}
