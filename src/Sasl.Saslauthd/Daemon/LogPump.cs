using System.Globalization;
using System.Threading.Channels;

namespace Sasl.Saslauthd;

/// <summary>Carries the log from the threads that serve peers to the one that writes it, so that a stuck log stops no login.</summary>
/// <remarks>What does not fit is counted, and the count is noted. Lines are gathered for a few milliseconds, because waking somebody for each
/// of them costs as much as a login.</remarks>
internal sealed class LogPump : IAsyncDisposable
{
    /// <summary>How many lines wait at most.</summary>
    public const int MaxWaiting = 8192;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(10);

    private readonly Channel<Entry> _waiting = Channel.CreateBounded<Entry>(
        new BoundedChannelOptions(MaxWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private readonly IReadOnlyList<SaslauthdLog> _logs;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;
    private long _lost;

    public LogPump(IReadOnlyList<SaslauthdLog> logs)
    {
        _logs = logs;
        _running = logs.Count == 0 ? Task.CompletedTask : Task.Run(RunAsync);
    }

    public bool IsWanted => _logs.Count > 0;

    public void Write(SaslauthdRequestRecord record) => Add(new Entry(record, default, ""));

    public void Note(SaslauthdNoteLevel level, string text) => Add(new Entry(null, level, text));

    /// <summary>Writes what waits, and ends: at the latest after two seconds, because a log that is stuck must not hold up the end either.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _stopping.CancelAsync().ConfigureAwait(false);
        try
        {
            await _running.WaitAsync(s_patience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return;    // it still uses what would be disposed
        }
        _stopping.Dispose();
    }

    private void Add(Entry entry)
    {
        if (_logs.Count > 0 && !_waiting.Writer.TryWrite(entry))
            Interlocked.Increment(ref _lost);
    }

    private async Task RunAsync()
    {
        while (await _waiting.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
        {
            await Task.Delay(s_gather, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (_waiting.Reader.TryRead(out Entry entry))
                WriteOut(entry);
            if (Interlocked.Exchange(ref _lost, 0) is > 0 and long lost)
                WriteOut(new Entry(null, SaslauthdNoteLevel.Warning, string.Create(CultureInfo.InvariantCulture, $"the log was too slow: {lost} lines are missing")));
        }
    }

    private void WriteOut(Entry entry)
    {
        foreach (SaslauthdLog log in _logs)
        {
#pragma warning disable CA1031 // A log is other people's code, and the daemon has to live without it.
            try
            {
                if (entry.Record is { } record)
                    log.Write(record);
                else
                    log.Note(entry.Level, entry.Text);
            }
            catch (Exception)
            {
                // There is nobody left to tell.
            }
#pragma warning restore CA1031
        }
    }

    private readonly record struct Entry(SaslauthdRequestRecord? Record, SaslauthdNoteLevel Level, string Text);
}
