using System.Buffers;
using Sasl.Sasldb.Files;
using Sasl.Sasldb.Records;

namespace Sasl.Sasldb.Berkeley;

/// <summary>Finds records by their keys. Keeps the last page it read.</summary>
/// <param name="snapshot">The state to read.</param>
/// <param name="room">Room for a page, on the caller's stack; the caller erases it.</param>
internal ref struct BerkeleyReader(BerkeleySnapshot snapshot, Span<byte> room) : ISasldbKeyFinder
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
        uint hash = BerkeleyHash.Of(key);
        uint bucket = meta.BucketOf(hash);
        uint number = meta.PageOf(bucket);
        uint previous = 0;
        bool isEmpty = true;
        for (uint pages = 0; number != 0; pages++)
        {
            // Only a file that is written meanwhile can get here: see BerkeleyPage.
            if (pages > meta.LastPage)
                throw new FileDamageException($"bucket {bucket} has no end");
            BerkeleyPage page = Load(number, previous);
            if (TryFind(page, key, out int index))
            {
                value = _snapshot.Value(page, index);
                return true;
            }
            RequireBucket(page, bucket);
            isEmpty &= page.Count == 0;
            previous = number;
            number = page.Next;
        }
        RequireNoOtherBucket(hash, bucket, isEmpty);
        value = default;
        return false;
    }

    /// <inheritdoc/>
    public bool Has(scoped ReadOnlySpan<byte> key) => TryFind(key, out _);

    // A wrong number of buckets sends a hash to the bucket that was divided, or to the half that is not there yet.
    private void RequireNoOtherBucket(uint hash, uint bucket, bool isEmpty)
    {
        BerkeleyMeta meta = _snapshot.Meta;
        uint half = hash & meta.HighMask;
        if (half > meta.MaxBucket)
            RequireNone(meta.PageOf(half), half);
        else if (isEmpty && bucket > meta.LowMask)
            RequireNone(meta.PageOf(bucket & meta.LowMask), half);
    }

    // Of a hash that has these low bits.
    private void RequireNone(uint number, uint half)
    {
        if (number == 0 || number > _snapshot.Meta.LastPage)
            return;
        _number = 0;
        _snapshot.Read(number, _room);
        if (_room[25] is not (BerkeleyLayout.SortedPage or BerkeleyLayout.UnsortedPage))
            return;
        var page = new BerkeleyPage(_room, number, previous: 0, _snapshot.Meta);
        for (int index = 0; index < page.Count; index++)
        {
            if (page.Key(index) is { IsLong: false } key && (BerkeleyHash.Of(key.Octets) & _snapshot.Meta.HighMask) == half)
                throw new FileDamageException("its first page does not have the right number of buckets");
        }
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

    // "Not there" is not said unless every record here can be read, is in order and belongs here: a wrong place hides two records, a wrong
    // number on page 0 leads to another bucket's page.
    private readonly void RequireBucket(BerkeleyPage page, uint bucket)
    {
        ReadOnlySpan<byte> last = [];
        for (int index = 0; index < page.Count; index++)
        {
            BerkeleyItem key = page.Key(index);
            _ = page.Value(index);
            if (key.IsLong)
                continue;
            if (_snapshot.Meta.BucketOf(BerkeleyHash.Of(key.Octets)) != bucket)
                throw page.Damage($"does not belong to bucket {bucket}");
            if (page.IsSorted && index > 0 && last.SequenceCompareTo(key.Octets) >= 0)
                throw page.Damage("has its keys in disorder");
            last = key.Octets;
        }
    }
}
