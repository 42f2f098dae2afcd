using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sasl.Sasldb.Files;

/// <summary>The few calls of the C library that .NET has no method for, found in the running process itself: nothing is loaded.</summary>
/// <remarks>
/// Found by name rather than declared, because older C libraries keep some of them in a second library, and because a missing one must
/// mean "do without" and not a failure. The numbers below are those of Linux on 64-bit machines.
/// </remarks>
internal static unsafe class LinuxCalls
{
    /// <summary>A lock of a part of a file as fcntl(2) takes it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct FileLock
    {
        /// <summary>What is asked for, or, in an answer, what stands against it.</summary>
        public short Type;

        /// <summary>From where <see cref="Start"/> counts; 0 is the file's beginning.</summary>
        public short Whence;

        /// <summary>The first octet.</summary>
        public long Start;

        /// <summary>How many octets.</summary>
        public long Length;

        /// <summary>The holder; 0 in a request.</summary>
        public int Process;
    }

    /// <summary>A moment as pthread_mutex_timedlock(3) takes it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Moment
    {
        /// <summary>Since 1970.</summary>
        public long Seconds;

        /// <summary>And so many more.</summary>
        public long Nanoseconds;
    }

    /// <summary>fcntl(2): a lock to read.</summary>
    public const short ReadLock = 0;

    /// <summary>fcntl(2): a lock to write.</summary>
    public const short WriteLock = 1;

    /// <summary>fcntl(2): no lock.</summary>
    public const short Unlock = 2;

    /// <summary>fcntl(2): who stands against a lock of this process?</summary>
    public const int AskLock = 5;

    /// <summary>fcntl(2): take a lock for this process, or fail at once.</summary>
    public const int TakeLock = 6;

    /// <summary>fcntl(2): take a lock for this open file, which other threads of this process respect too, or fail at once.</summary>
    public const int TakeOpenFileLock = 37;

    /// <summary>fcntl(2): which signal says that somebody wants to open a leased file.</summary>
    public const int SetSignal = 10;

    /// <summary>fcntl(2): take or return a lease.</summary>
    public const int SetLease = 1024;

    /// <summary>errno: try again; a lease is refused because somebody has the file open for writing.</summary>
    public const int TryAgain = 11;

    /// <summary>errno: a system call was interrupted and is to be repeated.</summary>
    public const int Interrupted = 4;

    /// <summary>errno: only the owner may do that.</summary>
    public const int NotPermitted = 1;

    /// <summary>errno: there is no such file.</summary>
    public const int NoSuchFile = 2;

    /// <summary>errno: permission denied.</summary>
    public const int AccessDenied = 13;

    /// <summary>errno: no room on the file system.</summary>
    public const int NoSpace = 28;

    /// <summary>errno: the file system is read-only.</summary>
    public const int ReadOnlyFileSystem = 30;

    /// <summary>errno: the quota is used up.</summary>
    public const int QuotaExceeded = 122;

    /// <summary>pthread_mutex_lock(3): the holder died.</summary>
    public const int OwnerDied = 130;

    /// <summary>pthread_mutex_timedlock(3): not in time.</summary>
    public const int TimedOut = 110;

    /// <summary>pthread_mutex_timedlock(3): a holder died, and the next one died or failed before it had cleaned up.</summary>
    public const int NotRecoverable = 131;

    private const int CurrentDirectory = -100;
    private const int WantedFacts = 0x7FF;
    private const int TheOpenFileItself = 0x1000;

    private static readonly delegate* unmanaged<int, byte*, int, uint, byte*, int> s_statx =
        (delegate* unmanaged<int, byte*, int, uint, byte*, int>)Find("statx");

    private static readonly delegate* unmanaged<int, int, FileLock*, int> s_fcntl =
        (delegate* unmanaged<int, int, FileLock*, int>)Find("fcntl");

    private static readonly delegate* unmanaged<uint> s_geteuid = (delegate* unmanaged<uint>)Find("geteuid");

