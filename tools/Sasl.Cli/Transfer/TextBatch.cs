using Sasl.Sasldb;

namespace Sasl.Cli;

/// <summary>Some records of a text: as many as one transaction should have. Memory is bounded; values are erased.</summary>
internal sealed class TextBatch : IDisposable
{
    private const long MostOctets = 64 * 1024 * 1024;
    private const int RecordOverhead = 200;

    private readonly List<SasldbEntry> _entries = [];

    /// <summary>The records.</summary>
    public IReadOnlyList<SasldbEntry> Entries => _entries;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _entries.Count == 0;

    /// <summary>Whether the text ends after them.</summary>
    public bool IsLast { get; private set; }

    /// <summary>Reads some.</summary>
    public static async Task<TextBatch> ReadAsync(SasldbTextReader reader, CancellationToken cancellationToken)
    {
        var batch = new TextBatch();
        try
        {
            for (long octets = 0; octets < MostOctets; octets += reader.Key.Length + reader.Value.Length + RecordOverhead)
            {
                if (!await reader.ReadAsync(cancellationToken))
                {
                    batch.IsLast = true;
                    break;
                }
                batch._entries.Add(new SasldbEntry(reader.Key.ToArray(), reader.Value.ToArray()));
            }
            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    /// <summary>Erases the records.</summary>
    public void Dispose()
    {
        foreach (SasldbEntry entry in _entries)
            entry.Dispose();
    }
}
