using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Sasl.Saslauthd.Tests.Daemon;

/// <summary>Peers and checkers that take their time.</summary>
public sealed class LimitTests
{
    private const int SilentPeers = 10_000;
    private const int FilesPerPeer = 2;        // both ends are in this process
    private const int SpareFiles = 2_000;
    private const long OctetsPerPeer = 24 * 1024;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Saslauthd_without_time_limits_a_silent_peer_is_dropped_in_time()
    {
        var clock = new FakeTimeProvider();
        await using var daemon = new TestDaemon(options => options with { Clock = clock, RequestTimeout = TimeSpan.FromSeconds(10) });
        using MuxPeer silent = await MuxPeer.ConnectAsync(daemon.Socket);
        using MuxPeer half = await MuxPeer.ConnectAsync(daemon.Socket);
        await half.SendAsync(MuxPeer.Request("alice", "sec"));

        Task<string?> first = silent.AnswerAsync();
        Task<string?> second = half.AnswerAsync();
        await AdvanceUntilAsync(clock, Task.WhenAll(first, second));

        Assert.Null(await first);
        Assert.Null(await second);
        Assert.Equal("OK", await daemon.AskAsync("alice", "secret"));
    }

    [Fact]
    public async Task At_the_bound_the_most_silent_peer_makes_room()
    {
        await using var daemon = new TestDaemon(static options => options with { MaxConnections = 3 });
        using MuxPeer oldest = await MuxPeer.ConnectAsync(daemon.Socket);
        Task<string?> dropped = oldest.AnswerAsync();
        await UntilAsync(() => daemon.Server.Statistics.Connections == 1);
        List<MuxPeer> others = [];
        for (int i = 0; i < 3; i++)
            others.Add(await MuxPeer.ConnectAsync(daemon.Socket));

        Assert.Null(await dropped.WaitAsync(s_patience));
        Assert.Equal("OK", await daemon.AskAsync("alice", "secret"));
        Assert.True(daemon.Server.Statistics.Connections <= 3);
        others.ForEach(static peer => peer.Dispose());
    }

    [Fact]
    public async Task Ten_thousand_peers_that_say_nothing_stop_nobody_and_cost_a_bounded_memory()
    {
        int count = Math.Min(SilentPeers, (UnixFiles.MaxOpenFiles - SpareFiles) / FilesPerPeer);
        await using var daemon = new TestDaemon(static options => options with { MaxConnections = SilentPeers + 100, RequestTimeout = TimeSpan.FromMinutes(10) });
        Assert.Equal("OK", await daemon.AskAsync("alice", "secret"));
        long before = GC.GetTotalMemory(forceFullCollection: true);
        List<MuxPeer> silent = [];
        for (int i = 0; i < count; i++)
            silent.Add(await MuxPeer.ConnectAsync(daemon.Socket));
        await UntilAsync(() => daemon.Server.Statistics.Connections == count);

        for (int i = 0; i < 50; i++)
            Assert.Equal("OK", await daemon.AskAsync("alice", "secret"));
        long after = GC.GetTotalMemory(forceFullCollection: true);

        Assert.True(count > 1000, $"this process may open too few files for {count} peers");
        Assert.True(after - before < count * OctetsPerPeer, $"{(after - before) / count} octets a peer");
        silent.ForEach(static peer => peer.Dispose());
        await UntilAsync(() => daemon.Server.Statistics.Connections == 0);
    }

    [Fact]
    public async Task A_slow_checker_keeps_nobody_else_waiting()
    {
        await using var daemon = new TestDaemon(static options => options with { MaxChecks = 8 });
        var release = new TaskCompletionSource<PasswordVerdict>();
        daemon.Checker.Instead = (user, _, _) => user.Name == "slow" ? release.Task : null;
        Task<string?>[] slow = [.. Enumerable.Range(0, 7).Select(_ => daemon.AskAsync("slow", "secret"))];
        await UntilAsync(() => daemon.Checker.Calls == 7);

        for (int i = 0; i < 200; i++)
            Assert.Equal("OK", await daemon.AskAsync("alice", "secret"));
        Assert.DoesNotContain(slow, static task => task.IsCompleted);

        release.SetResult(PasswordOutcome.Match);
        Assert.All(await Task.WhenAll(slow), static answer => Assert.Equal("OK", answer));
    }

    [Fact]
    public async Task Flag_n_bounds_the_checks_and_others_wait_for_their_turn()
    {
        await using var daemon = new TestDaemon(static options => options with { MaxChecks = 2 });
        var release = new TaskCompletionSource<PasswordVerdict>();
        daemon.Checker.Instead = (_, _, _) => release.Task;
        Task<string?>[] all = [.. Enumerable.Range(0, 10).Select(_ => daemon.AskAsync("alice", "secret"))];
        await UntilAsync(() => daemon.Server.Statistics.Connections == 10 && daemon.Checker.Calls == 2);
        Assert.Equal(2, daemon.Checker.Calls);

        release.SetResult(PasswordOutcome.Match);
        Assert.All(await Task.WhenAll(all).WaitAsync(s_patience), static answer => Assert.Equal("OK", answer));
        Assert.Equal(10, daemon.Checker.Calls);
    }

    [Fact]
    public async Task A_checker_that_never_answers_is_given_up_and_keeps_its_turn()
    {
        var clock = new FakeTimeProvider();
        await using var daemon = new TestDaemon(options => options with { Clock = clock, MaxChecks = 1, CheckTimeout = TimeSpan.FromSeconds(5) });
        var release = new TaskCompletionSource<PasswordVerdict>();
        CancellationToken seen = default;
        daemon.Checker.Instead = (_, _, token) =>
        {
            seen = token;
            return release.Task;    // heeds no cancellation
        };
        Task<string?> asking = daemon.AskAsync("alice", "secret");
        Task<string?> waiting = daemon.AskAsync("bob", "secret");
        await AdvanceUntilAsync(clock, Task.WhenAll(asking, waiting));

        Assert.Equal("NO internal mechanism failure", await asking);
        Assert.Equal("NO internal mechanism failure", await waiting);
        Assert.Equal(1, daemon.Checker.Calls);
        await UntilAsync(() => seen.IsCancellationRequested);
        Assert.All(await daemon.Log.WaitAsync(2), static record => Assert.Equal("no answer within 5 seconds", record.Reason));

        release.SetResult(PasswordOutcome.Match);
        daemon.Checker.Instead = static (_, _, _) => null;
        Assert.Equal("OK", await daemon.AskAsync("carol", "secret"));
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(100_001, 1, 1)]
    [InlineData(1, -1, 1)]
    [InlineData(1, 1, 0)]
    [SuppressMessage("Reliability", "CA2000", Justification = "It is never made.")]
    public void Options_out_of_range_are_refused_at_the_start(int connections, int checks, int seconds) => Assert.Throws<SaslConfigurationException>(() =>
        new SaslauthdServer(
            new SaslauthdServerOptions { MaxConnections = connections, MaxChecks = checks, RequestTimeout = TimeSpan.FromSeconds(seconds) }, new TestChecker()));

    internal static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(s_patience);
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static async Task AdvanceUntilAsync(FakeTimeProvider clock, Task task)
    {
        using var patience = new CancellationTokenSource(s_patience);
        while (!task.IsCompleted)
        {
            patience.Token.ThrowIfCancellationRequested();
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }
}
