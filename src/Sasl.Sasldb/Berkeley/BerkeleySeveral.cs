using System.Buffers;
using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Berkeley;

/// <summary>Finds the first of the values of a key that are so many, or so long, that Berkeley DB has put them into a tree of their own.</summary>
/// <remarks>
/// A tree's page has the header of every page, then the places of its entries, two octets each. An entry of an inner page names a page below it,
/// at its beginning, or behind four octets where the values are in order; one of a leaf is length 2, kind 1, octets; or, for a long value,
/// unused 2, kind 1, unused 1, first page 4, length 4.
/// </remarks>
internal static class BerkeleySeveral
{
    private const int MaxLevels = 32;    // a level multiplies by two at least, and pages have numbers of 32 bits

    private const byte InnerPageOfSorted = 3;
    private const byte InnerPage = 4;
    private const byte Leaf = 6;
    private const byte LeafOfSorted = 12;

    private const int KindAt = 2;
    private const int ShortHeader = 3;
    private const int LongEntry = 12;
    private const int InnerEntry = 8;
    private const byte Short = 1;
    private const byte Long = 3;
    private const byte Deleted = 0x80;

    /// <summary>Goes down to the first value.</summary>
    /// <param name="snapshot">The file.</param>
    /// <param name="root">The tree's first page.</param>
    /// <returns>Where the value is.</returns>
    /// <exception cref="FileDamageException">It is no such tree.</exception>
    public static BerkeleyItem First(BerkeleySnapshot snapshot, uint root)
    {
        BerkeleyMeta meta = snapshot.Meta;
        byte[] rented = ArrayPool<byte>.Shared.Rent(meta.PageSize);
        try
        {
            Span<byte> page = rented.AsSpan(0, meta.PageSize);
            uint number = root;
            for (int level = 0; level < MaxLevels; level++)
            {
                snapshot.Read(number, page);
                if (BerkeleyMeta.Number(page, 8, meta.IsBigEndian) != number)
                    break;
                if (page[25] is Leaf or LeafOfSorted)
                    return FirstOf(page, number, meta);
                if (page[25] is not (InnerPage or InnerPageOfSorted))
                    break;
                number = BerkeleyMeta.Number(page, Place(page, 0, InnerEntry, meta) + (page[25] == InnerPage ? 0 : 4), meta.IsBigEndian);
            }
            throw new FileDamageException("it has several values for a key, in no order that leads to the first");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    private static BerkeleyItem FirstOf(ReadOnlySpan<byte> page, uint number, BerkeleyMeta meta)
    {
        for (int index = 0; index < Count(page, meta); index++)
        {
            int place = Place(page, index, ShortHeader, meta);
            byte kind = page[place + KindAt];
            if (kind == Short)
            {
                int length = BerkeleyMeta.ShortNumber(page, place, meta.IsBigEndian);
                return BerkeleyItem.Elsewhere(number, Place(page, index, ShortHeader + length, meta) + ShortHeader, length);
            }
            if (kind == Long)
            {
                place = Place(page, index, LongEntry, meta);
                return BerkeleyItem.Long(
                    BerkeleyMeta.Number(page, place + 4, meta.IsBigEndian), BerkeleyMeta.Number(page, place + 8, meta.IsBigEndian), BerkeleyLayout.MaxValue);
            }
            if (kind is not ((Short | Deleted) or (Long | Deleted)))
                break;
        }
        throw new FileDamageException($"page {number} has no value that could be read");
    }

    private static int Count(ReadOnlySpan<byte> page, BerkeleyMeta meta) => BerkeleyMeta.ShortNumber(page, 20, meta.IsBigEndian);

    // Where an entry is, which has so many octets at least.
    private static int Place(ReadOnlySpan<byte> page, int index, int length, BerkeleyMeta meta)
    {
        int lowest = meta.PageHeader + (2 * Count(page, meta));
        int place = index < Count(page, meta) && lowest <= page.Length ? BerkeleyMeta.ShortNumber(page, meta.PageHeader + (2 * index), meta.IsBigEndian) : 0;
        return place >= lowest && place <= page.Length - length
            ? place
            : throw new FileDamageException("it has several values for a key, at impossible places");
    }
}
