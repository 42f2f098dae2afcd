using Sasl.Sasldb.Files;
using Sasl.Sasldb.Records;

namespace Sasl.Sasldb.Berkeley;

/// <summary>One transaction: a whole new file is built beside the old one and put in its place. See docs/decisions/0019.</summary>
/// <param name="options">Which file, and how it is made.</param>
/// <param name="change">What to do.</param>
/// <param name="cancellationToken">Stops it before anything is changed.</param>
internal sealed class BerkeleyWriting(SasldbOptions options, Action<ISasldbWriter> change, CancellationToken cancellationToken) : IDisposable
{
    private readonly FileClock _clock = new(options.Clock, BerkeleyForm.Settling);

    // A symbolic link stays one: what it leads to is replaced.
    private readonly string _path = FileReplacement.Follow(options.Path);

    private BerkeleyTransaction? _transaction;

    /// <summary>Does it.</summary>
    public void Run()
    {
        try
        {
            RequireWritable();
            using FileWriteLock held = FileWriteLock.Take(_path, options, cancellationToken);
            FileReplacement.RemoveLeftover(_path);
            long deadline = Environment.TickCount64 + (long)options.LockTimeout.TotalMilliseconds;
            while (!TryOnce())
                FileWriteLock.Pause(_path, options, deadline, cancellationToken);
        }
        catch (FileDamageException damage)
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

    // Before anything is made beside a file that is not to be touched.
    private void RequireWritable()
    {
        FileReplacement.RequireReplaceable(_path);
        if (!new FileProbe(_path).TryGet(out FileFacts facts))
            return;
        File.OpenHandle(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete).Dispose();
        if (facts.Identity.Length == 0)
            return;
        // The lock is not held yet: another writer may have put another file there since, so what is opened is asked and not the path.
        using BerkeleyFile file = BerkeleyFile.Open(_path, facts, _clock);
        RequireOurKind(BerkeleySnapshot.Take(file.Handle, FileProbe.Identify(file.Handle), _path, _clock).Meta);
    }

    private void RequireOurKind(BerkeleyMeta meta)
    {
        // The others would be lost. Berkeley DB itself would put a new value behind them, where nobody looks.
        if (meta.HasSeveralValues)
        {
            throw new SasldbException(
                SasldbFault.UnsupportedForm, _path,
                $"{_path}: this Berkeley DB file may have several values for a key, of which the first is read, and which is not written; sasl users --export it and sasl passwd --import that");
        }
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
        catch (FileDamageException) when (IsBeingWritten(file, facts))
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
            RequireOurKind(snapshot.Meta);
            inspection = new BerkeleyInspection(snapshot, cancellationToken);
            inspection.Inspect();
        }
        BerkeleyTransaction transaction = Prepare(snapshot);
        cancellationToken.ThrowIfCancellationRequested();
        if (transaction.IsEmpty && snapshot is not null)
            return !IsBeingWritten(old!, before!.Value);
        using FileReplacement replacement = FileReplacement.Begin(_path, before, options.CreateMode);
        new BerkeleyBuilder(snapshot, inspection?.Room ?? 0, transaction).Build(replacement.File, cancellationToken);
        replacement.Flush();
        return TryCommit(replacement, old, inspection, before);
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

    private bool TryCommit(FileReplacement replacement, BerkeleyFile? old, BerkeleyInspection? inspection, FileFacts? before)
    {
        if (old is not null && inspection is not null && !IsAsInspected(old, inspection))
            return false;
        if (!replacement.IsOldOneUnchanged())
            return false;
        // Whoever opens the file to write from here on, waits until the new one is in its place; but he writes to the old one then.
        using LinuxFileLease? lease = old is null ? null : LinuxFileLease.Take(old.Handle);
        if (lease is { IsRefused: true } || (old is not null && !old.IsUntouched(before!.Value.Identity)))
            return false;
        return replacement.TryCommit();
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
