using System.Runtime.InteropServices;
using Sasl.Sasldb.Files;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Sasl.Sasldb.Lmdb;

/// <summary>A leaf or branch page, in place. Every access is checked, so that no octets can lead outside of it.</summary>
internal readonly ref struct LmdbPage
{
    private readonly ReadOnlySpan<byte> _octets;
    private readonly int _upper;
    private readonly ulong _number;

    /// <summary>Checks a page's header.</summary>
    /// <param name="octets">The whole page.</param>
    /// <param name="number">Where it was read from.</param>
    /// <param name="isLeaf">What it must be, by its depth in the tree.</param>
    /// <exception cref="FileDamageException">It is not that.</exception>
    public LmdbPage(ReadOnlySpan<byte> octets, ulong number, bool isLeaf)
    {
        ushort kind = (ushort)(ReadUInt16LittleEndian(octets[10..]) & LmdbLayout.PageKinds);
        int lower = ReadUInt16LittleEndian(octets[12..]);
        _upper = ReadUInt16LittleEndian(octets[14..]);
        Used = octets.Length - LmdbLayout.PageHeader - (_upper - lower);
        _octets = octets;
        _number = number;
        Count = (lower - LmdbLayout.PageHeader) / LmdbLayout.PlaceLength;
        IsLeaf = isLeaf;
        if (ReadUInt64LittleEndian(octets) != number)
            throw Damage("is not the page it should be");
        if (kind != (isLeaf ? LmdbLayout.Leaf : LmdbLayout.Branch))
            throw Damage(isLeaf ? "is no leaf" : "is no branch");
        if (lower < LmdbLayout.PageHeader || (lower & 1) != 0 || lower > _upper || _upper > octets.Length)
            throw Damage("has an impossible header");
        if (Count == 0)
            throw Damage("has no entries");
    }

    /// <summary>Whether the entries are records.</summary>
    public bool IsLeaf { get; }

    /// <summary>How many entries there are.</summary>
    public int Count { get; }

    /// <summary>How many octets the entries take, their places included.</summary>
    public int Used { get; }

    /// <summary>One entry, by the order of the keys.</summary>
    /// <exception cref="FileDamageException">It does not lie within the page.</exception>
    public LmdbEntry this[int index]
    {
        get
        {
            int place = PlaceOf(index);
            if (place < _upper || place > _octets.Length - LmdbLayout.EntryHeader)
                throw Damage("has an entry outside");
            ReadOnlySpan<byte> entry = _octets[place..];
            uint low = ReadUInt32LittleEndian(entry);
            ushort flags = ReadUInt16LittleEndian(entry[4..]);
            int keyLength = ReadUInt16LittleEndian(entry[6..]);
            entry = entry[LmdbLayout.EntryHeader..];
            if (keyLength > entry.Length || keyLength > LmdbLayout.MaxKey)
                throw Damage("has a key outside");
            return IsLeaf
                ? LeafEntry(entry[..keyLength], entry[keyLength..], flags, low)
                : new LmdbEntry { Key = index == 0 ? [] : entry[..keyLength], Child = low | ((ulong)flags << 32) };
        }
    }

    /// <summary>Finds a key among the entries.</summary>
    /// <param name="key">The key.</param>
    /// <param name="integers">Whether keys are numbers.</param>
    /// <param name="exact">Whether the entry has that key.</param>
    /// <returns>In a leaf the first entry that is not before the key; in a branch the entry whose child may have it.</returns>
    public int Find(ReadOnlySpan<byte> key, bool integers, out bool exact)
    {
        // In a branch the first entry has no key and stands for everything before the second.
        int low = IsLeaf ? 0 : 1;
        int high = Count;
        exact = false;
        while (low < high)
        {
            int middle = (low + high) / 2;
            int order = Compare(this[middle].Key, key, integers);
            if (order == 0)
            {
                exact = true;
                return middle;
            }
            if (order < 0)
                low = middle + 1;
            else
                high = middle;
        }
        return IsLeaf ? low : low - 1;
    }

    /// <summary>
    /// Requires of an entry what a wrong length, place or key would not have: it ends where another one begins, or the page ends, none begins
    /// within it, and its key is between those of its neighbours.
    /// </summary>
    /// <param name="index">Which entry; of a leaf.</param>
    public void RequireInPlace(int index)
    {
        int start = PlaceOf(index);
        int end = start + SizeOf(this[index]);
        ReadOnlySpan<ushort> places = MemoryMarshal.Cast<byte, ushort>(_octets.Slice(LmdbLayout.PageHeader, Count * LmdbLayout.PlaceLength));
        if (places.ContainsAnyInRange((ushort)(start + 1), (ushort)(end - 1)))
            throw Damage("has entries that overlap");
        if (end != _octets.Length && !places.Contains((ushort)end))
            throw Damage("has an entry of a wrong length");
        ReadOnlySpan<byte> key = this[index].Key;
        if ((index > 0 && this[index - 1].Key.SequenceCompareTo(key) >= 0) || (index + 1 < Count && this[index + 1].Key.SequenceCompareTo(key) <= 0))
            throw Damage("has its keys in disorder");
    }

    /// <summary>Requires that all entries are in order and fill what the header says they do: so none was lost.</summary>
    public void RequireWhole()
    {
        int octets = 0;
        ReadOnlySpan<byte> last = [];
        for (int index = 0; index < Count; index++)
        {
            LmdbEntry entry = this[index];
            octets += SizeOf(entry);
            // The first entry of a branch has a key of any length, which is not looked at.
            if (index > (IsLeaf ? 0 : 1) && last.SequenceCompareTo(entry.Key) >= 0)
                throw Damage("has its keys in disorder");
            last = entry.Key;
        }
        if (!IsLeaf)
            octets += RoundUp(KeyLengthAt(PlaceOf(0)));
        if (octets != _octets.Length - _upper)
            throw Damage("has entries of wrong lengths, or too few");
    }

    /// <summary>The order of two keys.</summary>
    public static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, bool integers)
    {
        if (!integers)
            return left.SequenceCompareTo(right);
        return left.Length == sizeof(ulong) && right.Length == sizeof(ulong)
            ? ReadUInt64LittleEndian(left).CompareTo(ReadUInt64LittleEndian(right))
            : throw new FileDamageException("a key in its list of free pages is no number");
    }

    private LmdbEntry LeafEntry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, ushort flags, uint length)
    {
        int here = flags == LmdbLayout.LongData ? sizeof(ulong) : length <= int.MaxValue ? (int)length : int.MaxValue;
        if (flags is not 0 and not LmdbLayout.LongData)
            throw Damage("has an entry of a kind that no sasldb has");
        if (here > data.Length)
            throw Damage("has a value outside");
        return new LmdbEntry { Key = key, IsLong = flags == LmdbLayout.LongData, Length = length, Data = data[..here] };
    }

    private int PlaceOf(int index) => ReadUInt16LittleEndian(_octets[(LmdbLayout.PageHeader + (index * LmdbLayout.PlaceLength))..]);

    private int KeyLengthAt(int place) => ReadUInt16LittleEndian(_octets[(place + 6)..]);

    private static int SizeOf(in LmdbEntry entry) => RoundUp(LmdbLayout.EntryHeader + entry.Key.Length + entry.Data.Length);

    private static int RoundUp(int length) => (length + 1) & ~1;

    private FileDamageException Damage(string what) => new($"page {_number} {what}");
}
