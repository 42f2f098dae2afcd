using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Gdbm;

/// <summary>A bucket in memory: a small hash table of elements, searched from an element's own place on to the next empty one.</summary>
internal readonly ref struct GdbmBucket
{
    private readonly ReadOnlySpan<byte> _octets;
    private readonly GdbmLayout _layout;

    /// <summary>Looks at a bucket.</summary>
    /// <param name="octets">All of it.</param>
    /// <param name="header">The file's header.</param>
    /// <exception cref="FileDamageException">Its own numbers are impossible.</exception>
    public GdbmBucket(ReadOnlySpan<byte> octets, GdbmHeader header)
    {
        _octets = octets;
        _layout = header.Layout;
        Bits = _layout.Number(octets, _layout.BucketBitsAt);
        Count = _layout.Number(octets, _layout.BucketBitsAt + sizeof(int));
        Capacity = header.BucketElements;
        if (Bits < 0 || Bits > header.DirectoryBits || Count < 0 || Count > Capacity)
            throw new FileDamageException("a bucket contradicts itself");
    }

    /// <summary>How many of their first bits all hashes here have in common.</summary>
    public int Bits { get; }

    /// <summary>How many elements there are.</summary>
    public int Count { get; }

    /// <summary>For how many there is room.</summary>
    public int Capacity { get; }

    /// <summary>The hash at a place; <see cref="GdbmElement.NoHash"/> when it is empty.</summary>
    public int HashAt(int place) => _layout.Number(_octets, _layout.ElementsAt + (place * _layout.ElementLength));

    /// <summary>The element at a place that is not empty.</summary>
    public GdbmElement this[int place] =>
        GdbmElement.Read(_octets.Slice(_layout.ElementsAt + (place * _layout.ElementLength), _layout.ElementLength), _layout);

    /// <summary>Requires that every element belongs into the bucket of a hash and that there are as many as there should be.</summary>
    /// <param name="hash">A hash of the bucket.</param>
    public void RequireWhole(int hash)
    {
        int found = 0;
        for (int place = 0; place < Capacity; place++)
        {
            int other = HashAt(place);
            if (other == GdbmElement.NoHash)
                continue;
            if (other < 0 || (long)(other ^ hash) >> (GdbmHash.Bits - Bits) != 0)
                throw new FileDamageException("a bucket has a record of another one");
            found++;
        }
        if (found != Count)
            throw new FileDamageException("a bucket has not as many records as it says");
    }
}
