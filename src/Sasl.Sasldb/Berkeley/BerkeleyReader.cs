using System.Buffers;

namespace Sasl.Sasldb.Berkeley;

/// <summary>Finds records by their keys. Keeps the last page it read.</summary>
/// <param name="snapshot">The state to read.</param>
/// <param name="room">Room for a page, on the caller's stack; the caller erases it.</param>
internal ref struct BerkeleyReader(BerkeleySnapshot snapshot, Span<byte> room)
{
    private readonly BerkeleySnapshot _snapshot = snapshot;
    private readonly Span<byte> _room = room;
    private uint _number;

    /// <summary>Finds a record.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">Its value, valid until the next call.</param>
    /// <returns>False when there is none.</returns>
    public bool TryFind(scoped ReadOnlySpan<byte> key, out BerkeleyItem value)
    {
        BerkeleyMeta meta = _snapshot.Meta;
        uint bucket = meta.BucketOf(BerkeleyHash.Of(key));
        uint number = meta.PageOf(bucket);
        uint previous = 0;
        for (uint pages = 0; number != 0; pages++)
        {
            // Only a file that is written meanwhile can get here: see BerkeleyPage.
            if (pages > meta.LastPage)
                throw new BerkeleyDamageException($"bucket {bucket} has no end");
            BerkeleyPage page = Load(number, previous);
            if (TryFind(page, key, out int index))
            {
                value = page.Value(index);
                return true;
            }
            RequireBucket(page, bucket);
            previous = number;
            number = page.Next;
        }
        value = default;
        return false;
    }

    private BerkeleyPage Load(uint number, uint previous)
    {
        if (_number == number)
            return new BerkeleyPage(_room, number, previous, _snapshot.Meta);
        _number = 0;
        BerkeleyPage page = _snapshot.ReadPage(number, previous, _room);
        _number = number;
        return page;
    }

    // "Not there" is never said on the strength of the order alone: one damaged key would hide the others.
    private readonly bool TryFind(BerkeleyPage page, ReadOnlySpan<byte> key, out int index)
    {
        if (page.IsSorted && TryFindSorted(page, key, out index))
            return true;
        for (index = 0; index < page.Count; index++)
        {
            BerkeleyItem item = page.Key(index);
            if (item.Length == key.Length && Compare(key, item) == 0)
                return true;
        }
        return false;
    }

    private readonly bool TryFindSorted(BerkeleyPage page, ReadOnlySpan<byte> key, out int index)
    {
        int low = 0;
        int high = page.Count - 1;
        while (low <= high)
        {
            index = (low + high) / 2;
            int order = Compare(key, page.Key(index));
            if (order == 0)
                return true;
            if (order < 0)
                high = index - 1;
            else
                low = index + 1;
        }
        index = low;
        return false;
    }

    private readonly int Compare(ReadOnlySpan<byte> key, in BerkeleyItem item)
    {
        if (!item.IsLong)
            return key.SequenceCompareTo(item.Octets);
        byte[] rented = ArrayPool<byte>.Shared.Rent(item.Length);
        try
        {
            Span<byte> other = rented.AsSpan(0, item.Length);
            _snapshot.Copy(item, other);
            return key.SequenceCompareTo(other);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    // A record that does not belong here means that page 0 leads to the wrong page, and the wanted one may be on another.
    private readonly void RequireBucket(BerkeleyPage page, uint bucket)
    {
        if (page.Count > 0 && page.Key(0) is { IsLong: false } first && _snapshot.Meta.BucketOf(BerkeleyHash.Of(first.Octets)) != bucket)
            throw page.Damage($"does not belong to bucket {bucket}");
    }
}
