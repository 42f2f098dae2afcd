using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sasl.Sasldb.Records;

/// <summary>A sum over records that does not depend on their order: by it files of different forms are compared.</summary>
internal struct SasldbRecordSum : IEquatable<SasldbRecordSum>
{
    private const int Words = SHA256.HashSizeInBytes / sizeof(ulong);

    private ulong _first;
    private ulong _second;
    private ulong _third;
    private ulong _fourth;

    /// <summary>How many records were added.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a record.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">Its value.</param>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        // The key's length comes first, so that no octet can move from the key to the value.
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, key.Length);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(length);
        hash.AppendData(key);
        hash.AppendData(value);
        Span<ulong> words = stackalloc ulong[Words];
        hash.GetHashAndReset(MemoryMarshal.AsBytes(words));
        unchecked
        {
            _first += words[0];
            _second += words[1];
            _third += words[2];
            _fourth += words[3];
        }
        Count++;
    }

    /// <inheritdoc/>
    public readonly bool Equals(SasldbRecordSum other) => Count == other.Count
        && (_first, _second, _third, _fourth) == (other._first, other._second, other._third, other._fourth);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is SasldbRecordSum other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => HashCode.Combine(Count, _first);
}
