using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Sasl.Saslauthd.Tests.Daemon;
using Xunit;

namespace Sasl.Saslauthd.Tests.Cache;

public sealed class CacheTests : IAsyncLifetime
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromMinutes(5);

    private readonly FakeTimeProvider _clock = new();
    private readonly SaslauthdCache _cache;
    private readonly TestDaemon _daemon;

    public CacheTests()
    {
        _cache = new SaslauthdCache(timeout: s_timeout, clock: _clock);
        _daemon = new TestDaemon(options => options with { Cache = _cache });
    }

    [Fact]
    public async Task A_confirmed_login_is_remembered()
    {
        Assert.Equal("OK", await _daemon.AskAsync("alice", "secret"));
        Assert.Equal("OK", await _daemon.AskAsync("alice", "secret"));

        Assert.Equal(1, _daemon.Checker.Calls);
        Assert.Equal([false, true], (await _daemon.Log.WaitAsync(2)).Select(static record => record.IsCached));
        SaslauthdCacheStatistics statistics = _cache.Statistics;
        Assert.Equal((1, 1L, 1L), (statistics.Entries, statistics.Hits, statistics.Misses));
    }

    [Fact]
    public async Task Saslauthd_cache_400_a_wrong_password_is_never_let_in()
    {
        Assert.Equal("OK", await _daemon.AskAsync("alice", "secret"));
        foreach (string wrong in (string[])["secre", "secrets", "Secret", "secret ", "s"])
        {
            Assert.Equal("NO", await _daemon.AskAsync("alice", wrong));
            Assert.Equal("NO", await _daemon.AskAsync("alice", wrong));
        }
        Assert.Equal(11, _daemon.Checker.Calls);
    }

    [Fact]
    public async Task Every_part_of_a_login_counts_and_none_runs_into_the_next()
    {
        _daemon.Checker.Instead = static (user, _, _) => Task.FromResult<PasswordVerdict>(
            user == new SaslUser("alice", "bc") ? PasswordOutcome.Match : PasswordOutcome.Mismatch);
        Assert.Equal("OK", await _daemon.AskAsync("alice", "secret", "smtp", "bc"));

        Assert.Equal("NO", await _daemon.AskAsync("alicee", "secret", "smtp", "bc"));
        Assert.Equal("NO", await _daemon.AskAsync("alice", "secret", "smtp", "b"));
        Assert.Equal("NO", await _daemon.AskAsync("alice", "secret", "smtpb", "c"));
        Assert.Equal("NO", await _daemon.AskAsync("alices", "ecret", "smtp", "bc"));
        Assert.Equal("OK", await _daemon.AskAsync("alice", "secret", "imap", "bc"));
        Assert.Equal(6, _daemon.Checker.Calls);
    }

    [Fact]
    public async Task Cache_expiry_an_expired_login_goes_to_the_checker()
    {
        await _daemon.AskAsync("alice", "secret");
        _clock.Advance(s_timeout - TimeSpan.FromMilliseconds(1));
        await _daemon.AskAsync("alice", "secret");
        Assert.Equal(1, _daemon.Checker.Calls);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        _daemon.Checker.Instead = static (_, _, _) => Task.FromResult<PasswordVerdict>(PasswordOutcome.Mismatch);
        Assert.Equal("NO", await _daemon.AskAsync("alice", "secret"));
        Assert.Equal(0, _cache.Statistics.Entries);
    }

    [Fact]
    public async Task A_new_password_takes_the_place_of_the_old_one()
    {
        await _daemon.AskAsync("alice", "secret");
        _daemon.Checker.Instead = static (_, password, _) => Task.FromResult<PasswordVerdict>(password == "new" ? PasswordOutcome.Match : PasswordOutcome.Mismatch);

        Assert.Equal("OK", await _daemon.AskAsync("alice", "new"));
        Assert.Equal("NO", await _daemon.AskAsync("alice", "secret"));
        Assert.Equal("OK", await _daemon.AskAsync("alice", "new"));
        Assert.Equal(1, _cache.Statistics.Entries);
    }

    [Theory]
    [InlineData(PasswordOutcome.UnknownUser)]
    [InlineData(PasswordOutcome.Disabled)]
    [InlineData(PasswordOutcome.Expired)]
    public async Task An_account_that_has_gone_is_forgotten_with_its_password(PasswordOutcome outcome)
    {
        await _daemon.AskAsync("alice", "secret");
        _daemon.Checker.Instead = (_, _, _) => Task.FromResult<PasswordVerdict>(outcome);

        Assert.Equal("NO", await _daemon.AskAsync("alice", "another"));
        Assert.Equal("NO", await _daemon.AskAsync("alice", "secret"));
    }

    [Theory]
    [InlineData(PasswordOutcome.Mismatch)]
    [InlineData(PasswordOutcome.UnknownUser)]
    [InlineData(PasswordOutcome.Unavailable)]
    public async Task A_failed_login_is_not_remembered(PasswordOutcome outcome)
    {
        _daemon.Checker.Instead = (_, _, _) => Task.FromResult<PasswordVerdict>(outcome);
        await _daemon.AskAsync("alice", "secret");
        _daemon.Checker.Instead = static (_, _, _) => null;

        Assert.Equal("OK", await _daemon.AskAsync("alice", "secret"));
        Assert.Equal(1, _cache.Statistics.Entries);
    }

    [Fact]
    public async Task A_check_that_began_before_a_flush_is_not_remembered_behind_it()
    {
        var release = new TaskCompletionSource<PasswordVerdict>();
        _daemon.Checker.Instead = (_, _, _) => release.Task;
        Task<string?> asking = _daemon.AskAsync("alice", "secret");
        await LimitTests.UntilAsync(() => _daemon.Checker.Calls == 1);
        _cache.Flush();
        release.SetResult(PasswordOutcome.Match);

        Assert.Equal("OK", await asking);
        Assert.Equal(0, _cache.Statistics.Entries);
    }

    [Fact]
    public async Task A_reload_forgets_what_the_old_checker_confirmed()
    {
        await _daemon.AskAsync("alice", "secret");
        await _daemon.Server.ReplaceVerifierAsync(new TestChecker { Instead = static (_, _, _) => Task.FromResult<PasswordVerdict>(PasswordOutcome.Mismatch) });

        Assert.Equal("NO", await _daemon.AskAsync("alice", "secret"));
    }

    [Fact]
    public async Task Remembered_logins_wait_for_no_turn()
    {
        await using var daemon = new TestDaemon(options => options with { Cache = _cache, MaxChecks = 1 });
        await daemon.AskAsync("alice", "secret");
        var release = new TaskCompletionSource<PasswordVerdict>();
        daemon.Checker.Instead = (_, _, _) => release.Task;
        Task<string?> slow = daemon.AskAsync("bob", "secret");
        await LimitTests.UntilAsync(() => daemon.Checker.Calls == 2);

        Assert.Equal("OK", await daemon.AskAsync("alice", "secret"));
        Assert.False(slow.IsCompleted);
        release.SetResult(PasswordOutcome.Match);
        await slow;
    }

    [Fact]
    public async Task The_control_socket_counts_lists_and_flushes()
    {
        await _daemon.AskAsync("alice", "secret");
        await _daemon.AskAsync("alice", "secret");
        _clock.Advance(TimeSpan.FromSeconds(60));
        await _daemon.AskAsync("bob", "secret");

        Dictionary<string, string> counters = (await SaslauthdControl.GetStatisticsAsync(_daemon.RunDirectory, CancellationToken.None)).ToDictionary(static pair => pair.Name, static pair => pair.Value);
        Assert.Equal(("3", "3", "2", "1", "2", "300"), (counters["requests"], counters["attempts"], counters["entries"], counters["hits"], counters["misses"], counters["timeout"]));
        Assert.Equal([300, 240], await SaslauthdControl.GetEntriesAsync(_daemon.RunDirectory, CancellationToken.None));

        await SaslauthdControl.FlushAsync(_daemon.RunDirectory, CancellationToken.None);
        Assert.Equal(0, _cache.Statistics.Entries);
        await _daemon.AskAsync("alice", "secret");
        Assert.Equal(3, _daemon.Checker.Calls);
    }

    [Fact]
    public async Task Control_without_a_daemon_is_an_error_with_the_path()
    {
        var failure = await Assert.ThrowsAsync<IOException>(() => SaslauthdControl.FlushAsync("/nonexistent", CancellationToken.None));
        Assert.Contains("/nonexistent/control", failure.Message);
    }

    [Fact]
    public void Its_size_is_bounded_and_the_oldest_gives_way()
    {
        using var small = new SaslauthdCache(kilobytes: 1, clock: _clock);
        int capacity = small.Statistics.Capacity;
        Assert.InRange(capacity, 8, 1024 / 40);
        for (int i = 0; i < 1000; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            small.Remember(Key(small, $"user{i}"), small.Generation);
        }
        Assert.Equal(capacity, small.Statistics.Entries);
        Assert.True(small.Contains(Key(small, "user999")));
        Assert.False(small.Contains(Key(small, "user0")));
    }

    [Fact]
    public void Two_caches_know_nothing_of_each_others_keys()
    {
        using var other = new SaslauthdCache();
        Assert.False(Key(_cache, "alice").ReadProof.SequenceEqual(Key(other, "alice").ReadProof));
        Assert.True(Key(_cache, "alice").ReadProof.SequenceEqual(Key(_cache, "alice").ReadProof));
    }

    [Fact]
    public void It_holds_no_password_and_no_name()
    {
        byte[] login = MuxPeer.Request("alice-the-only", "correct horse battery", "smtp", "");
        _cache.Remember(_cache.KeyOf(new SaslauthdCache.UserParts { Login = "alice-the-only"u8, Realm = default, Service = "smtp"u8 }, login), _cache.Generation);
        object entries = typeof(SaslauthdCache).GetField("_entries", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!.GetValue(_cache)!;
        byte[] memory = Octets((Array)entries);

        Assert.True(memory.AsSpan().ContainsAnyExcept((byte)0));
        Assert.True(memory.AsSpan().IndexOf("correct"u8) < 0);
        Assert.True(memory.AsSpan().IndexOf("alice"u8) < 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(SaslauthdCache.MaxKilobytes + 1)]
    public void Sizes_out_of_range_are_refused(int kilobytes) => Assert.Throws<ArgumentOutOfRangeException>(() => new SaslauthdCache(kilobytes));

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _daemon.DisposeAsync();
        _cache.Dispose();
    }

    private static SaslauthdCacheKey Key(SaslauthdCache cache, string login)
    {
        byte[] name = Encoding.UTF8.GetBytes(login);
        return cache.KeyOf(new SaslauthdCache.UserParts { Login = name, Realm = default, Service = default }, name);
    }

    private static unsafe byte[] Octets(Array entries)
    {
        ref byte first = ref MemoryMarshal.GetArrayDataReference(entries);
        int length = entries.Length * 48;
        fixed (byte* start = &first)
            return new ReadOnlySpan<byte>(start, length).ToArray();
    }
}
