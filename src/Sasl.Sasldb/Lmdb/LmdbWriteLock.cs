using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Lmdb;

/// <summary>Held by the one process and thread that writes. Dispose it on the thread that took it.</summary>
internal abstract class LmdbWriteLock : IDisposable
{
    // errno EAGAIN of Linux and of macOS, and what Windows calls a sharing and a lock violation.
    private static readonly int[] s_taken = [11, 35, 32, 33];

    /// <summary>What every LMDB puts behind the data file's name.</summary>
    public const string Suffix = "-lock";

    /// <summary>Waits until nobody else writes, neither by the name that was given nor by the one that it leads to as a symbolic link.</summary>
    /// <param name="dataPath">The data file.</param>
    /// <param name="options">How long to wait, and how to make the lock file.</param>
    /// <param name="newestTransaction">Reads the number of the data file's newest state.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SasldbException">Not in time, or the lock file cannot be used.</exception>
    public static LmdbWriteLock Take(
        string dataPath, SasldbOptions options, Func<ulong> newestTransaction, CancellationToken cancellationToken)
    {
        LmdbWriteLock first = TakeOne(dataPath, options, newestTransaction, cancellationToken);
        try
        {
            // The one of the file's own name first, always: two who come by the same two names do not wait for each other.
            return IsSameLock(dataPath, options.Path)
                ? first
                : new LmdbTwoLocks(first, TakeOne(options.Path, options, newestTransaction, cancellationToken));
        }
        catch
        {
            first.Dispose();
            throw;
        }
    }

    private static bool IsSameLock(string dataPath, string otherPath) => dataPath == otherPath
        || (new FileProbe(dataPath + Suffix).TryGet(out FileFacts one) && new FileProbe(otherPath + Suffix).TryGet(out FileFacts other)
            && one.Identity.IsSameFile(other.Identity));

    private static LmdbWriteLock TakeOne(
        string dataPath, SasldbOptions options, Func<ulong> newestTransaction, CancellationToken cancellationToken) =>
        LinuxCalls.HasSharedMutexes
            ? LmdbSharedLock.Wait(dataPath, options, newestTransaction, cancellationToken)
            : LmdbPlainLock.Wait(dataPath, options, cancellationToken);

    /// <summary>The oldest state that a reader of liblmdb may still be reading; the newest when there is no such reader.</summary>
    /// <param name="newest">The newest committed state.</param>
    public abstract ulong OldestReader(ulong newest);

    /// <summary>Lets the readers of liblmdb know of a new state.</summary>
    /// <param name="transaction">Its number.</param>
    public abstract void Publish(ulong transaction);

    /// <summary>Lets others write.</summary>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets others write.</summary>
    protected abstract void Release();

    /// <summary>Opens the lock file, making it where there is none.</summary>
    /// <returns>Null when another process holds it in a way that this one's does not go with.</returns>
    protected static FileStream? TryOpen(string dataPath, SasldbOptions options, FileShare share)
    {
        var how = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = share,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
            how.UnixCreateMode = options.CreateMode;
        try
        {
            return new FileStream(dataPath + Suffix, how);
        }
        catch (IOException taken) when (s_taken.Contains(taken.HResult & 0xFFFF))
        {
            return null;
        }
        catch (UnauthorizedAccessException refused)
        {
            throw FileComplaint.NotWritable(dataPath + Suffix, refused);
        }
    }

    /// <summary>The complaint about a lock that did not come.</summary>
    protected static SasldbException Busy(string dataPath, SasldbOptions options) => new(
        SasldbFault.Busy, dataPath, $"{dataPath}: another process has been writing for {options.LockTimeout.TotalSeconds:0} seconds; nothing was changed");
}