    private static readonly delegate* unmanaged<int, uint, uint, int> s_fchown = (delegate* unmanaged<int, uint, uint, int>)Find("fchown");

    private static readonly delegate* unmanaged<byte*, int, int, int> s_open = (delegate* unmanaged<byte*, int, int, int>)Find("open");

    private static readonly delegate* unmanaged<int, int, int> s_flock = (delegate* unmanaged<int, int, int>)Find("flock");

    private static readonly delegate* unmanaged<int, byte*, nint, long, nint> s_pread =
        (delegate* unmanaged<int, byte*, nint, long, nint>)Find("pread");

    private static readonly delegate* unmanaged<int, byte*, int> s_fstatfs = (delegate* unmanaged<int, byte*, int>)Find("fstatfs");

    private static readonly delegate* unmanaged<int, int> s_fsync = (delegate* unmanaged<int, int>)Find("fsync");

    private static readonly delegate* unmanaged<int, int> s_close = (delegate* unmanaged<int, int>)Find("close");

    private static readonly delegate* unmanaged<byte*, int> s_attributesInit = (delegate* unmanaged<byte*, int>)Find("pthread_mutexattr_init");

    private static readonly delegate* unmanaged<byte*, int, int> s_attributesShared =
        (delegate* unmanaged<byte*, int, int>)Find("pthread_mutexattr_setpshared");

    private static readonly delegate* unmanaged<byte*, int, int> s_attributesRobust =
        (delegate* unmanaged<byte*, int, int>)Find("pthread_mutexattr_setrobust");

    private static readonly delegate* unmanaged<byte*, byte*, int> s_mutexInit =
        (delegate* unmanaged<byte*, byte*, int>)Find("pthread_mutex_init");

    private static readonly delegate* unmanaged<byte*, Moment*, int> s_mutexTimedLock =
        (delegate* unmanaged<byte*, Moment*, int>)Find("pthread_mutex_timedlock");

    private static readonly delegate* unmanaged<byte*, int> s_mutexConsistent =
        (delegate* unmanaged<byte*, int>)Find("pthread_mutex_consistent");

    private static readonly delegate* unmanaged<byte*, int> s_mutexUnlock = (delegate* unmanaged<byte*, int>)Find("pthread_mutex_unlock");

    /// <summary>Whether the system tells about files the way <see cref="Statx(byte*, byte*)"/> asks.</summary>
    public static bool HasStatx { get; } = s_statx != null;

    /// <summary>Whether a lock of an open file can be taken: 64-bit Linux.</summary>
    public static bool HasOpenFileLocks { get; } = Environment.Is64BitProcess && s_fcntl != null;

    /// <summary>
    /// Whether the locks that Cyrus's LMDB takes can be taken. Their place in memory was tried with the GNU C library on x86-64, and there
    /// alone; elsewhere another size of a mutex would let two writers in at once.
    /// </summary>
    public static bool HasSharedMutexes { get; } =
        HasOpenFileLocks && RuntimeInformation.ProcessArchitecture == Architecture.X64 && Find("gnu_get_libc_version") != 0
        && s_attributesInit != null && s_attributesShared != null && s_attributesRobust != null
        && s_mutexInit != null && s_mutexTimedLock != null && s_mutexConsistent != null && s_mutexUnlock != null;

    /// <summary>statx(2) on a path.</summary>
    /// <param name="path">Ends in NUL.</param>
    /// <param name="facts">Room for 256 octets.</param>
    /// <returns>0, or -1 when there is nothing to see.</returns>
    public static int Statx(byte* path, byte* facts) => s_statx(CurrentDirectory, path, 0, WantedFacts, facts);

    /// <summary>statx(2) on an open file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="facts">Room for 256 octets.</param>
    /// <returns>0, or -1.</returns>
    public static int Statx(SafeHandle file, byte* facts)
    {
        byte noName = 0;
        using var open = new OpenNumber(file);
        return s_statx(open.Value, &noName, TheOpenFileItself, WantedFacts, facts);
    }

