using System.Collections.Concurrent;

namespace Sasl.Saslauthd.Tests.Daemon;

/// <summary>Keeps what the daemon logs.</summary>
internal sealed class CollectingLog : SaslauthdLog
{
    private readonly SemaphoreSlim _written = new(0);

    public ConcurrentQueue<SaslauthdRequestRecord> Records { get; } = new();

    public ConcurrentQueue<(SaslauthdNoteLevel Level, string Text)> Notes { get; } = new();

    public override void Write(SaslauthdRequestRecord record)
    {
        Records.Enqueue(record);
        _written.Release();
    }

    public override void Note(SaslauthdNoteLevel level, string text) => Notes.Enqueue((level, text));

    /// <summary>Waits until so many requests are logged.</summary>
    public async Task<SaslauthdRequestRecord[]> WaitAsync(int count)
    {
        for (int i = 0; i < count; i++)
            Assert(await _written.WaitAsync(TimeSpan.FromSeconds(30)));
        return [.. Records];
    }

    private static void Assert(bool written) => Xunit.Assert.True(written, "the daemon did not log in time");
}
