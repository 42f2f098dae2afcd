using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Berkeley;

/// <summary>A key or a value as it stands on a page: the octets themselves, or where they are.</summary>
internal readonly ref struct BerkeleyItem
{
    private const int TreeItemLength = 8;    // kind, three octets of anything, page
    private const int SeveralHeader = sizeof(ushort);

    private BerkeleyItem(ReadOnlySpan<byte> octets, uint firstPage, int length)
    {
        Octets = octets;
        FirstPage = firstPage;
        Length = length;
    }

    /// <summary>The octets; empty when they are elsewhere.</summary>
    public ReadOnlySpan<byte> Octets { get; }

    /// <summary>The page that the octets begin on; 0 when they are here.</summary>
    public uint FirstPage { get; }

    /// <summary>Where on that page they are, among others; 0 when they have it and those behind it for themselves.</summary>
    public int Place { get; private init; }

    /// <summary>Whether there are several values, in a tree that begins on that page: see <see cref="BerkeleySnapshot.Value"/>.</summary>
    public bool IsTree { get; private init; }

    /// <summary>How many octets there are.</summary>
    public int Length { get; }

    /// <summary>Whether the octets are on pages of their own.</summary>
    public bool IsLong => FirstPage != 0;

    /// <summary>Reads an item.</summary>
    /// <param name="item">All of it, its kind first; not empty.</param>
    /// <param name="longest">How long the octets may be.</param>
    /// <param name="isBigEndian">In which order numbers are.</param>
    /// <exception cref="FileDamageException">It is nothing that a sasldb has.</exception>
    public static BerkeleyItem Read(ReadOnlySpan<byte> item, int longest, bool isBigEndian)
    {
        if (item[0] == BerkeleyLayout.ShortItem)
            return new BerkeleyItem(item[1..], 0, item.Length - 1);
        if (item[0] is BerkeleyLayout.DuplicatesItem or BerkeleyLayout.DuplicateTreeItem)
            throw new FileDamageException("it has several values for a key, and says it has not");
        return item[0] == BerkeleyLayout.LongItem && item.Length == BerkeleyLayout.LongItemLength
            ? Long(BerkeleyMeta.Number(item, 4, isBigEndian), BerkeleyMeta.Number(item, 8, isBigEndian), longest)
            : throw new FileDamageException("it has an item of no known kind");
    }

    /// <summary>Reads the value of a key that may have several: the first, which Cyrus SASL reads too.</summary>
    /// <inheritdoc cref="Read"/>
    public static BerkeleyItem ReadFirst(ReadOnlySpan<byte> item, int longest, bool isBigEndian)
    {
        if (item[0] == BerkeleyLayout.DuplicateTreeItem && item.Length == TreeItemLength)
            return new BerkeleyItem([], BerkeleyMeta.Number(item, 4, isBigEndian), 0) { IsTree = true };
        if (item[0] != BerkeleyLayout.DuplicatesItem)
            return Read(item, longest, isBigEndian);
        // Each has its length before it and behind it.
        ReadOnlySpan<byte> several = item[1..];
        int length = several.Length < 2 * SeveralHeader ? several.Length : BerkeleyMeta.ShortNumber(several, 0, isBigEndian);
        return length <= several.Length - (2 * SeveralHeader) && BerkeleyMeta.ShortNumber(several, SeveralHeader + length, isBigEndian) == length
            ? new BerkeleyItem(several.Slice(SeveralHeader, length), 0, length)
            : throw new FileDamageException("it has several values for a key, at impossible places");
    }

    /// <summary>An item on pages of its own.</summary>
    /// <param name="firstPage">The first of them.</param>
    /// <param name="length">How many octets there are.</param>
    /// <param name="longest">How many there may be.</param>
    public static BerkeleyItem Long(uint firstPage, uint length, int longest) => firstPage != 0 && length != 0 && length <= longest
        ? new BerkeleyItem([], firstPage, (int)length)
        : throw new FileDamageException("it has a key or a value longer than any sasldb's");

    /// <summary>An item among others of a page that is not at hand.</summary>
    /// <param name="page">Which page.</param>
    /// <param name="place">Where on it.</param>
    /// <param name="length">How many octets there are.</param>
    public static BerkeleyItem Elsewhere(uint page, int place, int length) => new([], page, length) { Place = place };
}
