using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Lmdb;

/// <summary>
/// Where the place of liblmdb's mutexes is not known: the whole lock file, for this process alone. On Linux that keeps liblmdb out too,
/// and waits until no program on it has the file open; elsewhere it is a lock among the processes of this library.
/// </summary>
/// <remarks>
/// liblmdb holds a read lock on the lock file's first octet as long as it has the data file open, and makes the contents anew when it is
/// the first to come. The contents are thrown away here, because they would tell it of a state that is not the newest any more.
/// </remarks>
/// <param name="held">The lock file, open and shared with nobody.</param>
internal sealed class LmdbPlainLock(FileStream held) : LmdbWriteLock
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Waits until nobody else writes.</summary>
    public static LmdbPlainLock Wait(string dataPath, SasldbOptions options, CancellationToken cancellationToken)
    {
        long deadline = Environment.TickCount64 + (long)options.LockTimeout.TotalMilliseconds;
        while (true)
        {
            if (TryTake(dataPath, options) is { } taken)
                return taken;
            if (Environment.TickCount64 >= deadline)
                throw Busy(dataPath, options);
            if (cancellationToken.WaitHandle.WaitOne(s_pause))
                cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc/>
    public override ulong OldestReader(ulong newest) => newest;

    /// <inheritdoc/>
    public override void Publish(ulong transaction)
    {
    }

    /// <inheritdoc/>
    protected override void Release() => held.Dispose();

    private static LmdbPlainLock? TryTake(string dataPath, SasldbOptions options)
    {
        if (TryOpen(dataPath, options, FileShare.None) is not { } file)
            return null;
        var request = new LinuxCalls.FileLock { Type = LinuxCalls.WriteLock, Start = 0, Length = 1 };
        if (LinuxCalls.HasOpenFileLocks && !LinuxCalls.Fcntl(file.SafeFileHandle, LinuxCalls.TakeOpenFileLock, ref request))
        {
            file.Dispose();
            return null;
        }
        file.SetLength(0);
        return new LmdbPlainLock(file);
    }
}
