using static System.Buffers.Binary.BinaryPrimitives;

namespace Sasl.Sasldb.Lmdb;

/// <summary>An entry taken off its page, for writing onto another.</summary>
/// <param name="Key">Its key. For the first entry of a branch, which has none on its page, the key that its parent has for it.</param>
/// <param name="Child">In a branch: the child's page.</param>
/// <param name="IsLong">In a leaf: whether the value is on overflow pages.</param>
/// <param name="Length">In a leaf: how long the value is.</param>
/// <param name="Data">In a leaf: the value, or, when long, the number of its first page.</param>
internal sealed record LmdbItem(byte[] Key, ulong Child, bool IsLong, uint Length, byte[] Data)
{
    /// <summary>An entry of a branch.</summary>
    public static LmdbItem ForChild(byte[] key, ulong child) => new(key, child, false, 0, []);

    /// <summary>How much of a page it takes, its place included.</summary>
    public int Size => RoundUp(LmdbLayout.EntryHeader + Key.Length + Data.Length) + LmdbLayout.PlaceLength;

    /// <summary>Takes all entries off a page.</summary>
    /// <param name="page">The page.</param>
    /// <param name="low">The key that the parent has for the page.</param>
    public static List<LmdbItem> TakeAll(in LmdbPage page, byte[] low)
    {
        var items = new List<LmdbItem>(page.Count + 1);
        for (int index = 0; index < page.Count; index++)
        {
            LmdbEntry entry = page[index];
            items.Add(page.IsLeaf
                ? new LmdbItem(entry.Key.ToArray(), 0, entry.IsLong, entry.Length, entry.Data.ToArray())
                : ForChild(index == 0 ? low : entry.Key.ToArray(), entry.Child));
        }
        return items;
    }

    /// <summary>Writes a page.</summary>
    /// <param name="items">Its entries; they fit.</param>
    /// <param name="isLeaf">What it is.</param>
    /// <param name="number">Its number.</param>
    /// <param name="octets">The whole page; overwritten.</param>
    public static void WriteAll(ReadOnlySpan<LmdbItem> items, bool isLeaf, ulong number, Span<byte> octets)
    {
        octets.Clear();
        int place = octets.Length;
        for (int index = 0; index < items.Length; index++)
        {
            LmdbItem item = items[index];
            ReadOnlySpan<byte> key = !isLeaf && index == 0 ? [] : item.Key;
            place -= RoundUp(LmdbLayout.EntryHeader + key.Length + item.Data.Length);
            WriteUInt16LittleEndian(octets[(LmdbLayout.PageHeader + (index * LmdbLayout.PlaceLength))..], (ushort)place);
            item.Write(octets[place..], key, isLeaf);
        }
        WriteUInt64LittleEndian(octets, number);
        WriteUInt16LittleEndian(octets[10..], isLeaf ? LmdbLayout.Leaf : LmdbLayout.Branch);
        WriteUInt16LittleEndian(octets[12..], (ushort)(LmdbLayout.PageHeader + (items.Length * LmdbLayout.PlaceLength)));
        WriteUInt16LittleEndian(octets[14..], (ushort)place);
    }

    private void Write(Span<byte> into, ReadOnlySpan<byte> key, bool isLeaf)
    {
        WriteUInt32LittleEndian(into, isLeaf ? Length : (uint)Child);
        WriteUInt16LittleEndian(into[4..], isLeaf ? (IsLong ? LmdbLayout.LongData : (ushort)0) : (ushort)(Child >> 32));
        WriteUInt16LittleEndian(into[6..], (ushort)key.Length);
        key.CopyTo(into[LmdbLayout.EntryHeader..]);
        Data.CopyTo(into[(LmdbLayout.EntryHeader + key.Length)..]);
    }

    private static int RoundUp(int length) => (length + 1) & ~1;
}
