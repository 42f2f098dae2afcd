using System.Security.Cryptography;
using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Berkeley;

/// <summary>Reads every page in use and checks what a lookup takes on trust: places, order, and that no page is used twice.</summary>
/// <remarks>Pages that nothing leads to are no damage: Berkeley DB keeps some for buckets to come. The count in page 0 is only a hint.</remarks>
internal sealed class BerkeleyInspection
{
    private readonly HashSet<uint> _seen = [];
    private readonly BerkeleySnapshot _snapshot;
    private readonly CancellationToken _cancellationToken;

    /// <summary>Prepares.</summary>
    /// <param name="snapshot">The state.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public BerkeleyInspection(BerkeleySnapshot snapshot, CancellationToken cancellationToken)
    {
        IsOfSettledFile = snapshot.IsSettled;
        _snapshot = snapshot.WatchedBy(Mark);
        _cancellationToken = cancellationToken;
    }

    /// <summary>Whether any writing since will show in what the system says about the file.</summary>
    public bool IsOfSettledFile { get; }

    /// <summary>By what two inspections are compared.</summary>
    public ulong Fingerprint => _snapshot.Fingerprint;

    /// <summary>How much room the records take on their pages.</summary>
    public long Room { get; private set; }

    /// <summary>Inspects everything.</summary>
    /// <returns>How many records there are.</returns>
    /// <exception cref="FileDamageException">Something does not agree.</exception>
    public long Inspect()
    {
        byte[] page = new byte[_snapshot.Meta.PageSize];
        using var records = new BerkeleyBucket();
        long count = 0;
        for (uint bucket = 0; bucket <= _snapshot.Meta.MaxBucket; bucket++)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            records.Load(_snapshot, bucket, page, withValues: true);
            records.Sort();
            count += records.Count;
            for (int index = 0; index < records.Count; index++)
                Room += BerkeleyPageBuilder.RoomOf(records.Key(index).Length, records.Value(index).Length, page.Length);
            records.Clear();
        }
        InspectUnused(page);
        CryptographicOperations.ZeroMemory(page);
        return count;
    }

    private void InspectUnused(Span<byte> page)
    {
        // None can come twice, so there is an end.
        for (uint number = _snapshot.Meta.FirstFree; number != 0; number = BerkeleyMeta.Number(page, 16, _snapshot.Meta.IsBigEndian))
        {
            _snapshot.Read(number, page);
            if (page[25] != BerkeleyLayout.UnusedPage || BerkeleyMeta.Number(page, 8, _snapshot.Meta.IsBigEndian) != number)
                throw new FileDamageException($"page {number} is among the unused ones, and is not one");
        }
    }

    private void Mark(uint number)
    {
        if (!_seen.Add(number))
            throw new FileDamageException($"page {number} is used twice");
    }
}
