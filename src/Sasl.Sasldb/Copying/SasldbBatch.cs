using Sasl.Sasldb.Forms;

namespace Sasl.Sasldb.Copying;

/// <summary>Records on their way from one file to another, gathered until a transaction is worth it. Memory is bounded; values are erased.</summary>
internal sealed class SasldbBatch : IDisposable
{
    // A transaction rewrites the whole file in some forms, and keeps its pages in memory in others.
    private const long MostOctets = 64 * 1024 * 1024;
    private const int RecordOverhead = 200;

    private readonly List<SasldbEntry> _entries = [];
    private long _octets;

    /// <summary>Whether there is so much that it should be written.</summary>
    public bool IsFull => _octets >= MostOctets;

    /// <summary>Adds a copy of a record.</summary>
    public void Add(SasldbEntry entry)
    {
        _entries.Add(new SasldbEntry(entry.Key.ToArray(), entry.Value.ToArray()));
        _octets += entry.Key.Length + entry.Value.Length + RecordOverhead;
    }

    /// <summary>Writes all records in one transaction, and forgets them.</summary>
    /// <param name="form">Where to.</param>
    /// <param name="cancellationToken">Stops waiting for other writers.</param>
    public void WriteTo(ISasldbForm form, CancellationToken cancellationToken)
    {
        form.Write(
            writer =>
            {
                foreach (SasldbEntry entry in _entries)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    writer.Put(entry.Key.ToArray(), entry.Value.Span);
                }
            },
            cancellationToken);
        Dispose();
    }

    /// <summary>Erases and forgets all records.</summary>
    public void Dispose()
    {
        foreach (SasldbEntry entry in _entries)
            entry.Dispose();
        _entries.Clear();
        _octets = 0;
    }
}
