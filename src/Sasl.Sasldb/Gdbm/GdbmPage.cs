using System.Buffers;
using System.Security.Cryptography;
using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Gdbm;

/// <summary>
/// All records of one bucket in memory, in the order of hash and key. As the directory has the buckets in the order of the first bits of
/// their hashes, this is an order of the whole file, and one that stays when buckets are divided.
/// </summary>
/// <param name="snapshot">The state to read.</param>
internal sealed class GdbmPage(GdbmSnapshot snapshot) : IDisposable
{
    /// <summary>The longest key: twice the longest that Cyrus SASL's code makes.</summary>
    public const int LongestKey = 64 * 1024;

    /// <summary>The longest value: many times the longest that Cyrus SASL's code reads.</summary>
    public const int LongestValue = 1024 * 1024;

    // Records between which there is not much else are read at once.
    private const int MostAtOnce = 256 * 1024;

    private readonly byte[] _bucket = ArrayPool<byte>.Shared.Rent(snapshot.Header.BucketSize);
    private readonly List<(GdbmElement Element, int At)> _records = [];
    private byte[] _octets = [];
    private int _used;

    /// <summary>How many records there are.</summary>
    public int Count => _records.Count;

    /// <summary>The octets of all keys and values.</summary>
    public int Octets { get; private set; }

    /// <summary>Where the bucket is.</summary>
    public long Place { get; private set; }

    /// <summary>How many bits all hashes of the bucket have in common.</summary>
    public int Bits { get; private set; }

    /// <summary>The directory's first entry for the next bucket.</summary>
    public int Next { get; private set; }

    /// <summary>The bucket itself.</summary>
    public ReadOnlySpan<byte> Bucket => _bucket.AsSpan(0, snapshot.Header.BucketSize);

    /// <summary>What the bucket says about a record.</summary>
    public GdbmElement this[int index] => _records[index].Element;

    /// <summary>A record's key.</summary>
    public ReadOnlySpan<byte> Key(int index) => _octets.AsSpan(_records[index].At, _records[index].Element.KeyLength);

    /// <summary>A record's value.</summary>
    public ReadOnlySpan<byte> Value(int index) =>
        _octets.AsSpan(_records[index].At + _records[index].Element.KeyLength, _records[index].Element.ValueLength);

    /// <summary>Compares in the order of the file.</summary>
    public static int Compare(int hash, ReadOnlySpan<byte> key, int otherHash, ReadOnlySpan<byte> otherKey) =>
        hash != otherHash ? hash.CompareTo(otherHash) : key.SequenceCompareTo(otherKey);

    /// <summary>Reads another bucket and its records.</summary>
    /// <param name="index">An entry of the directory.</param>
    public void Load(int index)
    {
        Clear();
        LoadElements(index);
        ReadRecords();
        _records.Sort((one, other) => Compare(one.Element.Hash, KeyOf(one), other.Element.Hash, KeyOf(other)));
        for (int record = 0; record < Count; record++)
            RequireRight(record);
    }

    /// <summary>Reads another bucket, but no records: only <see cref="Count"/>, <see cref="this"/> and <see cref="Next"/> mean something.</summary>
    /// <param name="index">An entry of the directory.</param>
    public void LoadElements(int index)
    {
        Clear();
        GdbmHeader header = snapshot.Header;
        Place = snapshot.BucketAt(index);
        snapshot.Read(_bucket.AsSpan(0, header.BucketSize), Place);
        var bucket = new GdbmBucket(Bucket, header);
        Bits = bucket.Bits;
        int entries = 1 << (header.DirectoryBits - Bits);
        int first = index & ~(entries - 1);
        Next = first + entries;
        bucket.RequireWhole(first << (GdbmHash.Bits - header.DirectoryBits));
        snapshot.RequireBucketOf(index, Bits, Place, isEmpty: false);
        long octets = 0;
        for (int place = 0; place < bucket.Capacity; place++)
        {
            if (bucket.HashAt(place) == GdbmElement.NoHash)
                continue;
            GdbmElement element = bucket[place];
            snapshot.RequirePlausible(element);
            octets += element.Length;
            _records.Add((element, 0));
        }
        // A record belongs to one element only, so they cannot be longer than the file.
        if (octets > snapshot.Identity.Length || octets > Array.MaxLength)
            throw new FileDamageException("records of a bucket overlap");
        Octets = (int)octets;
    }

    /// <summary>Erases everything and gives the room back.</summary>
    public void Dispose()
    {
        Clear();
        ArrayPool<byte>.Shared.Return(_bucket);
        ArrayPool<byte>.Shared.Return(_octets);
        _octets = [];
    }

    private ReadOnlySpan<byte> KeyOf((GdbmElement Element, int At) record) => _octets.AsSpan(record.At, record.Element.KeyLength);

    private void ReadRecords()
    {
        if (Count == 0)
            return;
        long first = _records.Min(record => record.Element.Record);
        long length = _records.Max(record => record.Element.Record + record.Element.Length) - first;
        bool isTogether = length <= MostAtOnce && length <= 2L * Octets;
        Reserve(isTogether ? (int)length : Octets);
        if (isTogether)
            snapshot.Read(_octets.AsSpan(0, _used), first);
        int at = 0;
        for (int index = 0; index < Count; index++)
        {
            GdbmElement element = _records[index].Element;
            _records[index] = (element, isTogether ? (int)(element.Record - first) : at);
            if (!isTogether)
                snapshot.Read(_octets.AsSpan(at, (int)element.Length), element.Record);
            at += (int)element.Length;
        }
    }

    private void RequireRight(int index)
    {
        ReadOnlySpan<byte> key = Key(index);
        this[index].RequireKey(key);
        if (index > 0 && key.SequenceEqual(Key(index - 1)))
            throw new FileDamageException("it has a record twice");
    }

    private void Reserve(int length)
    {
        if (_octets.Length < length)
        {
            ArrayPool<byte>.Shared.Return(_octets);
            _octets = ArrayPool<byte>.Shared.Rent(length);
        }
        _used = length;
    }

    private void Clear()
    {
        CryptographicOperations.ZeroMemory(_octets.AsSpan(0, _used));
        _used = 0;
        _records.Clear();
        Octets = 0;
    }
}
