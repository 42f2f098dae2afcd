using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Berkeley;

/// <summary>A key or a value as it stands on a page: the octets themselves, or where they are.</summary>
internal readonly ref struct BerkeleyItem
{
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
        if (item[0] != BerkeleyLayout.LongItem || item.Length != BerkeleyLayout.LongItemLength)
            throw new FileDamageException("it has an item of no known kind");
        uint firstPage = BerkeleyMeta.Number(item, 4, isBigEndian);
        uint length = BerkeleyMeta.Number(item, 8, isBigEndian);
        if (firstPage == 0 || length == 0 || length > longest)
            throw new FileDamageException("it has a key or a value longer than any sasldb's");
        return new BerkeleyItem([], firstPage, (int)length);
    }
}
