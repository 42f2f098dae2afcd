namespace Sasl.Sasldb.Lmdb;

/// <summary>Where liblmdb's own lock cannot be taken: a lock among the processes of this library, which the system releases with them.</summary>
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
            try
            {
                return new LmdbPlainLock(Open(dataPath, options, FileShare.None));
            }
            catch (IOException taken) when (taken is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException))
            {
                if (Environment.TickCount64 >= deadline)
                    throw Busy(dataPath, options);
            }
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
}
