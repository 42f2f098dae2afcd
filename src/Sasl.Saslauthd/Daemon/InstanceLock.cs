using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Sasl.Saslauthd;

/// <summary>Keeps a run directory for one daemon, with the original's file and its kind of lock: neither starts beside the other.</summary>
/// <remarks>The system lets go of it when the process dies, however it dies, so that nothing is left to clean by hand.</remarks>
internal sealed class InstanceLock : IDisposable
{
    private const string LockFile = "saslauthd.pid.lock";
    private const string PidFile = "saslauthd.pid";
    private const int MaxAttempts = 100;    // each loses a race against a daemon that is just stopping

    // Of this process: opening the file a second time and closing it would let go of the first one's fcntl lock.
    private static readonly ConcurrentDictionary<string, bool> s_taken = new();

    private readonly string _lockPath;
    private readonly string _pidPath;
    private readonly string _name;
    private readonly FileStream _lock;

    private InstanceLock(string runDirectory, string name, FileStream held)
    {
        _name = name;
        _lockPath = Path.Combine(runDirectory, LockFile);
        _pidPath = Path.Combine(runDirectory, PidFile);
        _lock = held;
    }

    /// <summary>Takes the lock and writes the pid file.</summary>
    /// <exception cref="SaslauthdAlreadyRunningException">Somebody has it.</exception>
    /// <exception cref="IOException">The files cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The files may not be made.</exception>
    public static InstanceLock Take(string runDirectory)
    {
        string name = Path.GetFullPath(Directory.ResolveLinkTarget(runDirectory, returnFinalTarget: true)?.FullName ?? runDirectory);
        if (!s_taken.TryAdd(name, true))
            throw new SaslauthdAlreadyRunningException(runDirectory);
        try
        {
            return TakeFile(runDirectory, name);
        }
        catch
        {
            s_taken.TryRemove(name, out _);
            throw;
        }
    }

    private static InstanceLock TakeFile(string runDirectory, string name)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            string path = Path.Combine(runDirectory, LockFile);
            FileStream? held = Open(path, runDirectory);
            if (held is null)
                continue;
            if (IsStillTheFile(held, path))
                return WritePid(new InstanceLock(runDirectory, name, held));
            held.Dispose();
        }
        throw new SaslauthdAlreadyRunningException(runDirectory);
    }

    /// <summary>Removes both files and lets go.</summary>
    public void Dispose()
    {
        File.Delete(_pidPath);
        File.Delete(_lockPath);    // while it is held: whoever has opened it meanwhile sees that it is gone
        _lock.Dispose();
        s_taken.TryRemove(_name, out _);
    }

    private static InstanceLock WritePid(InstanceLock taken)
    {
        try
        {
            File.Delete(taken._pidPath);
            using var file = new FileStream(taken._pidPath, OwnersOnly(FileMode.CreateNew, FileShare.Read));
            file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n")));
            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    // Null when it went away in between. Two locks: FileShare.None is flock(2), which tells servers of one process apart, and
    // FileStream.Lock is fcntl(2), which the original takes.
    private static FileStream? Open(string path, string runDirectory)
    {
        FileStream? file = null;
        try
        {
            file = new FileStream(path, OwnersOnly(FileMode.OpenOrCreate, FileShare.None));
            if (!OperatingSystem.IsMacOS())
                file.Lock(0, 0);
            return file;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            throw;
        }
        catch (IOException exception)
        {
            file?.Dispose();
            if (!File.Exists(path))
                throw new IOException($"The lock file {path} cannot be made: {exception.Message}", exception);
            throw new SaslauthdAlreadyRunningException(runDirectory);
        }
    }

    private static bool IsStillTheFile(FileStream held, string path) =>
        OperatingSystem.IsLinux() ? UnixFiles.IsSame(held.SafeFileHandle, path) : File.Exists(path);

    private static FileStreamOptions OwnersOnly(FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }
}
