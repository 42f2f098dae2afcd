using System.Security.Cryptography;
using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Berkeley;

/// <summary>Records in memory, one bucket's at a time, in one buffer that is used again and erased at the end.</summary>
internal sealed class BerkeleyBucket : IDisposable
{
    // So much in one bucket is no sasldb's: a table grows long before. Nor can there be more than the file has.
    private const int MostOctets = 256 * 1024 * 1024;

    private readonly List<Entry> _entries = [];
    private byte[] _octets = new byte[16 * 1024];
    private int _length;

    private readonly record struct Entry(int Start, int KeyLength, int ValueLength, uint Hash);

    /// <summary>How many records there are.</summary>
    public int Count => _entries.Count;

    /// <summary>How many octets the records have.</summary>
    public long Octets => _length;

    /// <summary>A record's key.</summary>
    /// <param name="index">Which record.</param>
    public ReadOnlySpan<byte> Key(int index) => _octets.AsSpan(_entries[index].Start, _entries[index].KeyLength);

    /// <summary>A record's value.</summary>
    /// <param name="index">Which record.</param>
    public ReadOnlySpan<byte> Value(int index) =>
        _octets.AsSpan(_entries[index].Start + _entries[index].KeyLength, _entries[index].ValueLength);

    /// <summary>The hash of a record's key.</summary>
    /// <param name="index">Which record.</param>
    public uint Hash(int index) => _entries[index].Hash;

    /// <summary>Adds all records of a bucket.</summary>
    /// <param name="snapshot">The file.</param>
    /// <param name="bucket">The bucket's number.</param>
    /// <param name="page">Room for a page.</param>
    /// <param name="withValues">Whether values are wanted; without, they are empty.</param>
    public void Load(BerkeleySnapshot snapshot, uint bucket, Span<byte> page, bool withValues)
    {
        uint number = snapshot.Meta.PageOf(bucket);
        uint previous = 0;
        for (uint pages = 0; number != 0; pages++)
        {
            if (pages > snapshot.Meta.LastPage)
                throw new FileDamageException($"bucket {bucket} has no end");
            BerkeleyPage records = snapshot.ReadPage(number, previous, page);
            for (int index = 0; index < records.Count; index++)
            {
                if (snapshot.Meta.BucketOf(Load(snapshot, records, index, withValues)) != bucket)
                    throw records.Damage($"has a record that does not belong to bucket {bucket}");
                if (index > 0 && records.IsSorted && Key(Count - 2).SequenceCompareTo(Key(Count - 1)) >= 0)
                    throw records.Damage("has its keys in disorder");
            }
            previous = number;
            number = records.Next;
        }
    }

    /// <summary>Adds a record.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">Its value.</param>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Span<byte> place = Reserve(key.Length, value.Length);
        key.CopyTo(place);
        value.CopyTo(place[key.Length..]);
        _entries[^1] = _entries[^1] with { Hash = BerkeleyHash.Of(key) };
    }

    /// <summary>Puts the records in the order of their keys, as pages have them.</summary>
    /// <exception cref="FileDamageException">Two have the same key.</exception>
    public void Sort()
    {
        _entries.Sort((one, other) => KeyOf(one).SequenceCompareTo(KeyOf(other)));
        for (int index = 1; index < _entries.Count; index++)
        {
            if (Key(index - 1).SequenceEqual(Key(index)))
                throw new FileDamageException("it has a key twice");
        }
    }

    /// <summary>Puts the records in the order of their reversed hashes, as listings have them.</summary>
    public void SortForListing() => _entries.Sort((one, other) => Compare(one.Hash, KeyOf(one), other.Hash, KeyOf(other)));

    /// <summary>Compares two records' places in a listing.</summary>
    /// <param name="hash">The hash of a key.</param>
    /// <param name="key">The key.</param>
    /// <param name="otherHash">The hash of another.</param>
    /// <param name="other">The other.</param>
    public static int Compare(uint hash, ReadOnlySpan<byte> key, uint otherHash, ReadOnlySpan<byte> other)
    {
        int order = BerkeleyHash.Reverse(hash).CompareTo(BerkeleyHash.Reverse(otherHash));
        return order != 0 ? order : key.SequenceCompareTo(other);
    }

    /// <summary>Removes and erases all records.</summary>
    public void Clear()
    {
        CryptographicOperations.ZeroMemory(_octets.AsSpan(0, _length));
        _entries.Clear();
        _length = 0;
    }

    /// <summary>Erases all records.</summary>
    public void Dispose() => Clear();

    private uint Load(BerkeleySnapshot snapshot, BerkeleyPage page, int index, bool withValues)
    {
        BerkeleyItem key = page.Key(index);
        BerkeleyItem value = snapshot.Value(page, index);
        if (_length + key.Length + value.Length > snapshot.Identity.Length)
            throw new FileDamageException("it has more in one bucket than there is room for");
        Span<byte> place = Reserve(key.Length, withValues ? value.Length : 0);
        snapshot.Copy(key, place[..key.Length]);
        if (withValues)
            snapshot.Copy(value, place[key.Length..]);
        uint hash = BerkeleyHash.Of(place[..key.Length]);
        _entries[^1] = _entries[^1] with { Hash = hash };
        return hash;
    }

    private ReadOnlySpan<byte> KeyOf(in Entry entry) => _octets.AsSpan(entry.Start, entry.KeyLength);

    private Span<byte> Reserve(int key, int value)
    {
        int length = key + value;
        if (length > MostOctets - _length)
            throw new FileDamageException("it has more in one bucket than any sasldb");
        if (length > _octets.Length - _length)
        {
            byte[] larger = new byte[Math.Max(2 * _octets.Length, _length + length)];
            _octets.AsSpan(0, _length).CopyTo(larger);
            CryptographicOperations.ZeroMemory(_octets.AsSpan(0, _length));
            _octets = larger;
        }
        _entries.Add(new Entry(_length, key, value, 0));
        Span<byte> place = _octets.AsSpan(_length, length);
        _length += length;
        return place;
    }
}
