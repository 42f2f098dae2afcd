namespace Sasl.Sasldb.Files;

/// <summary>
/// Held by the one process and thread of this library that replaces a file: a lock of the file <c>path-lock</c>, which stays when the file
/// itself is replaced. Other programs do not know it.
/// </summary>
internal sealed class FileWriteLock : IDisposable
{
    private const string Suffix = "-lock";
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    // errno EAGAIN of Linux and of macOS, and what Windows calls a sharing and a lock violation.
    private static readonly int[] s_taken = [11, 35, 32, 33];

    private readonly FileStream _held;

    private FileWriteLock(FileStream held) => _held = held;

    /// <summary>Waits until nobody else writes.</summary>
    /// <param name="path">The file that is to be replaced.</param>
    /// <param name="options">How long to wait, and how to make the lock file.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SasldbException">Not in time, or the lock file cannot be used.</exception>
    public static FileWriteLock Take(string path, SasldbOptions options, CancellationToken cancellationToken)
    {
        long deadline = Environment.TickCount64 + (long)options.LockTimeout.TotalMilliseconds;
        while (true)
        {
            if (TryOpen(path + Suffix, options) is { } held)
                return new FileWriteLock(held);
            Pause(path, options, deadline, cancellationToken);
        }
    }

    /// <summary>Waits a little for a lock.</summary>
    /// <param name="path">Of which file, for the complaint.</param>
    /// <param name="options">How long to wait at most.</param>
    /// <param name="deadline">Until when, by <see cref="Environment.TickCount64"/>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SasldbException">The time is over.</exception>
    public static void Pause(string path, SasldbOptions options, long deadline, CancellationToken cancellationToken)
    {
        if (Environment.TickCount64 >= deadline)
        {
            throw new SasldbException(
                SasldbFault.Busy, path, $"{path}: another process has been writing for {options.LockTimeout.TotalSeconds:0} seconds; nothing was changed");
        }
        if (cancellationToken.WaitHandle.WaitOne(s_pause))
            cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Lets others write.</summary>
    public void Dispose() => _held.Dispose();

    private static FileStream? TryOpen(string lockPath, SasldbOptions options)
    {
        var how = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, BufferSize = 0 };
        if (!LinuxCalls.HasOpenFileLocks)
            how.Share = FileShare.None;
        if (!OperatingSystem.IsWindows())
            how.UnixCreateMode = options.CreateMode;
        FileStream file;
        try
        {
            file = new FileStream(lockPath, how);
        }
        catch (IOException taken) when (s_taken.Contains(taken.HResult & 0xFFFF))
        {
            return null;
        }
        catch (UnauthorizedAccessException refused)
        {
            throw FileComplaint.NotWritable(lockPath, refused);
        }
        var request = new LinuxCalls.FileLock { Type = LinuxCalls.WriteLock, Start = 0, Length = 1 };
        if (!LinuxCalls.HasOpenFileLocks || LinuxCalls.Fcntl(file.SafeFileHandle, LinuxCalls.TakeOpenFileLock, ref request))
            return file;
        file.Dispose();
        return null;
    }
}
