using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Lmdb;

/// <summary>The lock of liblmdb 0.9 on Linux, so that Cyrus SASL, mdb_load and this library take turns.</summary>
/// <remarks>
/// <code>
/// lock file   magic u32 · format u32 · table mutex · newest transaction u64 · places in use u32 · to a multiple of 64:
///             write mutex, to a multiple of 64 · then a place of 64 for each reader: transaction u64 · process u32 · thread
/// </code>
/// The mutexes are the C library's, shared by processes and robust: when the holder dies, the next one is told. Besides, each process
/// holds a read lock (fcntl) on the file's first octet while it uses the file; whoever gets a write lock on it is alone, and makes the contents
/// anew. Each reading process holds a write lock on the octet of its own number, which tells the living from the dead. Such locks belong
/// to the process, and closing any of its lock files drops all it has on that file, whichever name it goes by; so one thread of a process
/// uses a lock file at a time, from before opening until after closing it.
/// </remarks>
internal sealed unsafe class LmdbSharedLock : LmdbWriteLock
{
    private const uint Format = 0x0001_0001;
    private const int CacheLine = 64;
    private const int ReaderSize = 64;
    private const int MutexSize = 40;
    private const int TableMutexAt = 8;
    private const int TransactionAt = TableMutexAt + MutexSize;
    private const int PlacesAt = TransactionAt + sizeof(ulong);
    private const int WriteMutexAt = CacheLine;
    private const int ReadersAt = 2 * CacheLine;
    private const int MostReaders = 100_000;

    // One for the whole process: which names are of one file can only be told by opening it, and that is already too late.
    private static readonly Lock s_turn = new();
    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    private readonly FileStream _file;
    private MemoryMappedFile? _mapping;
    private MemoryMappedViewAccessor? _view;
    private byte* _table;
    private int _places;
    private bool _locked;

    private LmdbSharedLock(FileStream file) => _file = file;

    /// <summary>Waits until nobody else writes.</summary>
    public static LmdbSharedLock Wait(
        string dataPath, SasldbOptions options, Func<ulong> newestTransaction, CancellationToken cancellationToken)
    {
        long deadline = Environment.TickCount64 + (long)options.LockTimeout.TotalMilliseconds;
        WaitUntil(deadline, dataPath, options, () => s_turn.TryEnter(s_slice), cancellationToken);
        LmdbSharedLock? taken = null;
        try
        {
            FileStream? file = null;
            WaitUntil(deadline, dataPath, options, () => IsOrPause(
                (file = TryOpen(dataPath, options, FileShare.ReadWrite | FileShare.Delete)) is not null, cancellationToken), cancellationToken);
            taken = new LmdbSharedLock(file!);
            taken.Enter(dataPath, options, newestTransaction, deadline, cancellationToken);
            return taken;
        }
        catch
        {
            if (taken is not null)
                taken.Dispose();
            else
                s_turn.Exit();
            throw;
        }
    }

    /// <inheritdoc/>
    public override ulong OldestReader(ulong newest)
    {
        // A reader of liblmdb writes down which state it reads and then looks again whether that is the newest. Its writing must have
        // reached us: a pause far longer than a processor keeps a write to itself.
        Thread.SpinWait(200);
        Thread.MemoryBarrier();
        ulong oldest = newest;
        int inUse = (int)Math.Min(Volatile.Read(ref *(uint*)(_table + PlacesAt)), (uint)_places);
        for (int place = 0; place < inUse; place++)
        {
            byte* reader = _table + ReadersAt + (place * ReaderSize);
            int process = Volatile.Read(ref *(int*)(reader + sizeof(ulong)));
            ulong reads = Volatile.Read(ref *(ulong*)reader);
            if (process != 0 && reads < oldest && IsAlive(process))
                oldest = reads;
        }
        return oldest;
    }

    /// <inheritdoc/>
    public override void Publish(ulong transaction) => Volatile.Write(ref *(ulong*)(_table + TransactionAt), transaction);

    /// <inheritdoc/>
    protected override void Release()
    {
        if (_locked)
            LinuxCalls.UnlockMutex(_table + WriteMutexAt);
        _locked = false;
        if (_table != null)
            _view!.SafeMemoryMappedViewHandle.ReleasePointer();
        _table = null;
        _view?.Dispose();
        _mapping?.Dispose();
        _file.Dispose();
        s_turn.Exit();
    }

