using System.Text;
using Sasl.Sasldb.Lmdb;
using Sasl.Testing.Peers;
using Xunit;
using Xunit.Abstractions;

namespace Sasl.Sasldb.Tests;

/// <summary>Several processes on one file: killed, racing, reading for long, and liblmdb's own among them.</summary>
public sealed class ProcessesTests(ITestOutputHelper output) : IDisposable
{
    private const int Kills = 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly TestSasldb _db = new();

    public void Dispose() => _db.Dispose();

    [PeerFact("setsid", "mdb_dump")]
    public async Task Killing_a_writer_at_any_moment_leaves_whole_pairs_and_a_lock_that_others_take()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
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
            if (round % 4 == 3)
                await ComparePairsWithLiblmdbAsync();
        }
        survivor.Signal(UnixSignal.Kill);
        await survivor.FinishAsync();
        await _db.Store.VerifyAsync(default);
        await ComparePairsWithLiblmdbAsync();
    }

    [PeerFact("setsid", "mdb_dump")]
    public async Task A_lock_whose_holder_died_is_taken_over_while_another_process_has_the_file_open()
    {
        await _db.FillAsync(100);
        await using PeerProcess reader = await Liblmdb.StartReaderAsync(_db.Path, _db.At("dump"));
        await using PeerProcess holder = PeerProcess.Start(WriterProcess.Command("hold", _db.Path));
        Assert.Equal("held", await holder.ReadLineAsync(s_patience));

        // While it lives, it keeps us out.
        using var impatient = new SasldbStore(new SasldbOptions { Path = _db.Path, LockTimeout = TimeSpan.FromMilliseconds(200) });
        var busy = await Assert.ThrowsAsync<SasldbException>(() => TestSasldb.PutAsync(impatient, "alice", "userPassword", "x"));
        Assert.Equal(SasldbFault.Busy, busy.Fault);
        using var cancel = new CancellationTokenSource();
        Task cancelled = _db.Store.RemoveAsync(TestSasldb.User("alice"), cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);

        holder.Signal(UnixSignal.Kill);
        await holder.FinishAsync();
        await _db.PutAsync("alice", "userPassword", "pencil");
        await reader.FinishAsync("go on\n");
        Assert.Equal(100, Liblmdb.Parse(await File.ReadAllLinesAsync(_db.At("dump"))).Count);
        Assert.Equal(101, await Liblmdb.CountAsync(_db.Path));
    }

    // A program on liblmdb locks by the name it was given. Who goes by the link knows both names, and takes both locks.
    [PeerTheory("setsid", "mdb_load", "mdb_dump")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task By_a_symbolic_link_we_take_turns_with_liblmdb_by_either_name(bool theyGoByTheLink)
    {
        string link = _db.At("link");
        File.CreateSymbolicLink(link, _db.Path);
        string theirs = theyGoByTheLink ? link : _db.Path;
        using var store = new SasldbStore(link);
        await _db.FillAsync(100);
        await using PeerProcess reader = await Liblmdb.StartReaderAsync(theirs, _db.At("dump"));
        Task load = PeerProcess.RunSuccessfullyAsync(Liblmdb.Load(
            theirs, Enumerable.Range(0, 2000).Select(number => (Encoding.UTF8.GetBytes($"theirs{number:0000}\0r\0p"), new byte[200]))));
        for (int number = 0; number < 100 || !load.IsCompleted; number++)
            await TestSasldb.PutAsync(store, $"ours{number % 100}", "userPassword", $"{number}");
        await load;
        await reader.FinishAsync("go on\n");
        Assert.Equal(100, Liblmdb.Parse(await File.ReadAllLinesAsync(_db.At("dump"))).Count);
        Assert.Equal(2200, await _db.Store.VerifyAsync(default));
        Assert.Equal(2200, (await Liblmdb.DumpAsync(_db.Path)).Count);
    }

    [PeerFact("setsid")]
    public async Task A_file_with_two_names_of_its_own_is_not_written()
    {
        await _db.PutAsync("alice", "userPassword", "pencil");
        await PeerProcess.RunSuccessfullyAsync(new PeerCommand("/bin/sh", "-c", "ln \"$0\" \"$0.other\"", _db.Path));
        var refused = await Assert.ThrowsAsync<SasldbException>(() => _db.PutAsync("alice", "userPassword", "x"));
        Assert.Equal(SasldbFault.NotWritable, refused.Fault);
        Assert.Contains("hard links", refused.Message, StringComparison.Ordinal);
        Assert.Equal("pencil", await _db.GetAsync("alice", "userPassword"));
    }

    [Fact]
    public async Task A_link_to_a_file_that_is_not_there_yet_leads_to_it_when_it_is_made()
    {
        string link = _db.At("link");
        File.CreateSymbolicLink(link, _db.Path);
        using var store = new SasldbStore(link);
        await TestSasldb.PutAsync(store, "alice", "userPassword", "pencil");
        Assert.Equal(_db.Path, new FileInfo(link).LinkTarget);
        Assert.Equal("pencil", await _db.GetAsync("alice", "userPassword"));
    }

    [PeerFact("setsid", "mdb_dump")]
    public async Task A_long_reader_of_liblmdb_sees_one_state_and_gives_its_pages_back()
    {
        await _db.FillAsync(300);
        SortedDictionary<string, string> before = await Liblmdb.DumpAsync(_db.Path);
        await using PeerProcess reader = await Liblmdb.StartReaderAsync(_db.Path, _db.At("dump"));
        for (int change = 0; change < 100; change++)
            await _db.PutAsync($"user{change * 3 % 300}", "userPassword", new string('n', 1 + (change * 37 % 3000)));
        await reader.FinishAsync("go on\n");
        Assert.Equal(before, Liblmdb.Parse(await File.ReadAllLinesAsync(_db.At("dump"))));
        long length = new FileInfo(_db.Path).Length;
        for (int change = 0; change < 60; change++)
            await _db.PutAsync($"user{change}", "userPassword", new string('m', 1000));
        Assert.Equal(length, new FileInfo(_db.Path).Length);
        await _db.Store.VerifyAsync(default);
    }

    [PeerFact("setsid", "mdb_dump")]
    public async Task Four_processes_that_store_at_once_lose_nothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(
            process => PeerProcess.RunSuccessfullyAsync(WriterProcess.Command("users", _db.Path, $"p{process}-", "40"))));
        for (int user = 0; user < 160; user++)
            Assert.Equal($"p{user / 40}- {user % 40}", await _db.GetAsync($"p{user / 40}-{user % 40}", "userPassword"));
        Assert.Equal(160, await _db.Store.VerifyAsync(default));
        Assert.Equal(160, await Liblmdb.CountAsync(_db.Path));
    }

    [PeerFact("setsid", "mdb_dump", "mdb_load")]
    public async Task Four_processes_count_without_a_slip_while_liblmdb_writes_beside_them()
    {
        await _db.PutAsync("counter", "number", "0");
        Task<string[]> counting = Task.WhenAll(Enumerable.Range(0, 4).Select(
            _ => PeerProcess.RunSuccessfullyAsync(WriterProcess.Command("count", _db.Path, "25"))));
        for (int load = 0; load < 6; load++)
        {
            await PeerProcess.RunSuccessfullyAsync(Liblmdb.Load(_db.Path, Enumerable.Range(0, 250).Select(
                number => (Encoding.UTF8.GetBytes($"loaded{load}-{number}\0example.com\0userPassword"), new byte[number * 10]))));
        }
        await counting;
        Assert.Equal("100", await _db.GetAsync("counter", "number"));
        Assert.Equal(1501, await _db.Store.VerifyAsync(default));
        Assert.Equal(1501, await Liblmdb.CountAsync(_db.Path));
    }

    [PeerFact("setsid", "mdb_dump", "mdb_load")]
    public async Task The_plain_lock_keeps_liblmdb_out_where_its_mutexes_are_not_known()
    {
        await _db.FillAsync(100);
        var options = new SasldbOptions { Path = _db.Path, LockTimeout = TimeSpan.FromMilliseconds(100) };
        await using (PeerProcess reader = await Liblmdb.StartReaderAsync(_db.Path, _db.At("dump")))
        {
            Assert.Equal(SasldbFault.Busy, Assert.Throws<SasldbException>(() => LmdbPlainLock.Wait(_db.Path, options, default)).Fault);
            await reader.FinishAsync("go on\n");
        }
        using (LmdbPlainLock.Wait(_db.Path, options, default))
        {
            Assert.Equal(SasldbFault.Busy, Assert.Throws<SasldbException>(() => LmdbPlainLock.Wait(_db.Path, options, default)).Fault);
            using var store = new SasldbStore(options);
            var busy = await Assert.ThrowsAsync<SasldbException>(() => TestSasldb.PutAsync(store, "alice", "userPassword", "x"));
            Assert.Equal(SasldbFault.Busy, busy.Fault);
            Assert.Equal(0, new FileInfo(_db.LockPath).Length);
        }
        await PeerProcess.RunSuccessfullyAsync(Liblmdb.Load(_db.Path, [("alice\0example.com\0userPassword"u8.ToArray(), "pencil"u8.ToArray())]));
        Assert.Equal("pencil", await _db.GetAsync("alice", "userPassword"));
        await _db.PutAsync("bob", "userPassword", "x");
        Assert.Equal(102, await Liblmdb.CountAsync(_db.Path));
    }

    private static string? Text(Dictionary<string, string> values, string key) => values.GetValueOrDefault(key);

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

    private async Task ComparePairsWithLiblmdbAsync()
    {
        Dictionary<string, string> dump = (await Liblmdb.DumpAsync(_db.Path)).ToDictionary(
            record => Encoding.Latin1.GetString(Convert.FromHexString(record.Key)), record => record.Value);
        for (int pair = 0; pair < 20; pair++)
            Assert.Equal(Text(dump, $"pair{pair}\0example.com\0left"), Text(dump, $"pair{pair}\0example.com\0right"));
        Assert.Contains("next\0example.com\0round", dump.Keys);
    }
}
