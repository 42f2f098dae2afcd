using System.Numerics;
using Sasl.Sasldb.Files;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Sasl.Sasldb.Berkeley;

/// <summary>Page 0: how the file is built, and how many buckets its records are spread over.</summary>
internal sealed record BerkeleyMeta
{
    /// <summary>The versions that are read: those of Berkeley DB 4.2 to 4.5, 4.6 to 5.3, and 6.</summary>
    public const uint OldestVersion = 8;

    /// <summary>The version that Berkeley DB 4.6 to 5.3 write, and so do we.</summary>
    public const uint NewVersion = 9;

    /// <summary>The version of Berkeley DB 6.</summary>
    public const uint NewestVersion = 10;

    private const uint Magic = 0x061561;
    private const uint TreeMagic = 0x053162;
    private const uint QueueMagic = 0x042253;
    private const uint SeveralValues = 1 | 4;
    private const uint SeveralDatabases = 2;
    private const uint NoLog = 1;
    private const string Stranger = "this is no Berkeley DB file";
    private const int MagicAt = 12;
    private const int TestKeyAt = 92;
    private const int IdAt = 52;
    private const int IdLength = 20;
    private const int SparesAt = 96;

    private readonly uint[] _spares = new uint[BerkeleyLayout.Levels];

    /// <summary>Whether its numbers have the high octet first; those of the machine that made it.</summary>
    public bool IsBigEndian { get; init; } = !BitConverter.IsLittleEndian;

    /// <summary>The version of the form.</summary>
    public uint Version { get; init; } = NewVersion;

    /// <summary>The size of a page in octets.</summary>
    public int PageSize { get; init; } = BerkeleyLayout.NewPageSize;

    /// <summary>Whether each page has a checksum.</summary>
    public bool HasChecksums { get; init; }

    /// <summary>Whether a key may have several values. Only a file that Cyrus SASL has not made is so.</summary>
    public bool HasSeveralValues { get; init; }

    /// <summary>The first unused page; 0 where there is none.</summary>
    public uint FirstFree { get; init; }

    /// <summary>The last page.</summary>
    public uint LastPage { get; init; }

    /// <summary>The last bucket.</summary>
    public uint MaxBucket { get; init; }

    /// <summary>Which bits of a hash choose among all buckets, and some that are not there yet.</summary>
    public uint HighMask { get; init; }

    /// <summary>Which bits choose for a hash whose bucket is not there yet.</summary>
    public uint LowMask { get; init; }

    /// <summary>How many records a bucket should have before the table grows; 0 leaves it to Berkeley DB.</summary>
    public uint FillFactor { get; init; }

    /// <summary>How many records there are, as far as who wrote the file kept count.</summary>
    public uint Count { get; init; }

    /// <summary>The file's own number, by which Berkeley DB tells it from others.</summary>
    public ReadOnlyMemory<byte> Id { get; init; }

    /// <summary>By what two readings are compared.</summary>
    public ulong Fingerprint { get; init; }

    /// <summary>Where the items' places begin on a page.</summary>
    public int PageHeader => HasChecksums ? BerkeleyLayout.PageHeaderWithChecksum : BerkeleyLayout.PageHeader;

    /// <summary>How many octets of a long key or value a page holds.</summary>
    public int RoomInLongPage => PageSize - PageHeader;

    /// <summary>A table whose buckets are a power of two and follow page 0 in their order.</summary>
    /// <param name="like">What else the file is to be like.</param>
    /// <param name="buckets">How many.</param>
    public static BerkeleyMeta New(BerkeleyMeta like, uint buckets)
    {
        var meta = new BerkeleyMeta
        {
            IsBigEndian = like.IsBigEndian,
            Version = like.Version,
            PageSize = like.PageSize,
            HasChecksums = like.HasChecksums,
            FillFactor = like.FillFactor,
            MaxBucket = buckets - 1,
            HighMask = buckets - 1,
            LowMask = (buckets - 1) >> 1,
        };
        meta._spares.AsSpan(0, Level(meta.MaxBucket) + 1).Fill(1);
        return meta;
    }

    /// <summary>Whether a file is of this form.</summary>
    /// <param name="header">Its first octets.</param>
    public static bool IsOne(ReadOnlySpan<byte> header) => Refusal(header, ReadUInt32BigEndian(header[MagicAt..]) == Magic) is null;

