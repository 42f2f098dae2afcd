using System.Text;
using Sasl.Sasldb.Files;
using Sasl.Sasldb.Records;

namespace Sasl.Sasldb.Berkeley;

/// <summary>One transaction: a whole new file is built beside the old one and put in its place. See docs/decisions/0019.</summary>
/// <param name="options">Which file, and how it is made.</param>
/// <param name="change">What to do.</param>
/// <param name="cancellationToken">Stops it before anything is changed.</param>
internal sealed class BerkeleyWriting(SasldbOptions options, Action<ISasldbWriter> change, CancellationToken cancellationToken) : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(5);

    private readonly BerkeleyClock _clock = new(options.Clock);

    // A symbolic link stays one: what it leads to is replaced.
    private readonly string _path = Follow(options.Path);

    private BerkeleyTransaction? _transaction;

    // A name that nobody gives a file of his own: what is left behind under it is removed.
    private string Draft => Path.Combine(Path.GetDirectoryName(_path)!, $".{Path.GetFileName(_path)}.unfinished");

    /// <summary>Does it.</summary>
    public void Run()
    {
        try
        {
            RequireWritable();
            using BerkeleyWriteLock held = BerkeleyWriteLock.Take(_path, options, cancellationToken);
            // What a writer that was killed left behind.
            File.Delete(Draft);
            long deadline = Environment.TickCount64 + (long)options.LockTimeout.TotalMilliseconds;
            while (!TryOnce())
            {
                if (Environment.TickCount64 >= deadline)
                {
                    throw new SasldbException(
                        SasldbFault.Busy, _path, $"{_path}: another program is writing to it all the time; nothing was changed");
                }
                if (cancellationToken.WaitHandle.WaitOne(s_pause))
                    cancellationToken.ThrowIfCancellationRequested();
            }
        }
        catch (BerkeleyDamageException damage)
        {
            throw FileComplaint.Damaged(_path, damage.Message, damage);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw FileComplaint.From(_path, failure);
        }
    }

    /// <summary>Erases what was to be stored.</summary>
    public void Dispose() => _transaction?.Dispose();

    private static string Follow(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            return path;
        }
    }

    // Before anything is made beside a file that is not to be touched.
    private void RequireWritable()
    {
        if (!new FileProbe(_path).TryGet(out FileFacts facts))
            return;
        if (!facts.IsRegularFile)
            throw FileComplaint.NotAFile(_path);
        File.OpenHandle(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete).Dispose();
        if (facts.Links > 1)
        {
            throw new SasldbException(
                SasldbFault.NotWritable,
                _path,
                $"{_path}: has {facts.Links} names (hard links), and writing would part them; make the other names symbolic links or copies");
        }
        if (facts.Identity.Length == 0)
            return;
        using BerkeleyFile file = BerkeleyFile.Open(_path, facts, _clock);
        RequireOurVersion(BerkeleySnapshot.Take(file.Handle, facts.Identity, _path, _clock).Meta);
    }

    private void RequireOurVersion(BerkeleyMeta meta)
    {
        if (meta.Version > BerkeleyMeta.NewVersion)
        {
            throw new SasldbException(
                SasldbFault.UnsupportedForm, _path, $"{_path}: this is a file of Berkeley DB 6, which is read but not written; db_dump it there and db_load it with 5.3");
        }
    }

    private bool TryOnce()
    {
        FileFacts? before = new FileProbe(_path).TryGet(out FileFacts facts) ? facts : null;
        if (before is null || facts.Identity.Length == 0)
            return TryOnce(null, before);
        using BerkeleyFile file = BerkeleyFile.Open(_path, facts, _clock);
        if (IsOpenForWriting(file))
            return false;
        try
        {
            return TryOnce(file, before);
        }
        catch (BerkeleyDamageException) when (IsBeingWritten(file, facts))
        {
            return false;
        }
    }

    private bool TryOnce(BerkeleyFile? old, FileFacts? before)
    {
        BerkeleySnapshot? snapshot = old?.Snapshot(before!.Value.Identity);
        BerkeleyInspection? inspection = null;
        if (snapshot is not null)
        {
            RequireOurVersion(snapshot.Meta);
            inspection = new BerkeleyInspection(snapshot, cancellationToken);
            inspection.Inspect();
        }
        BerkeleyTransaction transaction = Prepare(snapshot);
        cancellationToken.ThrowIfCancellationRequested();
        if (transaction.IsEmpty && snapshot is not null)
            return !IsBeingWritten(old!, before!.Value);
        try
        {
            using (FileStream draft = Begin(before))
            {
                new BerkeleyBuilder(snapshot, inspection?.Room ?? 0, transaction).Build(draft.SafeFileHandle, cancellationToken);
                RandomAccess.FlushToDisk(draft.SafeFileHandle);
            }
            return TryReplace(old, inspection, before);
        }
        finally
        {
            File.Delete(Draft);
        }
    }

    // What is to be done is asked for once: who asks may not be able to say it again. Another program's change in between is no harm
    // unless it changed what was read.
    private BerkeleyTransaction Prepare(BerkeleySnapshot? snapshot)
    {
        if (_transaction is null)
        {
            _transaction = new BerkeleyTransaction(snapshot);
            change(_transaction);
        }
        else if (!_transaction.TryMoveTo(snapshot))
        {
            throw new SasldbException(
                SasldbFault.Changed, _path, $"{_path}: another program changed what was to be changed, at the same time; nothing was changed: try again");
        }
        return _transaction;
    }

    // A file that is there keeps its owner, group and permissions.
    private FileStream Begin(FileFacts? before)
    {
        var how = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            how.UnixCreateMode = before is null ? options.CreateMode : OwnerOnly;
        var file = new FileStream(Draft, how);
        if (before is not { } facts || OperatingSystem.IsWindows())
            return file;
        if (!LinuxCalls.ChangeOwner(file.SafeFileHandle, facts.Owner, facts.Group))
        {
            file.Dispose();
            throw FileComplaint.NotWritable(_path, new UnauthorizedAccessException("A new file cannot be given to the owner and the group of the present one."));
        }
        File.SetUnixFileMode(file.SafeFileHandle, facts.Permissions);
        return file;
    }

    private bool TryReplace(BerkeleyFile? old, BerkeleyInspection? inspection, FileFacts? before)
    {
        if (old is not null && inspection is not null && !IsAsInspected(old, inspection))
            return false;
        bool isThere = new FileProbe(_path).TryGet(out FileFacts now);
        if (before is { } facts ? !isThere || now.Identity != facts.Identity : isThere)
            return false;
        // Whoever opens the file to write from here on, waits until the new one is in its place; but he writes to the old one then.
        using LinuxFileLease? lease = old is null ? null : LinuxFileLease.Take(old.Handle);
        if (lease is { IsRefused: true } || (old is not null && !old.IsUntouched(before!.Value.Identity)))
            return false;
        try
        {
            File.Move(Draft, _path, overwrite: before is not null);
        }
        catch (IOException) when (before is null && File.Exists(_path))
        {
            return false;
        }
        LinuxCalls.SyncDirectory(Encoding.UTF8.GetBytes(Path.GetDirectoryName(_path) + '\0'));
        return true;
    }

    // Where the file's time cannot show another writing, its contents are compared with those of before.
    private bool IsAsInspected(BerkeleyFile old, BerkeleyInspection inspection)
    {
        if (inspection.IsOfSettledFile)
            return true;
        var again = new BerkeleyInspection(BerkeleySnapshot.Take(old.Handle, FileProbe.Identify(old.Handle), _path, _clock), cancellationToken);
        again.Inspect();
        return again.Fingerprint == inspection.Fingerprint;
    }

    private bool IsBeingWritten(BerkeleyFile file, in FileFacts before)
    {
        if (!_clock.IsSettled(before.Identity) || !file.IsUntouched(before.Identity))
            return true;
        return IsOpenForWriting(file);
    }

    private static bool IsOpenForWriting(BerkeleyFile file)
    {
        using LinuxFileLease? lease = LinuxFileLease.Take(file.Handle);
        return lease is { IsRefused: true };
    }
}
