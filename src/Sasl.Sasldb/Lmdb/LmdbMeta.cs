using Sasl.Sasldb.Files;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Sasl.Sasldb.Lmdb;

/// <summary>One state of the file: what the last committed transaction wrote into page 0 or 1, whichever its number's parity says.</summary>
/// <remarks>
/// <code>
/// magic u32 · version u32 · address u64 · map size u64 · free tree 48 · record tree 48 · last page u64 · transaction u64
/// </code>
/// The first four octets of the free tree are the page size.
/// </remarks>
/// <param name="PageSize">Octets in a page.</param>
/// <param name="MapSize">How large the file may grow, for liblmdb.</param>
/// <param name="Free">The pages nobody uses any more, by the transaction that let them go.</param>
/// <param name="Records">The records.</param>
/// <param name="LastPage">The last page in use.</param>
/// <param name="Transaction">The number of the transaction that wrote this.</param>
internal sealed record LmdbMeta(int PageSize, ulong MapSize, LmdbTree Free, LmdbTree Records, ulong LastPage, ulong Transaction)
{
    /// <summary>Octets after the page's header.</summary>
    public const int Size = 136;

    /// <summary>Octets of a meta page that mean something.</summary>
    public const int EndInPage = LmdbLayout.PageHeader + Size;

    /// <summary>Where a commit begins to write: what stands before never changes.</summary>
    public const int MutablePart = 16;

    private const ushort NoSubDirectory = 0x4000;

    /// <summary>The state of a new file.</summary>
    public static LmdbMeta New(int pageSize, long mapSize) => new(
        pageSize, (ulong)mapSize, LmdbTree.Empty(LmdbTree.IntegerKeys | NoSubDirectory), LmdbTree.Empty(0), LmdbLayout.FirstPage - 1, 0);

    /// <summary>Whether a file is of this form.</summary>
    /// <param name="header">The beginning of page 0.</param>
    public static bool IsOne(ReadOnlySpan<byte> header) =>
        ReadUInt32LittleEndian(header[LmdbLayout.PageHeader..]) == LmdbLayout.Magic
        && ReadUInt32LittleEndian(header[(LmdbLayout.PageHeader + sizeof(uint))..]) == LmdbLayout.DataVersion;

    /// <summary>Says what to do with an LMDB file that is not of this form.</summary>
    /// <param name="header">The beginning of page 0.</param>
    /// <returns>Null for any other file.</returns>
    public static string? DescribeRelative(ReadOnlySpan<byte> header)
    {
        // A page's header is of another length with words of 32 bits, and in LMDB 1.0.
        foreach (int place in (ReadOnlySpan<int>)[12, LmdbLayout.PageHeader, 24])
        {
            uint number = ReadUInt32LittleEndian(header[place..]);
            if (number == LmdbLayout.Magic || ReverseEndianness(number) == LmdbLayout.Magic)
                return "this is an LMDB file of another version, word size or byte order; copy it with mdb_dump -n there and mdb_load -n here";
        }
        return null;
    }

    /// <summary>Chooses the newer of the two.</summary>
    /// <param name="first">The meaningful octets of page 0.</param>
    /// <param name="second">Those of page 1.</param>
    /// <remarks>The older one may be half written: by a writer at this moment, or by one that the machine's failure stopped.</remarks>
    /// <exception cref="FileDamageException">One of them is no meta page, they contradict each other, or the newer contradicts itself.</exception>
    public static LmdbMeta Newer(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        LmdbMeta zero = Parse(first, 0);
        LmdbMeta one = Parse(second, 1);
        if (zero.PageSize != one.PageSize)
            throw new FileDamageException("its two meta pages give different page sizes");
        LmdbMeta newer = one.Transaction > zero.Transaction ? one : zero;
        // Each transaction writes over the page of the one before the last.
        if (newer.Transaction != 0 && newer.Transaction - Math.Min(zero.Transaction, one.Transaction) != 1)
            throw new FileDamageException("its two meta pages are not of two transactions in a row");
        if (newer.LastPage < (newer == one ? zero : one).LastPage)
            throw new FileDamageException("its newer meta page has fewer pages than the older one");
        if (newer.Transaction != 0 && (newer.Transaction & 1) != (newer == one ? 1UL : 0UL))
            throw new FileDamageException("its newest meta page is in the wrong place");
        return newer.IsPlausible ? newer : throw new FileDamageException("its newest meta page contradicts itself");
    }

    /// <summary>Whether this can be a state of a sasldb at all.</summary>
    public bool IsPlausible =>
        LastPage >= LmdbLayout.FirstPage - 1 && LastPage < (ulong)(long.MaxValue / PageSize) && Transaction < long.MaxValue
        && Free.IsPlausible(LastPage) && Records.IsPlausible(LastPage)
        && Records.Flags == 0 && (Free.Flags & LmdbTree.IntegerKeys) != 0;

    /// <summary>Reads the page size alone, to find the second meta page.</summary>
    /// <param name="first">The meaningful octets of page 0.</param>
    public static int ReadPageSize(ReadOnlySpan<byte> first)
    {
        uint size = ReadUInt32LittleEndian(first[(LmdbLayout.PageHeader + 24)..]);
        return size is >= LmdbLayout.MinPageSize and <= LmdbLayout.MaxPageSize && (size & (size - 1)) == 0
            ? (int)size
            : throw new FileDamageException("its meta page gives an impossible page size");
    }

    /// <summary>Writes the meaningful octets of a meta page.</summary>
    /// <param name="into">The page.</param>
    /// <param name="page">0 or 1.</param>
    public void Write(Span<byte> into, ulong page)
    {
        into[..EndInPage].Clear();
        WriteUInt64LittleEndian(into, page);
        WriteUInt16LittleEndian(into[10..], LmdbLayout.Meta);
        Span<byte> meta = into[LmdbLayout.PageHeader..];
        WriteUInt32LittleEndian(meta, LmdbLayout.Magic);
        WriteUInt32LittleEndian(meta[4..], LmdbLayout.DataVersion);
        WriteUInt64LittleEndian(meta[16..], MapSize);
        WriteUInt32LittleEndian(meta[24..], (uint)PageSize);
        Free.Write(meta[24..]);
        Records.Write(meta[72..]);
        WriteUInt64LittleEndian(meta[120..], LastPage);
        WriteUInt64LittleEndian(meta[128..], Transaction);
    }

    private static LmdbMeta Parse(ReadOnlySpan<byte> page, ulong number)
    {
        ReadOnlySpan<byte> meta = page.Slice(LmdbLayout.PageHeader, Size);
        if (ReadUInt64LittleEndian(page) != number || (ReadUInt16LittleEndian(page[10..]) & LmdbLayout.PageKinds) != LmdbLayout.Meta
            || ReadUInt32LittleEndian(meta) != LmdbLayout.Magic || ReadUInt32LittleEndian(meta[4..]) != LmdbLayout.DataVersion)
        {
            throw new FileDamageException($"page {number} is no meta page");
        }
        return new LmdbMeta(
            ReadPageSize(page),
            ReadUInt64LittleEndian(meta[16..]),
            LmdbTree.Read(meta[24..]),
            LmdbTree.Read(meta[72..]),
            ReadUInt64LittleEndian(meta[120..]),
            ReadUInt64LittleEndian(meta[128..]));
    }
}
