using Sasl.Sasldb.Records;

namespace Sasl.Sasldb.Gdbm;

/// <summary>Finds records by their keys. Keeps the last bucket and the last record.</summary>
/// <param name="snapshot">The state to read.</param>
/// <param name="bucket">Room for a bucket.</param>
/// <param name="record">Room for a usual record; the caller erases it.</param>
internal ref struct GdbmReader(GdbmSnapshot snapshot, Span<byte> bucket, Span<byte> record) : ISasldbKeyFinder
{
    private const int NearElements = 8;

    private readonly GdbmSnapshot _snapshot = snapshot;
    private readonly Span<byte> _bucket = bucket;
    private readonly Span<byte> _record = record;
    private long _bucketAt;
    private long _recordAt;
    private int _used;

    /// <summary>Finds a record.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="element">What its bucket says about it.</param>
    /// <returns>False when there is none.</returns>
    public bool TryFind(scoped ReadOnlySpan<byte> key, out GdbmElement element)
    {
        int hash = GdbmHash.Of(key, GdbmHash.IsSignedHere);
        return TryFindNear(key, hash, out element)
            || TryFind(key, hash, out element)
            || (GdbmHash.IsAmbiguous(key) && TryFind(key, GdbmHash.Of(key, !GdbmHash.IsSignedHere), out element));
    }

    /// <summary>Copies a record's value.</summary>
    /// <param name="element">What <see cref="TryFind(ReadOnlySpan{byte}, out GdbmElement)"/> found last.</param>
    /// <param name="into">Room for its length.</param>
    public readonly void CopyValue(in GdbmElement element, Span<byte> into)
    {
        if (_recordAt == element.Record && _used == element.Length)
            _record[element.KeyLength.._used].CopyTo(into);
        else
            _snapshot.Read(into, element.Record + element.KeyLength);
    }

    /// <inheritdoc/>
    public bool Has(scoped ReadOnlySpan<byte> key) =>
        TryFind(key, GdbmHash.Of(key, GdbmHash.IsSignedHere), out GdbmElement _)
        || (GdbmHash.IsAmbiguous(key) && TryFind(key, GdbmHash.Of(key, !GdbmHash.IsSignedHere), out _));

    // Reading the few elements where it usually is costs less than reading the bucket. Tells nothing of a record that is not among them.
    private bool TryFindNear(scoped ReadOnlySpan<byte> key, int hash, out GdbmElement element)
    {
        GdbmHeader header = _snapshot.Header;
        int first = hash % header.BucketElements;
        int count = Math.Min(NearElements, header.BucketElements - first);
        int length = header.Layout.ElementLength;
        long place = _snapshot.BucketAt(hash >> (GdbmHash.Bits - header.DirectoryBits));
        Span<byte> elements = _bucket[..(count * length)];
        _bucketAt = 0;
        _snapshot.Read(elements, place + header.Layout.ElementsAt + ((long)first * length));
        for (; !elements.IsEmpty; elements = elements[length..])
        {
            int other = header.Layout.Number(elements, 0);
            if (other == GdbmElement.NoHash)
                break;
            if (other == hash)
            {
                element = GdbmElement.Read(elements, header.Layout);
                if (element.KeyLength == key.Length && element.StartsLike(key) && HasKey(element, key))
                    return true;
            }
        }
        element = default;
        return false;
    }

    private bool TryFind(scoped ReadOnlySpan<byte> key, int hash, out GdbmElement element)
    {
        GdbmBucket bucket = Load(hash >> (GdbmHash.Bits - _snapshot.Header.DirectoryBits));
        int place = hash % bucket.Capacity;
        bool others = false;
        for (int passed = 0; passed < bucket.Capacity; passed++)
        {
            int other = bucket.HashAt(place);
            if (other == GdbmElement.NoHash)
                break;
            if (other == hash)
            {
                element = bucket[place];
                if (element.KeyLength == key.Length && element.StartsLike(key) && HasKey(element, key))
                    return true;
                others = true;
            }
            place = place + 1 == bucket.Capacity ? 0 : place + 1;
        }
        bucket.RequireWhole(hash);
        if (others)
            RequireOtherKeys(bucket, hash);
        _snapshot.RequireBucketOf(hash >> (GdbmHash.Bits - _snapshot.Header.DirectoryBits), bucket.Bits, _bucketAt, isEmpty: bucket.Count == 0);
        element = default;
        return false;
    }

    // Other keys may have the same hash. An element whose key has not is wrong, and may be that of the key that is looked for.
    private readonly void RequireOtherKeys(GdbmBucket bucket, int hash)
    {
        for (int place = 0; place < bucket.Capacity; place++)
        {
            if (bucket.HashAt(place) == hash)
                RequireItsKey(bucket[place]);
        }
    }

    private readonly void RequireItsKey(in GdbmElement element)
    {
        _snapshot.RequirePlausible(element);
        byte[] key = new byte[element.KeyLength];
        _snapshot.Read(key, element.Record);
        element.RequireKey(key);
    }

    private GdbmBucket Load(int index)
    {
        long place = _snapshot.BucketAt(index);
        if (_bucketAt != place)
        {
            _bucketAt = 0;
            _snapshot.Read(_bucket, place);
            _bucketAt = place;
        }
        return new GdbmBucket(_bucket, _snapshot.Header);
    }

    private bool HasKey(in GdbmElement element, scoped ReadOnlySpan<byte> key)
    {
        _snapshot.RequirePlausible(element);
        int wanted = (int)Math.Min(element.Length, _record.Length);
        _recordAt = 0;
        if (wanted < element.KeyLength)
            return HasLongKey(element, key);
        _snapshot.Read(_record[..wanted], element.Record);
        _recordAt = element.Record;
        _used = wanted;
        return _record[..element.KeyLength].SequenceEqual(key);
    }

    private readonly bool HasLongKey(in GdbmElement element, scoped ReadOnlySpan<byte> key)
    {
        byte[] whole = new byte[element.KeyLength];
        _snapshot.Read(whole, element.Record);
        return key.SequenceEqual(whole);
    }
}
