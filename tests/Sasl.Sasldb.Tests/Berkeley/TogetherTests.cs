using System.Runtime.Versioning;
using System.Text;
using Sasl.Sasldb.Berkeley;
using Sasl.Testing.Peers;
using Xunit;
using Xunit.Abstractions;

namespace Sasl.Sasldb.Tests.Berkeley;

/// <summary>Several processes on one file, Cyrus's among them; permissions, and a disk that is full.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class TogetherTests(ITestOutputHelper output) : IDisposable
{
    private const int Kills = 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly TestSasldb _db = new(options => options with { CreateFormat = SasldbFormat.Berkeley });

    public void Dispose() => _db.Dispose();

    [PeerFact("setsid", "db_verify", "saslpasswd2")]
    public async Task Killing_a_writer_at_any_moment_leaves_whole_pairs_and_a_file_that_Cyrus_takes()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        // So many users that building the file takes a while in which to be killed.
        await _db.FillAsync(1000);
        await using PeerProcess survivor = PeerProcess.Start(WriterProcess.Command("pairs", _db.Path, $"{seed}"));
        for (int round = 0; round < Kills; round++)
        {
            await using PeerProcess victim = PeerProcess.Start(WriterProcess.Command("pairs", _db.Path, $"{random.Next()}"));
            for (int writes = random.Next(1, 10); writes > 0; writes--)
                Assert.Equal("written", await victim.ReadLineAsync(s_patience));
            victim.Signal(UnixSignal.Kill);
            await victim.FinishAsync();
            await ReadPairsAsync();
            await _db.PutAsync("next", "round", $"{round}");
            await survivor.WaitForLineAsync(line => line == "written", survivor.Transcript.Count, s_patience);
        }
        survivor.Signal(UnixSignal.Kill);
        await survivor.FinishAsync();
        await Libdb.VerifyAsync(_db.Path);
        await CyrusDatabase.SetPasswordAsync(_db.Path, "cyrus", "pencil", TestSasldb.Realm);
        Assert.Equal("pencil", await _db.GetAsync("cyrus", "userPassword"));
        await _db.PutAsync("last", "userPassword", "x");
        Assert.False(File.Exists(_db.DraftPath), "what the killed left behind is still there");
        await ReadPairsAsync();
        await Libdb.VerifyAsync(_db.Path);
    }

    [PeerFact("setsid", "db_verify")]
    public async Task Four_processes_that_store_and_count_at_once_lose_nothing()
    {
        await _db.PutAsync("counter", "number", "0");
        await Task.WhenAll(
            [
                .. Enumerable.Range(0, 4).Select(
                    process => PeerProcess.RunSuccessfullyAsync(WriterProcess.Command("users", _db.Path, $"p{process}-", "25"))),
                .. Enumerable.Range(0, 2).Select(_ => PeerProcess.RunSuccessfullyAsync(WriterProcess.Command("count", _db.Path, "15"))),
            ]);
        for (int user = 0; user < 100; user++)
            Assert.Equal($"p{user / 25}- {user % 25}", await _db.GetAsync($"p{user / 25}-{user % 25}", "userPassword"));
        Assert.Equal("30", await _db.GetAsync("counter", "number"));
        Assert.Equal(101, await _db.Store.VerifyAsync(default));
        await Libdb.VerifyAsync(_db.Path);
    }

    [PeerFact("saslpasswd2")]
    public async Task Lookups_are_right_while_Cyrus_writes_in_place()
    {
        await CyrusDatabase.SetPasswordAsync(_db.Path, "alice", "pencil", TestSasldb.Realm);
        using var stop = new CancellationTokenSource();
        Task<int>[] looking = [.. Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
        {
            int lookups = 0;
            for (; !stop.IsCancellationRequested; lookups++)
            {
                Assert.Equal("pencil", await _db.GetAsync("alice", "userPassword"));
                Assert.Null(await _db.GetAsync("alice", "authPassword"));
            }
            return lookups;
        }))];
        // The table is split again and again.
        for (int user = 0; user < 60; user++)
        {
            await CyrusDatabase.SetPasswordAsync(_db.Path, $"user{user}", new string('p', 600), TestSasldb.Realm);
            Assert.Equal(600, (await _db.GetAsync($"user{user}", "userPassword"))?.Length);
        }
        await stop.CancelAsync();
        int[] counts = await Task.WhenAll(looking);
        output.WriteLine($"{counts.Sum()} lookups");
        Assert.True(counts.Sum() > 60, "hardly anything was looked up meanwhile");
        await _db.Store.VerifyAsync(default);
        Assert.Equal(61, (await CyrusDatabase.ListAsync(_db.Path)).Split('\n').Count(line => line.EndsWith(": userPassword", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Lookups_see_whole_states_and_never_fail_while_the_file_is_written_anew()
    {
        const int Rounds = 30;
        await StorePairAsync(0);
        Task writing = Task.Run(async () =>
        {
            for (int round = 1; round <= Rounds; round++)
                await StorePairAsync(round);
        });
        int[] seen = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => LookUpPairsAsync(writing))));
        await writing;
        Assert.All(seen, static last => Assert.Equal(Rounds, last));
    }

    [PeerFact("setsid")]
    public async Task A_file_keeps_its_owner_group_and_permissions()
    {
        bool isRoot = Environment.IsPrivilegedProcess;
        await _db.PutAsync("alice", "userPassword", "pencil");
        string command = isRoot ? "chown daemon:mail \"$0\" && chmod 0664 \"$0\"" : "chmod 0664 \"$0\"";
        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("/bin/sh", "-c", command, _db.Path));
        string before = await DescribeAsync();
        await _db.PutAsync("bob", "userPassword", "pen");
        Assert.Equal(before, await DescribeAsync());
        Assert.Contains("664", before, StringComparison.Ordinal);
        Assert.Equal("pencil", await _db.GetAsync("alice", "userPassword"));
    }

    [PeerFact("setsid", "setpriv")]
    public async Task A_file_or_a_directory_that_may_not_be_written_is_complained_about()
    {
        string user = Environment.IsPrivilegedProcess ? "daemon" : Environment.UserName;
        string folder = _db.At("program");
        Directory.CreateDirectory(folder);
        WriterProcess.CopyTo(folder);
        await _db.PutAsync("alice", "userPassword", "pencil");
        File.SetUnixFileMode(_db.Path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        string file = await RefusedAsync();
        Assert.Contains(_db.Path + ":", file, StringComparison.Ordinal);
        Assert.Contains("mode 0404", file, StringComparison.Ordinal);
        File.SetUnixFileMode(_db.Path, (UnixFileMode)0b110_110_110);
        string directory = Path.GetDirectoryName(_db.Path)!;
        UnixFileMode before = File.GetUnixFileMode(directory);
        File.SetUnixFileMode(directory, (UnixFileMode)0b101_101_101);
        File.SetUnixFileMode(_db.LockPath, (UnixFileMode)0b110_110_110);
        string refused = await RefusedAsync();
        File.SetUnixFileMode(directory, before);
        Assert.Contains("may not be written by user", refused, StringComparison.Ordinal);
        Assert.Equal("pencil", await _db.GetAsync("alice", "userPassword"));

        async Task<string> RefusedAsync()
        {
            PeerResult result = await PeerProcess.RunAsync(WriterProcess.CommandFrom(folder, "store", _db.Path, "alice", "rubber") with { RunAs = user });
            Assert.Equal(1, result.ExitCode);
            return result.Transcript;
        }
    }

    [SmallDiskFact]
    public async Task A_full_file_system_is_named_and_nothing_is_lost()
    {
        using SmallDisk disk = SmallDisk.Make(kibibytes: 400);
        using var store = new SasldbStore(new SasldbOptions { Path = disk.At("sasldb2"), CreateFormat = SasldbFormat.Berkeley });
        SasldbException? full = null;
        int stored = 0;
        for (; full is null; stored++)
        {
            try
            {
                await TestSasldb.PutAsync(store, $"user{stored}", "userPassword", new string('x', 3000));
            }
            catch (SasldbException failure)
            {
                full = failure;
            }
        }
        stored--;
        Assert.Equal(SasldbFault.DiskFull, full.Fault);
        Assert.True(stored > 20, $"only {stored} users fit");
        Assert.False(File.Exists(disk.At(".sasldb2.unfinished")), "half a file takes the room that is left");
        Assert.Equal(stored, await store.VerifyAsync(default));
        for (int user = 0; user < stored; user++)
            Assert.Equal(3000, (await TestSasldb.GetAsync(store, TestSasldb.User($"user{user}"), "userPassword"))?.Length);
    }

    private async Task<string> DescribeAsync() =>
        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("/bin/sh", "-c", "stat -c '%u %g %a' \"$0\"", _db.Path));

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

    private Task StorePairAsync(int round)
    {
        byte[] value = Encoding.UTF8.GetBytes($"{round}".PadRight(1 + (round * 97 % 3000)));
        return _db.Store.StoreAsync(TestSasldb.User("pair"), [new("left", value), new("right", value)], default).AsTask();
    }

    // Until the writing is over, and once more then.
    private async Task<int> LookUpPairsAsync(Task writing)
    {
        SaslProperty left = new("left");
        SaslProperty right = new("right");
        for (int last = 0; ;)
        {
            bool isOver = writing.IsCompleted;
            using var set = new PropertySet(left, right);
            Assert.True(await _db.Store.LookupAsync(TestSasldb.User("pair"), set, default));
            Assert.True(set.TryGet(left, out ReadOnlySpan<byte> one) && set.TryGet(right, out ReadOnlySpan<byte> other) && one.SequenceEqual(other));
            int now = int.Parse(Encoding.UTF8.GetString(one), provider: null);
            Assert.True(now >= last, "an older state was seen after a newer one");
            last = now;
            if (isOver)
                return last;
        }
    }
}
