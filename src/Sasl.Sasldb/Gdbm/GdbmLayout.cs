using System.Buffers.Binary;

namespace Sasl.Sasldb.Gdbm;

/// <summary>
/// The places of the numbers in a GDBM file. The file is C's structures as they are in memory, so the places depend on the machine that
/// made it: on the length of a file offset, on whether it is aligned to its own length, and on the order of octets.
/// </summary>
/// <remarks>
/// <code>
/// header      magic i32 · block size i32 · directory off · its octets i32 · its bits i32 · bucket size i32 · elements of a bucket i32
///             · next block off; in the extended form then version i32 · counter of syncs i32 · 6 unused i32
///             · the free list's first block, up to the end of the header's block
/// directory   2^bits times off: the bucket of the hashes that begin with the entry's number
/// bucket      free spaces i32 · 6 free spaces · bits i32 · count i32 · elements
/// element     hash i32, -1 for none · the key's first 4 octets · record off · key length i32 · value length i32
/// record      key · value
/// free list   room for so many i32 · so many there are i32 · next block off · free spaces
/// free space  length i32 · place off
/// </code>
/// </remarks>
internal sealed class GdbmLayout
{
    /// <summary>How many octets of the key an element has.</summary>
    public const int KeyStart = 4;

    /// <summary>How many free spaces a bucket knows.</summary>
    public const int BucketSpaces = 6;

    /// <summary>The longest header; what is beyond a shorter one's end belongs to the free list.</summary>
    public const int MaxHeaderLength = 40;

    /// <summary>The octets that the extended form has behind the header.</summary>
    public const int ExtensionLength = 32;

    private readonly bool _isAligned;

    private GdbmLayout(int word, bool isAligned, bool isBigEndian)
    {
        Word = word;
        _isAligned = isAligned;
        IsBigEndian = isBigEndian;
    }

    /// <summary>The layouts there are: Linux on 64-bit machines, Intel's 32-bit ones with large files, and 32-bit ones without.</summary>
    public static IReadOnlyList<GdbmLayout> All { get; } =
    [
        new(sizeof(long), isAligned: true, isBigEndian: false), new(sizeof(long), isAligned: false, isBigEndian: false),
        new(sizeof(int), isAligned: true, isBigEndian: false),
        new(sizeof(long), isAligned: true, isBigEndian: true), new(sizeof(long), isAligned: false, isBigEndian: true),
        new(sizeof(int), isAligned: true, isBigEndian: true),
    ];

    /// <summary>What libgdbm has on a 64-bit machine like this one.</summary>
    public static GdbmLayout Native { get; } = All.First(layout => layout.IsBigEndian == !BitConverter.IsLittleEndian);

    /// <summary>The length of an offset in octets.</summary>
    public int Word { get; }

    /// <summary>Whether numbers begin with their highest octet.</summary>
    public bool IsBigEndian { get; }

    /// <summary>The header's length, without an extension.</summary>
    public int HeaderLength => 24 + (2 * Word);

    /// <summary>Where the directory's length is in the header.</summary>
    public int DirectorySizeAt => 8 + Word;

    /// <summary>Where the next block is in the header.</summary>
    public int NextBlockAt => 24 + Word;

    /// <summary>The length of a free space's description.</summary>
    public int SpaceLength => Word + SpacePlaceAt;

    /// <summary>Where the place is in a free space's description.</summary>
    public int SpacePlaceAt => _isAligned ? Word : sizeof(int);

    /// <summary>Where the free spaces are in a block of the free list.</summary>
    public int SpacesAt => 8 + Word;

    /// <summary>Where the free spaces are in a bucket.</summary>
    public int BucketSpacesAt => _isAligned ? Word : sizeof(int);

    /// <summary>Where a bucket's number of bits is; the count of its elements follows.</summary>
    public int BucketBitsAt => BucketSpacesAt + (BucketSpaces * SpaceLength);

    /// <summary>Where a bucket's elements are.</summary>
    public int ElementsAt => BucketBitsAt + (2 * sizeof(int));

    /// <summary>The length of an element.</summary>
    public int ElementLength => 16 + Word;

    /// <summary>Where the record's place is in an element.</summary>
    public static int RecordAt => 8;

    /// <summary>How many elements a bucket has.</summary>
    /// <param name="bucketSize">Its length.</param>
    public int ElementsOf(int bucketSize) => (bucketSize - ElementsAt) / ElementLength;

    /// <summary>Reads a number.</summary>
    public int Number(ReadOnlySpan<byte> from, int at) =>
        IsBigEndian ? BinaryPrimitives.ReadInt32BigEndian(from[at..]) : BinaryPrimitives.ReadInt32LittleEndian(from[at..]);

    /// <summary>Reads a place in the file.</summary>
    public long Place(ReadOnlySpan<byte> from, int at) => Word == sizeof(int)
        ? Number(from, at)
        : IsBigEndian ? BinaryPrimitives.ReadInt64BigEndian(from[at..]) : BinaryPrimitives.ReadInt64LittleEndian(from[at..]);

    /// <summary>Writes a number.</summary>
    public void WriteNumber(Span<byte> into, int at, int number)
    {
        if (IsBigEndian)
            BinaryPrimitives.WriteInt32BigEndian(into[at..], number);
        else
            BinaryPrimitives.WriteInt32LittleEndian(into[at..], number);
    }

    /// <summary>Writes a place in the file.</summary>
    public void WritePlace(Span<byte> into, int at, long place)
    {
        if (Word == sizeof(int))
            WriteNumber(into, at, checked((int)place));
        else if (IsBigEndian)
            BinaryPrimitives.WriteInt64BigEndian(into[at..], place);
        else
            BinaryPrimitives.WriteInt64LittleEndian(into[at..], place);
    }
}