    /// <summary>fstatfs(2): on which kind of file system a file is, by the number that statfs(2) lists.</summary>
    /// <param name="file">The file.</param>
    /// <returns>0 when the system does not say.</returns>
    public static long FileSystemOf(SafeHandle file)
    {
        const int Room = 256;
        if (s_fstatfs == null || !Environment.Is64BitProcess)
            return 0;
        byte* answer = stackalloc byte[Room];
        using var open = new OpenNumber(file);
        return s_fstatfs(open.Value, answer) == 0 ? *(long*)answer : 0;
    }

    /// <summary>fcntl(2) with a lock, repeated while interrupted.</summary>
    /// <param name="file">An open file.</param>
    /// <param name="command">What to do.</param>
    /// <param name="fileLock">Which lock; overwritten by an answer.</param>
    /// <returns>False when the lock is not to be had.</returns>
    public static bool Fcntl(SafeHandle file, int command, ref FileLock fileLock)
    {
        using var open = new OpenNumber(file);
        fixed (FileLock* pointer = &fileLock)
        {
            int result;
            do
                result = s_fcntl(open.Value, command, pointer);
            while (result != 0 && Marshal.GetLastSystemError() == Interrupted);
            return result == 0;
        }
    }

    /// <summary>fcntl(2) with a number.</summary>
    /// <param name="file">An open file.</param>
    /// <param name="command">What to do.</param>
    /// <param name="number">With what.</param>
    /// <returns>False when it cannot be done; <see cref="Marshal.GetLastSystemError"/> says why.</returns>
    public static bool Fcntl(SafeHandle file, int command, int number)
    {
        using var open = new OpenNumber(file);
        return s_fcntl(open.Value, command, (FileLock*)(nint)number) == 0;
    }

    /// <summary>Gives an open file to an owner and a group; does nothing where that cannot be asked for.</summary>
    /// <param name="file">The file.</param>
    /// <param name="owner">The owner's number.</param>
    /// <param name="group">The group's number.</param>
    /// <returns>False when it may not be given away.</returns>
    public static bool ChangeOwner(SafeHandle file, uint owner, uint group)
    {
        if (s_fchown == null)
            return true;
        using var open = new OpenNumber(file);
        return s_fchown(open.Value, owner, group) == 0;
    }

    /// <summary>The user whose permissions this process has; null where there is no such number.</summary>
    public static uint? EffectiveUser => s_geteuid == null ? null : s_geteuid();

    /// <summary>Whether files can be opened without a lock and locked as flock(2) does.</summary>
    public static bool HasWholeFileLocks { get; } = Environment.Is64BitProcess && s_open != null && s_flock != null;

    /// <summary>open(2), without the lock that .NET takes on every file it opens. Does not wait for a pipe's other end.</summary>
    /// <remarks>
    /// To read it is opened so that readings are not noted in the file's time of access, which would cost each of them a fifth more. The system
    /// grants that to the file's owner and to root.
    /// </remarks>
    /// <param name="path">As UTF-8, ending in NUL.</param>
    /// <param name="toWrite">Whether to write too.</param>
    /// <returns>An invalid handle when it cannot be opened; <see cref="Marshal.GetLastSystemError"/> says why.</returns>
    public static SafeFileHandle Open(ReadOnlySpan<byte> path, bool toWrite)
    {
        const int NotWaiting = 0x800;
        const int NotForChildren = 0x80000;
        const int NotNoted = 0x40000;
        const int Flags = NotForChildren | NotWaiting;
        fixed (byte* pointer = path)
        {
            int opened = s_open(pointer, Flags | (toWrite ? 2 : NotNoted), 0);
            if (opened < 0 && !toWrite && Marshal.GetLastSystemError() == NotPermitted)
                opened = s_open(pointer, Flags, 0);
            return new SafeFileHandle(opened, ownsHandle: true);
        }
    }

    /// <summary>Whether a file can be read at a place by <see cref="ReadAt"/>.</summary>
    public static bool HasReadAt { get; } = Environment.Is64BitProcess && s_pread != null;

