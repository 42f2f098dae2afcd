namespace Sasl.Sasldb.Lmdb;

/// <summary>The numbers of LMDB's file format, version 1, which every liblmdb 0.9 writes: 64-bit words, little-endian.</summary>
/// <remarks>
/// <code>
/// page    number u64 · unused u16 · flags u16 · lower u16 · upper u16 · then what the flags say
///         leaf, branch   u16 places of the entries, in the order of their keys, up to lower; free; the entries from upper on
///         overflow       lower and upper are one u32: how many pages the value takes; the value follows, over all of them
///         meta           pages 0 and 1; see <see cref="LmdbMeta"/>
/// entry   low u16 · high u16 · flags u16 · key length u16 · key · data, at an even place
///         leaf           the data's length is low | high &lt;&lt; 16; with flag 1 the data is the number of an overflow page
///         branch         the child's page is low | high &lt;&lt; 16 | flags &lt;&lt; 32; the first entry's key is empty
/// </code>
/// </remarks>
internal static class LmdbLayout
{
    /// <summary>Marks data and lock files.</summary>
    public const uint Magic = 0xBEEFC0DE;

    /// <summary>The version of the data file that is read and written.</summary>
    public const uint DataVersion = 1;

    /// <summary>Octets before a page's contents.</summary>
    public const int PageHeader = 16;

    /// <summary>Octets before an entry's key.</summary>
    public const int EntryHeader = 8;

    /// <summary>Octets of an entry's place in the page's beginning.</summary>
    public const int PlaceLength = 2;

    /// <summary>The page is a branch.</summary>
    public const ushort Branch = 1;

    /// <summary>The page is a leaf.</summary>
    public const ushort Leaf = 2;

    /// <summary>The page begins a long value.</summary>
    public const ushort Overflow = 4;

    /// <summary>The page is one of the first two.</summary>
    public const ushort Meta = 8;

    /// <summary>The flags that tell what a page is; the others are liblmdb's notes to itself.</summary>
    public const ushort PageKinds = 0x006F;

    /// <summary>The entry's data is on overflow pages.</summary>
    public const ushort LongData = 1;

    /// <summary>No page: an empty tree.</summary>
    public const ulong NoPage = ulong.MaxValue;

    /// <summary>The first page after the two meta pages.</summary>
    public const ulong FirstPage = 2;

    /// <summary>The longest key that liblmdb takes.</summary>
    public const int MaxKey = 511;

    /// <summary>The deepest tree that liblmdb reads.</summary>
    public const int MaxDepth = 32;

    /// <summary>The smallest page size: that of the smallest memory page there is. Two of the longest keys fit into half of it.</summary>
    public const int MinPageSize = 4096;

    /// <summary>The largest page size there is.</summary>
    public const int MaxPageSize = 0x8000;

    /// <summary>The longest key and value that stay in a leaf, so that each has at least two entries: liblmdb's rule.</summary>
    public static int MaxEntry(int pageSize) => (((pageSize - PageHeader) / 2) & ~1) - PlaceLength;

    /// <summary>How many overflow pages a value takes.</summary>
    public static int OverflowPages(long length, int pageSize) => checked((int)((PageHeader - 1 + length) / pageSize) + 1);
}
