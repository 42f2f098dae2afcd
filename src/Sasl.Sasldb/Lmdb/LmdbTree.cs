using static System.Buffers.Binary.BinaryPrimitives;

namespace Sasl.Sasldb.Lmdb;

/// <summary>What a meta page says about one of the two trees: the free pages, by transaction; or the records.</summary>
/// <param name="Flags">How keys are compared.</param>
/// <param name="Depth">How many pages there are from the root to a leaf; 0 when empty.</param>
/// <param name="BranchPages">How many branch pages.</param>
/// <param name="LeafPages">How many leaf pages.</param>
/// <param name="OverflowPages">How many pages hold long values.</param>
/// <param name="Entries">How many records.</param>
/// <param name="Root">The root page, or <see cref="LmdbLayout.NoPage"/>.</param>
internal readonly record struct LmdbTree(
    ushort Flags, ushort Depth, ulong BranchPages, ulong LeafPages, ulong OverflowPages, ulong Entries, ulong Root)
{
    /// <summary>Octets in the meta page.</summary>
    public const int Size = 48;

    /// <summary>Keys are numbers.</summary>
    public const ushort IntegerKeys = 8;

    /// <summary>A tree without pages.</summary>
    /// <param name="flags">How keys are compared.</param>
    public static LmdbTree Empty(ushort flags) => new(flags, 0, 0, 0, 0, 0, LmdbLayout.NoPage);

    /// <summary>Reads one; the first four octets are the caller's.</summary>
    public static LmdbTree Read(ReadOnlySpan<byte> from) => new(
        ReadUInt16LittleEndian(from[4..]),
        ReadUInt16LittleEndian(from[6..]),
        ReadUInt64LittleEndian(from[8..]),
        ReadUInt64LittleEndian(from[16..]),
        ReadUInt64LittleEndian(from[24..]),
        ReadUInt64LittleEndian(from[32..]),
        ReadUInt64LittleEndian(from[40..]));

    /// <summary>Writes all but the first four octets.</summary>
    public void Write(Span<byte> into)
    {
        WriteUInt16LittleEndian(into[4..], Flags);
        WriteUInt16LittleEndian(into[6..], Depth);
        WriteUInt64LittleEndian(into[8..], BranchPages);
        WriteUInt64LittleEndian(into[16..], LeafPages);
        WriteUInt64LittleEndian(into[24..], OverflowPages);
        WriteUInt64LittleEndian(into[32..], Entries);
        WriteUInt64LittleEndian(into[40..], Root);
    }

    /// <summary>Whether it can be a tree of a file with so many pages.</summary>
    /// <param name="lastPage">The last page in use.</param>
    public bool IsPlausible(ulong lastPage) =>
        Root == LmdbLayout.NoPage
            ? Depth == 0 && Entries == 0
            : Root >= LmdbLayout.FirstPage && Root <= lastPage && Depth is > 0 and <= LmdbLayout.MaxDepth
              && BranchPages <= lastPage && LeafPages <= lastPage && OverflowPages <= lastPage;
}
