using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Berkeley;

/// <summary>A page of records, in place. Every access is checked, so that no octets can lead outside of it.</summary>
/// <remarks>
/// Header: log position 8, number 4, previous page 4, next page 4, items 2, lowest octet in use 2, level 1, kind 1. Then the places of the
/// items, two octets each: keys and values in turn, each item ending where the one before it begins, the first at the end of the page.
/// </remarks>
internal readonly ref struct BerkeleyPage
{
    private readonly ReadOnlySpan<byte> _octets;
    private readonly bool _isBigEndian;
    private readonly bool _hasSeveralValues;
    private readonly int _header;
    private readonly int _items;
    private readonly uint _number;

    /// <summary>Checks a page's header.</summary>
    /// <param name="octets">The whole page.</param>
    /// <param name="number">Where it was read from.</param>
    /// <param name="previous">The page that led here; 0 for the first of a bucket.</param>
    /// <param name="meta">How the file is built.</param>
    /// <exception cref="FileDamageException">It is not what it should be.</exception>
    public BerkeleyPage(ReadOnlySpan<byte> octets, uint number, uint previous, BerkeleyMeta meta)
    {
        _octets = octets;
        _number = number;
        _isBigEndian = meta.IsBigEndian;
        _hasSeveralValues = meta.HasSeveralValues;
        _header = meta.PageHeader;
        // A bucket that never had a record may have a page that was never written.
        if (octets[25] == BerkeleyLayout.UnusedPage && previous == 0 && octets.IndexOfAnyExcept((byte)0) < 0)
            return;
        _items = BerkeleyMeta.ShortNumber(octets, 20, _isBigEndian);
        int lowest = BerkeleyMeta.ShortNumber(octets, 22, _isBigEndian);
        Next = BerkeleyMeta.Number(octets, 16, _isBigEndian);
        IsSorted = octets[25] == BerkeleyLayout.SortedPage;
        if (BerkeleyMeta.Number(octets, 8, _isBigEndian) != number)
            throw Damage("is not the page it should be");
        if (octets[25] is not (BerkeleyLayout.SortedPage or BerkeleyLayout.UnsortedPage))
            throw Damage("is no page of records");
        // No page has two before it: so a chain that passes this test has an end.
        if (BerkeleyMeta.Number(octets, 12, _isBigEndian) != previous)
            throw Damage("does not belong to the bucket that leads to it");
        if ((_items & 1) != 0 || _header + (2 * _items) > octets.Length)
            throw Damage("has an impossible number of items");
        if (lowest != (ushort)(_items == 0 ? octets.Length : Place(_items - 1)))
            throw Damage("has an impossible header");
    }

    /// <summary>How many records there are.</summary>
    public int Count => _items / 2;

    /// <summary>Whether the records are in the order of their keys.</summary>
    public bool IsSorted { get; }

    /// <summary>The bucket's next page; 0 at its end.</summary>
    public uint Next { get; }

    /// <summary>A record's key.</summary>
    /// <param name="index">Which record.</param>
    public BerkeleyItem Key(int index) => BerkeleyItem.Read(Item(2 * index), BerkeleyLayout.MaxKey, _isBigEndian);

    /// <summary>A record's value.</summary>
    /// <param name="index">Which record.</param>
    public BerkeleyItem Value(int index) => _hasSeveralValues
        ? BerkeleyItem.ReadFirst(Item((2 * index) + 1), BerkeleyLayout.MaxValue, _isBigEndian)
        : BerkeleyItem.Read(Item((2 * index) + 1), BerkeleyLayout.MaxValue, _isBigEndian);

    /// <summary>What is wrong with the page.</summary>
    /// <param name="what">The rest of the sentence.</param>
    public FileDamageException Damage(string what) => new($"page {_number} {what}");

    private int Place(int item) => BerkeleyMeta.ShortNumber(_octets, _header + (2 * item), _isBigEndian);

    private ReadOnlySpan<byte> Item(int item)
    {
        int start = Place(item);
        int end = item == 0 ? _octets.Length : Place(item - 1);
        return start >= _header + (2 * _items) && start < end && end <= _octets.Length
            ? _octets[start..end]
            : throw Damage("has an item at an impossible place");
    }
}
