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
/// holds a read lock (fcntl) on the file's first octet while it uses the file; who gets a write lock on it is alone, and makes the contents
/// anew. Each reading process holds a write lock on the octet of its own number, which tells the living from the dead. Such locks belong
/// to the process, and closing the file drops them all; so a process uses the lock file from one thread at a time.
/// </remarks>
internal sealed unsafe class LmdbSharedLock : LmdbWriteLock
{
    private const uint Format = 0x0001_0001;
    private const int CacheLine = 64;
    private const int ReaderSize = 64;
    private const int TableMutexAt = 8;
    private const int MostReaders = 100_000;

    // Which thread of this process has which lock file open: one of a fixed number of locks, chosen by the file. No state is kept here.
    private static readonly Lock[] s_files = MakeLocks(64);
    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(100);
    private static readonly int s_mutexSize = MutexSize();
    private static readonly int s_transactionAt = TableMutexAt + s_mutexSize;
    private static readonly int s_placesAt = s_transactionAt + sizeof(ulong);
    private static readonly int s_writeMutexAt = RoundUp(s_placesAt + sizeof(uint));
    private static readonly int s_readersAt = s_writeMutexAt + RoundUp(s_mutexSize);

    private readonly FileStream _file;
    private readonly Lock _turn;
    private MemoryMappedFile? _mapping;
    private MemoryMappedViewAccessor? _view;
    private byte* _table;
    private int _places;
    private bool _locked;

    private LmdbSharedLock(FileStream file, Lock turn)
    {
        _file = file;
        _turn = turn;
    }

    /// <summary>Waits until nobody else writes.</summary>
    public static LmdbSharedLock Wait(
        string dataPath, SasldbOptions options, Func<ulong> newestTransaction, CancellationToken cancellationToken)
    {
        long deadline = Environment.TickCount64 + (long)options.LockTimeout.TotalMilliseconds;
        FileStream file = Open(dataPath, options, FileShare.ReadWrite | FileShare.Delete);
        LmdbSharedLock? taken = null;
        try
        {
            Lock turn = TurnOf(dataPath + Suffix);
            WaitUntil(deadline, dataPath, options, wait => turn.TryEnter(wait), cancellationToken);
            taken = new LmdbSharedLock(file, turn);
            taken.Enter(dataPath, options, newestTransaction, deadline, cancellationToken);
            return taken;
        }
        catch
        {
            if (taken is not null)
                taken.Dispose();
            else
                file.Dispose();
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
        int inUse = (int)Math.Min(Volatile.Read(ref *(uint*)(_table + s_placesAt)), (uint)_places);
        for (int place = 0; place < inUse; place++)
        {
            byte* reader = _table + s_readersAt + (place * ReaderSize);
            int process = Volatile.Read(ref *(int*)(reader + sizeof(ulong)));
            ulong reads = Volatile.Read(ref *(ulong*)reader);
            if (process != 0 && reads < oldest && IsAlive(process))
                oldest = reads;
        }
        return oldest;
    }

    /// <inheritdoc/>
    public override void Publish(ulong transaction) => Volatile.Write(ref *(ulong*)(_table + s_transactionAt), transaction);

    /// <inheritdoc/>
    protected override void Release()
    {
        if (_locked)
            LinuxCalls.UnlockMutex(_table + s_writeMutexAt);
        _locked = false;
        if (_table != null)
            _view!.SafeMemoryMappedViewHandle.ReleasePointer();
        _table = null;
        _view?.Dispose();
        _mapping?.Dispose();
        _file.Dispose();
        _turn.Exit();
    }

    private void Enter(
        string dataPath, SasldbOptions options, Func<ulong> newestTransaction, long deadline, CancellationToken cancellationToken)
    {
        bool alone = TryLockFirstOctet(LinuxCalls.WriteLock);
        if (!alone)
        {
            WaitUntil(deadline, dataPath, options, wait =>
                TryLockFirstOctet(LinuxCalls.ReadLock) || (cancellationToken.WaitHandle.WaitOne(Shorter(wait)) && false), cancellationToken);
        }
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
        WaitUntil(deadline, dataPath, options, wait => TryLockMutex(wait, newestTransaction, dataPath), cancellationToken);
    }

    private void Map(SasldbOptions options, bool alone, string dataPath)
    {
        long wanted = s_readersAt + ((long)options.MaxReaders * ReaderSize);
        if (alone && _file.Length < wanted)
            _file.SetLength(wanted);
        long length = Math.Min(_file.Length, s_readersAt + ((long)MostReaders * ReaderSize));
        if (length < s_readersAt + ReaderSize)
            throw FileComplaint.Damaged(dataPath + Suffix, "it is too short");
        _places = (int)((length - s_readersAt) / ReaderSize);
        _mapping = MemoryMappedFile.CreateFromFile(_file, null, length, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        _view = _mapping.CreateViewAccessor(0, length, MemoryMappedFileAccess.ReadWrite);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _table);
    }

    private void MakeAnew(ulong newest, string dataPath)
    {
        new Span<byte>(_table, s_readersAt).Clear();
        if (LinuxCalls.InitSharedMutex(_table + TableMutexAt) != 0 || LinuxCalls.InitSharedMutex(_table + s_writeMutexAt) != 0)
            throw new SasldbException(SasldbFault.Failed, dataPath, $"{dataPath}{Suffix}: the system has no locks that processes can share");
        *(uint*)_table = LmdbLayout.Magic;
        *(uint*)(_table + sizeof(uint)) = Format;
        Publish(newest);
    }

    private bool TryLockMutex(TimeSpan wait, Func<ulong> newestTransaction, string dataPath)
    {
        int error = LinuxCalls.LockMutex(_table + s_writeMutexAt, TimeProvider.System.GetUtcNow() + wait);
        if (error == LinuxCalls.TimedOut)
            return false;
        if (error == LinuxCalls.OwnerDied)
        {
            // The dead writer may have committed without telling the readers; whoever writes next would then write over its pages.
            Publish(newestTransaction());
            LinuxCalls.MutexConsistent(_table + s_writeMutexAt);
        }
        else if (error != 0)
        {
            throw new SasldbException(
                SasldbFault.Failed, dataPath, $"{dataPath}{Suffix}: the lock cannot be taken: {Marshal.GetPInvokeErrorMessage(error)}");
        }
        _locked = true;
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

    private static void WaitUntil(
        long deadline, string dataPath, SasldbOptions options, Func<TimeSpan, bool> attempt, CancellationToken cancellationToken)
    {
        while (!attempt(s_slice))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Environment.TickCount64 >= deadline)
                throw Busy(dataPath, options);
        }
    }

    private static TimeSpan Shorter(TimeSpan wait) => wait / 20;

    private static Lock TurnOf(string path) =>
        new FileProbe(path).TryGet(out FileFacts facts) ? s_files[(int)(facts.Identity.Inode % (ulong)s_files.Length)] : s_files[0];

    private static Lock[] MakeLocks(int count)
    {
        var locks = new Lock[count];
        for (int i = 0; i < count; i++)
            locks[i] = new Lock();
        return locks;
    }

    private static int RoundUp(int length) => (length + CacheLine - 1) & -CacheLine;

    // sizeof(pthread_mutex_t): 40 on 64-bit machines, but 48 with glibc on ARM.
    private static int MutexSize() =>
        RuntimeInformation.ProcessArchitecture == Architecture.Arm64
        && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? 48 : 40;
}
