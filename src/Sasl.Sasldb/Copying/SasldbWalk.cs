using Sasl.Sasldb.Forms;
using Sasl.Sasldb.Records;

namespace Sasl.Sasldb.Copying;

/// <summary>Goes over all records of a file, and stores what others went over.</summary>
internal static class SasldbWalk
{
    /// <summary>The longest value that a file of any form may have; a lookup does not believe a longer one either.</summary>
    private const int LongestValue = 1024 * 1024;
    private const int ProgressEvery = 1000;

    /// <summary>Every record, in the form's order.</summary>
    /// <param name="form">The file.</param>
    /// <param name="path">Its path, for the complaint.</param>
    /// <exception cref="SasldbException">It cannot be read, or was changed before the walk was over.</exception>
    public static IEnumerable<SasldbEntry> Over(ISasldbForm form, string path)
    {
        SasldbState before = form.ReadState();
        byte[]? last = null;
        while (form.ReadEntries(last) is { Count: > 0 } entries)
        {
            try
            {
                last = entries[^1].Key.ToArray();
                foreach (SasldbEntry entry in entries)
                {
                    yield return entry;
                    entry.Dispose();
                }
            }
            finally
            {
                foreach (SasldbEntry entry in entries)
                    entry.Dispose();
            }
            RequireSame(form, path, before);
        }
        RequireSame(form, path, before);
    }

    /// <summary>Stores records as they are.</summary>
    /// <param name="entries">The records; they stay the caller's, because a transaction may begin again.</param>
    /// <param name="writer">The transaction.</param>
    /// <param name="progress">Hears how many there were so far.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>How many there were.</returns>
    public static long Store(IEnumerable<SasldbEntry> entries, ISasldbWriter writer, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        long count = 0;
        foreach (SasldbEntry entry in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (entry.Key.Length is 0 or > SasldbKey.MaxLength)
                throw new ArgumentException($"A record's key has {entry.Key.Length} octets; every form keeps from 1 to {SasldbKey.MaxLength}.");
            if (entry.Value.Length > LongestValue)
                throw new ArgumentException($"A record's value has {entry.Value.Length} octets; at most {LongestValue} can be kept.");
            writer.Put(entry.Key.ToArray(), entry.Value.Span);
            if (++count % ProgressEvery == 0)
                progress?.Report(count);
        }
        progress?.Report(count);
        return count;
    }

    private static void RequireSame(ISasldbForm form, string path, in SasldbState before)
    {
        if (form.ReadState() != before)
            throw new SasldbException(SasldbFault.Changed, path, $"{path}: was changed while it was being read; try again");
    }
}
