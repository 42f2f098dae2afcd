using Sasl.Sasldb.Files;
using Sasl.Sasldb.Records;

namespace Sasl.Sasldb.Gdbm;

/// <summary>One transaction: a whole new file is built beside the old one and put in its place. See docs/decisions/0020.</summary>
/// <param name="options">Which file, and how it is made.</param>
/// <param name="cancellationToken">Stops it before anything is changed.</param>
internal sealed class GdbmWriting(SasldbOptions options, CancellationToken cancellationToken)
{
    private const int MostTries = 20;

    private readonly string _path = FileReplacement.Follow(options.Path);

    /// <summary>Does it.</summary>
    /// <param name="change">What to do. Called again when another program made the file meanwhile.</param>
    public void Run(Action<ISasldbWriter> change)
    {
        try
        {
            RequireThisForm();
            using FileWriteLock held = FileWriteLock.Take(_path, options, cancellationToken);
            FileReplacement.RemoveLeftover(_path);
            for (int tries = 0; tries < MostTries; tries++)
            {
                using GdbmShare? share = GdbmShare.Take(_path, options, cancellationToken);
                if (TryRun(change, share))
                    return;
            }
            throw new SasldbException(SasldbFault.Busy, _path, $"{_path}: is being replaced all the time; nothing was changed");
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

    // Before anything is made beside a file that is none of this form, or is not to be touched.
    private void RequireThisForm()
    {
        FileReplacement.RequireReplaceable(_path);
        if (!new FileProbe(_path).TryGet(out FileFacts facts) || facts.Identity.Length == 0)
            return;
        GdbmFile.Open(_path, facts, new FileClock(options.Clock, GdbmForm.Settling)).Dispose();
    }

    private bool TryRun(Action<ISasldbWriter> change, GdbmShare? share)
    {
        GdbmSnapshot? old = share is null || share.Facts.Identity.Length == 0
            ? null
            : GdbmSnapshot.Take(share.File, share.Facts.Identity, isSettled: true);
        using var transaction = new GdbmTransaction(old);
        change(transaction);
        cancellationToken.ThrowIfCancellationRequested();
        if (transaction.IsEmpty && old is not null)
            return true;
        using FileReplacement replacement = FileReplacement.Begin(_path, share?.Facts, options.CreateMode);
        if (!new GdbmBuilder(old, transaction).TryBuild(replacement.File, cancellationToken))
        {
            throw new SasldbException(
                SasldbFault.Full, _path, $"{_path}: the form of this file has no room for so many records; convert it to another one");
        }
        replacement.Flush();
        // The old one is locked, but its name may have been given to another file.
        if (!replacement.IsOldOneUnchanged() || !replacement.TryCommit())
            return false;
        if (old is not null)
            share!.Spoil();
        return true;
    }
}