    private void Enter(
        string dataPath, SasldbOptions options, Func<ulong> newestTransaction, long deadline, CancellationToken cancellationToken)
    {
        bool alone = TryLockFirstOctet(LinuxCalls.WriteLock);
        if (!alone)
            WaitUntil(deadline, dataPath, options, () => IsOrPause(TryLockFirstOctet(LinuxCalls.ReadLock), cancellationToken), cancellationToken);
        Map(options, alone, dataPath);
        if (alone)
        {
            MakeAnew(newestTransaction(), dataPath);
            _ = TryLockFirstOctet(LinuxCalls.ReadLock);
        }
        else if (*(uint*)_table != LmdbLayout.Magic || *(uint*)(_table + sizeof(uint)) != Format)
        {
            throw new SasldbException(
                SasldbFault.UnsupportedForm, dataPath, $"{dataPath}{Suffix}: in use by a program with another version of LMDB; stop that program first");
        }
        WaitUntil(deadline, dataPath, options, () => TryLockMutex(dataPath), cancellationToken);
    }

    private void Map(SasldbOptions options, bool alone, string dataPath)
    {
        long wanted = ReadersAt + ((long)options.MaxReaders * ReaderSize);
        // Written, not only made longer: on a full file system touching a mapped page without room behind it ends the process.
        if (alone)
            RandomAccess.Write(_file.SafeFileHandle, new byte[_file.Length < wanted ? wanted : ReadersAt], 0);
        long length = Math.Min(_file.Length, ReadersAt + ((long)MostReaders * ReaderSize));
        if (length < ReadersAt + ReaderSize)
            throw FileComplaint.Damaged(dataPath + Suffix, "it is too short");
        _places = (int)((length - ReadersAt) / ReaderSize);
        _mapping = MemoryMappedFile.CreateFromFile(_file, null, length, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        _view = _mapping.CreateViewAccessor(0, length, MemoryMappedFileAccess.ReadWrite);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _table);
    }

    private void MakeAnew(ulong newest, string dataPath)
    {
        if (LinuxCalls.InitSharedMutex(_table + TableMutexAt) != 0 || LinuxCalls.InitSharedMutex(_table + WriteMutexAt) != 0)
            throw new SasldbException(SasldbFault.Failed, dataPath, $"{dataPath}{Suffix}: the system has no locks that processes can share");
        *(uint*)_table = LmdbLayout.Magic;
        *(uint*)(_table + sizeof(uint)) = Format;
        Publish(newest);
    }

    private bool TryLockMutex(string dataPath)
    {
        int error = LinuxCalls.LockMutex(_table + WriteMutexAt, TimeProvider.System.GetUtcNow() + s_slice);
        if (error == LinuxCalls.TimedOut)
            return false;
        if (error is not 0 and not LinuxCalls.OwnerDied)
        {
            throw new SasldbException(SasldbFault.Failed, dataPath, error == LinuxCalls.NotRecoverable
                ? $"{dataPath}{Suffix}: a program died while writing and left the lock unusable; stop all programs that use the file, then start them again"
                : $"{dataPath}{Suffix}: the lock cannot be taken: {Marshal.GetPInvokeErrorMessage(error)}");
        }
        _locked = true;
        // A writer that died leaves the file in its old state or in its new one, never between: nothing is to be mended.
        if (error == LinuxCalls.OwnerDied)
            LinuxCalls.MutexConsistent(_table + WriteMutexAt);
        return true;
    }

    private bool TryLockFirstOctet(short type)
    {
        var request = new LinuxCalls.FileLock { Type = type, Start = 0, Length = 1 };
        return LinuxCalls.Fcntl(_file.SafeFileHandle, LinuxCalls.TakeLock, ref request);
    }

    private bool IsAlive(int process)
    {
        if (process == Environment.ProcessId)
            return true;
        var question = new LinuxCalls.FileLock { Type = LinuxCalls.WriteLock, Start = process, Length = 1 };
        return !LinuxCalls.Fcntl(_file.SafeFileHandle, LinuxCalls.AskLock, ref question) || question.Type != LinuxCalls.Unlock;
    }

    private static bool IsOrPause(bool done, CancellationToken cancellationToken)
    {
        if (!done)
            _ = cancellationToken.WaitHandle.WaitOne(s_pause);
        return done;
    }

    private static void WaitUntil(
        long deadline, string dataPath, SasldbOptions options, Func<bool> attempt, CancellationToken cancellationToken)
    {
        while (!attempt())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Environment.TickCount64 >= deadline)
                throw Busy(dataPath, options);
        }
    }
}