    /// <summary>Says what a file of Berkeley DB is that cannot be read; null of other files.</summary>
    /// <param name="header">Its first octets.</param>
    public static string? DescribeRelative(ReadOnlySpan<byte> header) =>
        Refusal(header, ReadUInt32BigEndian(header[MagicAt..]) == Magic) is { } refusal and not Stranger ? refusal : null;

    /// <summary>Reads it.</summary>
    /// <param name="octets">The first <see cref="BerkeleyLayout.MetaLength"/> octets of the file; fewer when it is shorter.</param>
    /// <param name="fileLength">How long the whole file is.</param>
    /// <param name="path">The file, for complaints.</param>
    /// <exception cref="SasldbException">It is a file of another kind.</exception>
    /// <exception cref="FileDamageException">It contradicts itself.</exception>
    public static BerkeleyMeta Read(ReadOnlySpan<byte> octets, long fileLength, string path)
    {
        if (octets.Length < BerkeleyLayout.MetaLength)
            throw new FileDamageException($"it has only {octets.Length} octets");
        bool isBigEndian = ReadUInt32BigEndian(octets[MagicAt..]) == Magic;
        if (Refusal(octets, isBigEndian) is { } refusal)
            throw new SasldbException(SasldbFault.UnsupportedForm, path, $"{path}: {refusal}");
        var meta = new BerkeleyMeta
        {
            IsBigEndian = isBigEndian,
            Version = Number(octets, 16, isBigEndian),
            PageSize = (int)Math.Min(Number(octets, 20, isBigEndian), int.MaxValue),
            HasChecksums = (octets[26] & 1) != 0,
            HasSeveralValues = (Number(octets, 48, isBigEndian) & SeveralValues) != 0,
            FirstFree = Number(octets, 28, isBigEndian),
            LastPage = Number(octets, 32, isBigEndian),
            MaxBucket = Number(octets, 72, isBigEndian),
            HighMask = Number(octets, 76, isBigEndian),
            LowMask = Number(octets, 80, isBigEndian),
            FillFactor = Number(octets, 84, isBigEndian),
            Count = Number(octets, 88, isBigEndian),
            Id = octets.Slice(IdAt, IdLength).ToArray(),
            Fingerprint = BerkeleyHash.Fingerprint(0, octets[..BerkeleyLayout.MetaLength]),
        };
        for (int level = 0; level < BerkeleyLayout.Levels; level++)
            meta._spares[level] = Number(octets, SparesAt + (4 * level), isBigEndian);
        meta.Check(octets, fileLength);
        return meta;
    }

    /// <summary>A four-octet number.</summary>
    /// <param name="octets">Where it is.</param>
    /// <param name="at">Its first octet.</param>
    /// <param name="isBigEndian">In which order it is.</param>
    public static uint Number(ReadOnlySpan<byte> octets, int at, bool isBigEndian) =>
        isBigEndian ? ReadUInt32BigEndian(octets[at..]) : ReadUInt32LittleEndian(octets[at..]);

    /// <summary>A two-octet number.</summary>
    /// <param name="octets">Where it is.</param>
    /// <param name="at">Its first octet.</param>
    /// <param name="isBigEndian">In which order it is.</param>
    public static int ShortNumber(ReadOnlySpan<byte> octets, int at, bool isBigEndian) =>
        isBigEndian ? ReadUInt16BigEndian(octets[at..]) : ReadUInt16LittleEndian(octets[at..]);

    /// <summary>The bucket of a key.</summary>
    /// <param name="hash">The key's hash.</param>
    public uint BucketOf(uint hash)
    {
        uint bucket = hash & HighMask;
        return bucket <= MaxBucket ? bucket : hash & LowMask;
    }

    /// <summary>The first page of a bucket.</summary>
    /// <param name="bucket">Its number.</param>
    public uint PageOf(uint bucket) => unchecked(bucket + _spares[Level(bucket)]);

    /// <summary>Whether the low bits of all hashes in a bucket are one more than the table's low mask has.</summary>
    /// <param name="bucket">Its number.</param>
    public uint MaskOf(uint bucket) => bucket > LowMask || (bucket | (LowMask + 1)) <= MaxBucket ? HighMask : LowMask;

