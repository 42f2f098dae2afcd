using System.Security.Cryptography;

namespace Sasl.Sasldb.Gdbm;

/// <summary>Finds records by their keys. Keeps the last bucket and the last record.</summary>
/// <param name="snapshot">The state to read.</param>
/// <param name="bucket">Room for a bucket.</param>
/// <param name="record">Room for a usual record; the caller erases it with <see cref="Erase"/>.</param>
internal ref struct GdbmReader(GdbmSnapshot snapshot, Span<byte> bucket, Span<byte> record)
{
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
        return TryFind(key, GdbmHash.Of(key, GdbmHash.IsSignedHere), out element)
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

    /// <summary>Erases the record.</summary>
    public readonly void Erase() => CryptographicOperations.ZeroMemory(_record[.._used]);

    private bool TryFind(scoped ReadOnlySpan<byte> key, int hash, out GdbmElement element)
    {
        GdbmBucket bucket = Load(hash >> (GdbmHash.Bits - _snapshot.Header.DirectoryBits));
        int place = hash % bucket.Capacity;
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
                RequireOtherKey(element);
            }
            place = place + 1 == bucket.Capacity ? 0 : place + 1;
        }
        bucket.RequireWhole(hash);
        _snapshot.RequireBucketOf(hash >> (GdbmHash.Bits - _snapshot.Header.DirectoryBits), bucket.Bits, _bucketAt, isEmpty: bucket.Count == 0);
        element = default;
        return false;
    }

    // Another key may have the same hash. If it has not, the element is wrong, and may be that of the key that is looked for.
    private readonly void RequireOtherKey(in GdbmElement element)
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
        _used = Math.Max(_used, wanted);
        _recordAt = 0;
        if (wanted < element.KeyLength)
            return HasLongKey(element, key);
        _snapshot.Read(_record[..wanted], element.Record);
        Keep(element.Record, wanted);
        return _record[..element.KeyLength].SequenceEqual(key);
    }

    private readonly bool HasLongKey(in GdbmElement element, scoped ReadOnlySpan<byte> key)
    {
        byte[] whole = new byte[element.KeyLength];
        _snapshot.Read(whole, element.Record);
        return key.SequenceEqual(whole);
    }

    private void Keep(long place, int length)
    {
        if (length < _used)
            CryptographicOperations.ZeroMemory(_record[length.._used]);
        _recordAt = place;
        _used = length;
    }
}
