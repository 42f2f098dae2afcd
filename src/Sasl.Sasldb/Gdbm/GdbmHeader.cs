using System.Buffers.Binary;
using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Gdbm;

/// <summary>The beginning of a file: where its directory is, and how long everything is. Its numbers agree with each other.</summary>
/// <param name="Layout">Where the numbers are.</param>
/// <param name="Kind">Which form of the header.</param>
/// <param name="BlockSize">The length of a block in octets.</param>
/// <param name="Directory">Where the directory is.</param>
/// <param name="DirectoryBits">How many bits of a hash choose its entry.</param>
/// <param name="BucketSize">The length of a bucket in octets.</param>
/// <param name="NextBlock">The end of all that is used.</param>
internal sealed record GdbmHeader(
    GdbmLayout Layout, GdbmKind Kind, int BlockSize, long Directory, int DirectoryBits, int BucketSize, long NextBlock)
{
    /// <summary>The smallest block: libgdbm makes none below 512, but older ones did. Room for the header and one free space.</summary>
    public const int MinBlockSize = 128;

    /// <summary>The largest block and bucket: four times the largest that a file system recommends.</summary>
    public const int MaxBlockSize = 16 * 1024 * 1024;

    /// <summary>The smallest directory that libgdbm makes.</summary>
    public const int MinDirectoryBits = 3;

    /// <summary>The largest directory, whose length in octets is one of C's int.</summary>
    public const int MaxDirectoryBits = 28;

    /// <summary>How many elements a bucket has.</summary>
    public int BucketElements => Layout.ElementsOf(BucketSize);

    /// <summary>How many entries the directory has.</summary>
    public int DirectoryCount => 1 << DirectoryBits;

    /// <summary>Whether a file is of this form, in whatever layout.</summary>
    /// <param name="header">Its first octets.</param>
    public static bool IsOne(ReadOnlySpan<byte> header) =>
        header.Length >= sizeof(uint)
        && (new GdbmKind(BinaryPrimitives.ReadUInt32LittleEndian(header)).IsOne || new GdbmKind(BinaryPrimitives.ReadUInt32BigEndian(header)).IsOne);

    /// <summary>Understands a header.</summary>
    /// <param name="octets">The file's first <see cref="GdbmLayout.MaxHeaderLength"/> octets.</param>
    /// <exception cref="FileDamageException">It is none, or contradicts itself.</exception>
    public static GdbmHeader Read(ReadOnlySpan<byte> octets)
    {
        bool isOne = false;
        foreach (GdbmLayout layout in GdbmLayout.All)
        {
            GdbmKind kind = KindOf(octets, layout);
            isOne |= kind.IsOne;
            if (kind.IsOne && kind.Allows(layout) && TryRead(octets, layout, kind) is { } header)
                return header;
        }
        throw new FileDamageException(isOne ? "the numbers at its beginning contradict each other" : "it does not begin like a GDBM file");
    }

    /// <summary>Whether something is within the part of the file that is used, and behind the header.</summary>
    /// <param name="place">Where.</param>
    /// <param name="length">How many octets.</param>
    public bool Contains(long place, long length) => place >= BlockSize && length >= 0 && place <= NextBlock - length;

    /// <summary>Writes it.</summary>
    /// <param name="into">Room for it.</param>
    public void Write(Span<byte> into)
    {
        Layout.WriteNumber(into, 0, (int)Kind.Magic);
        Layout.WriteNumber(into, 4, BlockSize);
        Layout.WritePlace(into, 8, Directory);
        int at = Layout.DirectorySizeAt;
        Layout.WriteNumber(into, at, Layout.Word << DirectoryBits);
        Layout.WriteNumber(into, at + 4, DirectoryBits);
        Layout.WriteNumber(into, at + 8, BucketSize);
        Layout.WriteNumber(into, at + 12, BucketElements);
        Layout.WritePlace(into, Layout.NextBlockAt, NextBlock);
    }

    private static GdbmKind KindOf(ReadOnlySpan<byte> octets, GdbmLayout layout) => new((uint)layout.Number(octets, 0));

    private static GdbmHeader? TryRead(ReadOnlySpan<byte> octets, GdbmLayout layout, GdbmKind kind)
    {
        int at = layout.DirectorySizeAt;
        int bits = layout.Number(octets, at + 4);
        int bucketSize = layout.Number(octets, at + 8);
        if (bits is < MinDirectoryBits or > MaxDirectoryBits || layout.Number(octets, at) != (long)layout.Word << bits
            || bucketSize < layout.ElementsAt + layout.ElementLength || bucketSize > MaxBlockSize
            || layout.Number(octets, at + 12) != layout.ElementsOf(bucketSize))
            return null;
        var header = new GdbmHeader(
            layout, kind, layout.Number(octets, 4), layout.Place(octets, 8), bits, bucketSize, layout.Place(octets, layout.NextBlockAt));
        bool isPlausible = header.BlockSize is >= MinBlockSize and <= MaxBlockSize
            && header.Contains(header.Directory, (long)layout.Word << bits);
        return isPlausible ? header : null;
    }
}
