using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Berkeley;

/// <summary>Held by the one process and thread of ours that writes: the file <c>path-lock</c>, which stays when the file itself is replaced.</summary>
/// <remarks>Cyrus takes no lock for this form, and so heeds none.</remarks>
internal sealed class BerkeleyWriteLock : IDisposable
{
    private const string Suffix = "-lock";
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    // errno EAGAIN of Linux and of macOS, and what Windows calls a sharing and a lock violation.
    private static readonly int[] s_taken = [11, 35, 32, 33];

    private readonly FileStream _held;

    private BerkeleyWriteLock(FileStream held) => _held = held;

    /// <summary>Waits until nobody else writes.</summary>
    /// <param name="path">The file that is to be written.</param>
    /// <param name="options">How long to wait, and how to make the lock file.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="SasldbException">Not in time, or the lock file cannot be used.</exception>
    public static BerkeleyWriteLock Take(string path, SasldbOptions options, CancellationToken cancellationToken)
    {
        long deadline = Environment.TickCount64 + (long)options.LockTimeout.TotalMilliseconds;
        while (true)
        {
            if (TryOpen(path + Suffix, options) is { } held)
                return new BerkeleyWriteLock(held);
            if (Environment.TickCount64 >= deadline)
            {
                throw new SasldbException(
                    SasldbFault.Busy, path, $"{path}: another process has been writing for {options.LockTimeout.TotalSeconds:0} seconds; nothing was changed");
            }
            if (cancellationToken.WaitHandle.WaitOne(s_pause))
                cancellationToken.ThrowIfCancellationRequested();
        }
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
