using Sasl.Sasldb.Files;
using Sasl.Sasldb.Forms;
using Sasl.Sasldb.Records;

namespace Sasl.Sasldb.Copying;

/// <summary>Makes a new sasldb of all records of another, whatever the forms of the two, and makes sure that it has them.</summary>
/// <param name="from">The other's path, absolute.</param>
/// <param name="source">The other.</param>
/// <param name="to">Where the new one goes, and how it is made.</param>
/// <param name="open">Binds a path to the form of its file.</param>
/// <param name="progress">Told how many records were copied.</param>
/// <param name="cancellationToken">Stops; nothing is left behind.</param>
internal sealed class SasldbCopy(
    string from, ISasldbForm source, SasldbOptions to, Func<SasldbOptions, ISasldbForm> open, IProgress<long>? progress, CancellationToken cancellationToken)
{
    private const int MostTries = 5;
    private const int ProgressEvery = 1000;

    /// <summary>Does it.</summary>
    /// <param name="overwrite">Whether a file that is there may go.</param>
    /// <returns>How many records there are.</returns>
    /// <exception cref="SasldbException">One of the files cannot be used, or the source was changed each time before all was read.</exception>
    public long Run(bool overwrite)
    {
        FileFacts facts = RequireSource();
        using var made = new SasldbNewFile(to.Path, overwrite);
        SasldbOptions options = to with { Path = made.Path, CreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite, ReadOnly = false };
        try
        {
            SasldbRecordSum copied = CopyUnchanged(made, options);
            Compare(copied, options);
            if (!made.Commit(facts, options, cancellationToken))
                to.Warning?.Invoke(FileComplaint.NotGiven(to.Path, facts));
            return copied.Count;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw FileComplaint.From(to.Path, failure);
        }
    }

    private FileFacts RequireSource()
    {
        if (!new FileProbe(from).TryGet(out FileFacts facts))
            throw FileComplaint.Missing(from);
        if (new FileProbe(to.Path).TryGet(out FileFacts there) && there.Identity.IsSameFile(facts.Identity))
            throw new SasldbException(SasldbFault.NotWritable, to.Path, $"{to.Path}: is the file that is to be copied; give the new one a name of its own");
        return facts;
    }

    private SasldbRecordSum CopyUnchanged(SasldbNewFile made, SasldbOptions options)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                return Copy(options);
            }
            catch (SasldbException failure) when (failure.Fault is SasldbFault.Changed && tries < MostTries)
            {
                made.Dispose();
            }
        }
    }

    private SasldbRecordSum Copy(SasldbOptions options)
    {
        var sum = default(SasldbRecordSum);
        using ISasldbForm target = open(options);
        using var batch = new SasldbBatch();
        foreach (SasldbEntry entry in SasldbWalk.Over(source, from))
        {
            cancellationToken.ThrowIfCancellationRequested();
            sum.Add(entry.Key.Span, entry.Value.Span);
            batch.Add(entry);
            if (sum.Count % ProgressEvery == 0)
                progress?.Report(sum.Count);
            if (batch.IsFull)
                batch.WriteTo(target, cancellationToken);
        }
        // Even of no records: the file is to be there.
        batch.WriteTo(target, cancellationToken);
        progress?.Report(sum.Count);
        return sum;
    }

    private void Compare(in SasldbRecordSum copied, SasldbOptions options)
    {
        var sum = default(SasldbRecordSum);
        using ISasldbForm target = open(options);
        target.Verify(cancellationToken);
        foreach (SasldbEntry entry in SasldbWalk.Over(target, to.Path))
        {
            cancellationToken.ThrowIfCancellationRequested();
            sum.Add(entry.Key.Span, entry.Value.Span);
        }
        if (!sum.Equals(copied))
            throw new SasldbException(SasldbFault.Damaged, to.Path, $"{to.Path}: has other records than those that were written into it; nothing was changed");
    }
}