    /// <summary>Writes it. Everything that is not said here is zero.</summary>
    /// <param name="page">The whole page, zeroed before.</param>
    public void Write(Span<byte> page)
    {
        Put(page, 4, NoLog);
        Put(page, MagicAt, Magic);
        Put(page, 16, Version);
        Put(page, 20, (uint)PageSize);
        page[25] = BerkeleyLayout.MetaPage;
        page[26] = (byte)(HasChecksums ? 1 : 0);
        Put(page, 32, LastPage);
        Id.Span.CopyTo(page[IdAt..]);
        Put(page, 72, MaxBucket);
        Put(page, 76, HighMask);
        Put(page, 80, LowMask);
        Put(page, 84, FillFactor);
        Put(page, 88, Count);
        Put(page, TestKeyAt, BerkeleyHash.OfTestKey);
        for (int level = 0; level < BerkeleyLayout.Levels; level++)
            Put(page, SparesAt + (4 * level), _spares[level]);
        if (HasChecksums)
            Put(page, BerkeleyLayout.MetaChecksumAt, Sum(page));
    }

    private static int Level(uint bucket) => bucket == 0 ? 0 : BitOperations.Log2(bucket) + 1;

    private static uint Sum(ReadOnlySpan<byte> page) => BerkeleyHash.Sum(
        page[..BerkeleyLayout.MetaChecksumAt],
        BerkeleyLayout.MetaChecksumLength,
        page[(BerkeleyLayout.MetaChecksumAt + BerkeleyLayout.MetaChecksumLength)..BerkeleyLayout.MetaLength]);

    private static string? Refusal(ReadOnlySpan<byte> octets, bool isBigEndian)
    {
        uint magic = Number(octets, MagicAt, isBigEndian);
        if (magic is TreeMagic or QueueMagic || ReverseEndianness(magic) is TreeMagic or QueueMagic)
            return "this is a Berkeley DB file, but no hash; copy it with db_dump, set type=hash in the dump, and db_load it";
        if (magic != Magic)
        {
            return Number(octets, 0, isBigEndian) == Magic || ReadUInt32BigEndian(octets) == Magic
                ? "this is a hash file of Berkeley DB 1.85; copy it with the db_dump185 and db_load of a later one"
                : Stranger;
        }
        if (Number(octets, 16, isBigEndian) is < OldestVersion or > NewestVersion)
            return "this is a Berkeley DB file of another version; bring a copy of it up to date with db_upgrade, or db_dump it there and db_load it here";
        if (octets[24] != 0)
            return "this Berkeley DB file is encrypted, and Cyrus SASL reads none such; db_dump it with its password and db_load it without";
        if ((Number(octets, 48, isBigEndian) & SeveralDatabases) != 0 || Number(octets, 36, isBigEndian) != 0)
            return "this Berkeley DB file has several databases or parts, and Cyrus SASL reads none such; db_dump it and db_load one of them";
        return octets.Length > TestKeyAt && Number(octets, TestKeyAt, isBigEndian) != BerkeleyHash.OfTestKey
            ? "this Berkeley DB file was made with a hash function of its own, and Cyrus SASL has the usual one; db_dump it and db_load it"
            : null;
    }

    private void Check(ReadOnlySpan<byte> octets, long fileLength)
    {
        if (Number(octets, 8, IsBigEndian) != 0 || octets[25] != BerkeleyLayout.MetaPage)
            throw new FileDamageException("its first page is not what it should be");
        if (HasChecksums && Number(octets, BerkeleyLayout.MetaChecksumAt, IsBigEndian) != Sum(octets))
            throw new FileDamageException("the checksum of its first page is wrong");
        if (PageSize is < BerkeleyLayout.MinPageSize or > BerkeleyLayout.MaxPageSize || !BitOperations.IsPow2(PageSize))
            throw new FileDamageException("it has an impossible page size");
        if (fileLength / PageSize <= LastPage)
            throw new FileDamageException($"it ends at octet {fileLength}, before its contents do");
        if (HighMask == uint.MaxValue || !BitOperations.IsPow2(HighMask + 1) || LowMask != HighMask >> 1 || MaxBucket > HighMask
            || (HighMask != 0 && MaxBucket <= LowMask))
            throw new FileDamageException("its numbers of buckets contradict each other");
        for (int level = 0; level <= Level(MaxBucket); level++)
        {
            uint first = level == 0 ? 0 : 1u << (level - 1);
            uint last = Math.Min(MaxBucket, level == 0 ? 0 : (first * 2) - 1);
            if (_spares[level] == 0 || (ulong)_spares[level] + last > LastPage)
                throw new FileDamageException($"bucket {last} is on a page that it does not have");
        }
    }

    private void Put(Span<byte> page, int at, uint number)
    {
        if (IsBigEndian)
            WriteUInt32BigEndian(page[at..], number);
        else
            WriteUInt32LittleEndian(page[at..], number);
    }
}
