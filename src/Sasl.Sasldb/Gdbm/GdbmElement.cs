using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Gdbm;

/// <summary>What a bucket says about a record.</summary>
/// <param name="Hash">The hash of its key.</param>
/// <param name="KeyStart">The first octets of its key, as they are in the bucket.</param>
/// <param name="Record">Where it is: the key, then the value.</param>
/// <param name="KeyLength">The key's length.</param>
/// <param name="ValueLength">The value's length.</param>
internal readonly record struct GdbmElement(int Hash, uint KeyStart, long Record, int KeyLength, int ValueLength)
{
    /// <summary>What an empty place has for a hash.</summary>
    public const int NoHash = -1;

    /// <summary>The octets of key and value.</summary>
    public long Length => (long)KeyLength + ValueLength;

    /// <summary>Reads one that is not empty.</summary>
    /// <param name="octets">Where it begins.</param>
    /// <param name="layout">How it is kept.</param>
    public static GdbmElement Read(ReadOnlySpan<byte> octets, GdbmLayout layout)
    {
        int lengths = GdbmLayout.RecordAt + layout.Word;
        return new GdbmElement(
            layout.Number(octets, 0),
            BitConverter.ToUInt32(octets[sizeof(int)..]),
            layout.Place(octets, GdbmLayout.RecordAt),
            layout.Number(octets, lengths),
            layout.Number(octets, lengths + sizeof(int)));
    }

    /// <summary>The beginning of a key as a bucket has it, the rest of a shorter one being zero.</summary>
    /// <param name="key">The key.</param>
    public static uint StartOf(ReadOnlySpan<byte> key)
    {
        Span<byte> start = stackalloc byte[GdbmLayout.KeyStart];
        start.Clear();
        key[..Math.Min(key.Length, start.Length)].CopyTo(start);
        return BitConverter.ToUInt32(start);
    }

    /// <summary>Whether the bucket's beginning of the key is that of a key; of a shorter key libgdbm leaves the rest as it was.</summary>
    /// <param name="key">A key of the same length.</param>
    public bool StartsLike(ReadOnlySpan<byte> key)
    {
        Span<byte> start = stackalloc byte[GdbmLayout.KeyStart];
        BitConverter.TryWriteBytes(start, KeyStart);
        int length = Math.Min(key.Length, start.Length);
        return start[..length].SequenceEqual(key[..length]);
    }

    /// <summary>Requires that the record's key has the hash and the beginning that the bucket says.</summary>
    /// <param name="key">The record's key.</param>
    public void RequireKey(ReadOnlySpan<byte> key)
    {
        bool isRight = StartsLike(key) && (GdbmHash.Of(key, GdbmHash.IsSignedHere) == Hash || GdbmHash.Of(key, !GdbmHash.IsSignedHere) == Hash);
        if (!isRight)
            throw new FileDamageException("a record is not the one that its bucket says");
    }
}