    /// <summary>pread(2), repeated while interrupted.</summary>
    /// <param name="file">The file.</param>
    /// <param name="into">Room for what is read.</param>
    /// <param name="from">The first octet.</param>
    /// <returns>How many octets were read, 0 at the end; -1 when they cannot be, and <see cref="Marshal.GetLastSystemError"/> says why.</returns>
    public static int ReadAt(SafeHandle file, Span<byte> into, long from)
    {
        using var open = new OpenNumber(file);
        fixed (byte* pointer = into)
        {
            nint result;
            do
                result = s_pread(open.Value, pointer, into.Length, from);
            while (result < 0 && Marshal.GetLastSystemError() == Interrupted);
            return (int)result;
        }
    }

    /// <summary>flock(2) on a whole file, shared with others who only read; fails at once.</summary>
    /// <param name="file">The file.</param>
    /// <returns>False when somebody has it for himself, or there are no such locks.</returns>
    public static bool TryShare(SafeHandle file)
    {
        const int SharedAtOnce = 1 | 4;
        using var open = new OpenNumber(file);
        int result;
        do
            result = s_flock(open.Value, SharedAtOnce);
        while (result != 0 && Marshal.GetLastSystemError() == Interrupted);
        return result == 0;
    }

    /// <summary>Makes sure that the names in a directory survive a power failure; does nothing where that cannot be asked for.</summary>
    /// <param name="directory">Its path as UTF-8, ending in NUL.</param>
    public static void SyncDirectory(ReadOnlySpan<byte> directory)
    {
        if (s_open == null || s_fsync == null || s_close == null)
            return;
        fixed (byte* path = directory)
        {
            int opened = s_open(path, 0, 0);
            if (opened < 0)
                return;
            _ = s_fsync(opened);
            _ = s_close(opened);
        }
    }

    /// <summary>Makes a mutex that processes share and that is released when its holder dies.</summary>
    /// <param name="mutex">Where; zeroed before.</param>
    /// <returns>0, or an errno.</returns>
    public static int InitSharedMutex(byte* mutex)
    {
        byte* attributes = stackalloc byte[64];
        int error = s_attributesInit(attributes);
        if (error == 0)
            error = s_attributesShared(attributes, 1);
        if (error == 0)
            error = s_attributesRobust(attributes, 1);
        return error == 0 ? s_mutexInit(mutex, attributes) : error;
    }

    /// <summary>pthread_mutex_timedlock(3).</summary>
    /// <param name="mutex">Which.</param>
    /// <param name="until">How long, by the wall clock.</param>
    /// <returns>0, or an errno.</returns>
    public static int LockMutex(byte* mutex, DateTimeOffset until)
    {
        long milliseconds = until.ToUnixTimeMilliseconds();
        var moment = new Moment { Seconds = milliseconds / 1000, Nanoseconds = milliseconds % 1000 * 1_000_000 };
        return s_mutexTimedLock(mutex, &moment);
    }

    /// <summary>pthread_mutex_consistent(3): the dead holder's mess is cleaned up.</summary>
    /// <param name="mutex">Which.</param>
    public static void MutexConsistent(byte* mutex) => _ = s_mutexConsistent(mutex);

    /// <summary>pthread_mutex_unlock(3).</summary>
    /// <param name="mutex">Which.</param>
    public static void UnlockMutex(byte* mutex) => _ = s_mutexUnlock(mutex);

    private static nint Find(string name) =>
        OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), name, out nint address) ? address : 0;

    // The number of an open file, which nobody closes meanwhile.
    private readonly ref struct OpenNumber : IDisposable
    {
        private readonly SafeHandle _file;

        public OpenNumber(SafeHandle file)
        {
            bool added = false;
            file.DangerousAddRef(ref added);
            _file = file;
        }

        public int Value => (int)_file.DangerousGetHandle();

        public void Dispose() => _file.DangerousRelease();
    }
}
