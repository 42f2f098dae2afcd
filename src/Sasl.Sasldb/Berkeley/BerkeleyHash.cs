using System.Runtime.InteropServices;

namespace Sasl.Sasldb.Berkeley;

/// <summary>The hash function that places records, and the sum that protects pages.</summary>
internal static class BerkeleyHash
{
    private const uint Prime = 16777619;
    private const ulong FingerprintPrime = 0x9E3779B97F4A7C15;

    /// <summary>What the file's creator hashed to let others find out whether they have the same function.</summary>
    public const uint OfTestKey = 0x5E688DD1;

    /// <summary>FNV-1 from zero, Berkeley DB's default.</summary>
    /// <param name="key">A key.</param>
    public static uint Of(ReadOnlySpan<byte> key)
    {
        uint hash = 0;
        foreach (byte octet in key)
            hash = unchecked(hash * Prime) ^ octet;
        return hash;
    }

    /// <summary>
    /// The hash with its lowest bit first. A table that grows splits a bucket by one more low bit of the hash; in this order the two
    /// halves stay neighbours, so a listing in this order loses and repeats nobody when the table grows meanwhile.
    /// </summary>
    /// <param name="hash">A hash, or the number of a bucket.</param>
    public static uint Reverse(uint hash)
    {
        hash = ((hash >> 1) & 0x55555555) | ((hash & 0x55555555) << 1);
        hash = ((hash >> 2) & 0x33333333) | ((hash & 0x33333333) << 2);
        hash = ((hash >> 4) & 0x0F0F0F0F) | ((hash & 0x0F0F0F0F) << 4);
        return System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(hash);
    }

    /// <summary>The checksum of a page, whose own field must read as zero.</summary>
    /// <param name="page">The page's octets up to the field.</param>
    /// <param name="field">How long the field is.</param>
    /// <param name="rest">The octets behind it.</param>
    public static uint Sum(ReadOnlySpan<byte> page, int field, ReadOnlySpan<byte> rest)
    {
        uint sum = 0;
        foreach (byte octet in page)
            sum = unchecked((sum * 33) + octet);
        for (; field > 0; field--)
            sum = unchecked(sum * 33);
        foreach (byte octet in rest)
            sum = unchecked((sum * 33) + octet);
        return sum;
    }

    /// <summary>Folds octets into a number by which two readings of the same place are compared; no protection against malice.</summary>
    /// <param name="before">The number so far.</param>
    /// <param name="octets">What was read; a multiple of eight.</param>
    public static ulong Fingerprint(ulong before, ReadOnlySpan<byte> octets)
    {
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(octets))
            before = unchecked((ulong.RotateLeft(before, 23) ^ word) * FingerprintPrime);
        return before;
    }
}
