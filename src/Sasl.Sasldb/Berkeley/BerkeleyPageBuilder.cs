using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Sasl.Sasldb.Berkeley;

/// <summary>Lays records out on pages and writes them to a new file.</summary>
/// <param name="file">The new file.</param>
/// <param name="meta">How it is built.</param>
internal sealed class BerkeleyPageBuilder(SafeFileHandle file, BerkeleyMeta meta) : IDisposable
{
    // Berkeley DB wants four items on a page: what is longer than a quarter gets pages of its own.
    private const int LeastItems = 4;
    private const int PlaceLength = sizeof(ushort);
    private const int KindLength = 1;

    private readonly byte[] _page = new byte[meta.PageSize];
    private readonly byte[] _longPage = new byte[meta.PageSize];
    private int _items;
    private int _lowest;

    /// <summary>The last page so far.</summary>
    public uint LastPage { get; private set; } = meta.PageOf(meta.MaxBucket);

    /// <summary>How many records were written.</summary>
    public uint Count { get; private set; }

    /// <summary>How much of a page a record takes.</summary>
    /// <param name="key">How long its key is.</param>
    /// <param name="value">How long its value is.</param>
    /// <param name="pageSize">How large a page is.</param>
    public static int RoomOf(int key, int value, int pageSize) => ItemLength(key, pageSize) + ItemLength(value, pageSize) + (2 * PlaceLength);

    /// <summary>Writes a bucket: its first page, and as many more as it needs.</summary>
    /// <param name="bucket">Its number.</param>
    /// <param name="records">Its records, sorted.</param>
    public void Write(uint bucket, BerkeleyBucket records)
    {
        uint number = meta.PageOf(bucket);
        uint previous = 0;
        Begin();
        for (int index = 0; index < records.Count; index++)
        {
            int room = RoomOf(records.Key(index).Length, records.Value(index).Length, meta.PageSize);
            if (_lowest - meta.PageHeader - (_items * PlaceLength) < room)
            {
                uint next = ++LastPage;
                Finish(_page, number, previous, next);
                previous = number;
                number = next;
                Begin();
            }
            Add(records.Key(index));
            Add(records.Value(index));
            Count++;
        }
        Finish(_page, number, previous, 0);
    }

    /// <summary>Writes page 0, when everything else is written.</summary>
    public void WriteMeta()
    {
        Array.Clear(_page);
        (meta with { LastPage = LastPage, Count = Count, Id = RandomNumberGenerator.GetBytes(20) }).Write(_page);
        RandomAccess.Write(file, _page, 0);
    }

    /// <summary>Erases the pages.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_page);
        CryptographicOperations.ZeroMemory(_longPage);
    }

    private static int ItemLength(int octets, int pageSize) =>
        octets > pageSize / LeastItems ? BerkeleyLayout.LongItemLength : KindLength + octets;

    private void Begin()
    {
        Array.Clear(_page);
        _items = 0;
        _lowest = _page.Length;
    }

    private void Add(ReadOnlySpan<byte> octets)
    {
        int length = ItemLength(octets.Length, meta.PageSize);
        _lowest -= length;
        Span<byte> item = _page.AsSpan(_lowest, length);
        if (octets.Length > meta.PageSize / LeastItems)
        {
            item[0] = BerkeleyLayout.LongItem;
            Put(item, 4, WriteLong(octets));
            Put(item, 8, (uint)octets.Length);
        }
        else
        {
            item[0] = BerkeleyLayout.ShortItem;
            octets.CopyTo(item[KindLength..]);
        }
        PutShort(_page, meta.PageHeader + (_items * PlaceLength), _lowest);
        _items++;
    }

    private uint WriteLong(ReadOnlySpan<byte> octets)
    {
        uint first = LastPage + 1;
        uint previous = 0;
        while (!octets.IsEmpty)
        {
            int length = Math.Min(octets.Length, meta.RoomInLongPage);
            uint number = ++LastPage;
            Array.Clear(_longPage);
            octets[..length].CopyTo(_longPage.AsSpan(meta.PageHeader));
            octets = octets[length..];
            // One reference; the length where other pages have their lowest octet.
            PutShort(_longPage, 20, 1);
            PutShort(_longPage, 22, length);
            _longPage[25] = BerkeleyLayout.LongPage;
            Finish(_longPage, number, previous, octets.IsEmpty ? 0 : number + 1, isLong: true);
            previous = number;
        }
        return first;
    }

    private void Finish(Span<byte> page, uint number, uint previous, uint next, bool isLong = false)
    {
        Put(page, 4, 1);
        Put(page, 8, number);
        Put(page, 12, previous);
        Put(page, 16, next);
        if (!isLong)
        {
            PutShort(page, 20, _items);
            PutShort(page, 22, _lowest);
            page[25] = meta.Version == BerkeleyMeta.OldestVersion ? BerkeleyLayout.UnsortedPage : BerkeleyLayout.SortedPage;
        }
        if (meta.HasChecksums)
            Put(page, BerkeleyLayout.PageChecksumAt, BerkeleyHash.Sum(page, 0, []));
        RandomAccess.Write(file, page, (long)number * meta.PageSize);
    }

    private void Put(Span<byte> octets, int at, uint number)
    {
        if (meta.IsBigEndian)
            WriteUInt32BigEndian(octets[at..], number);
        else
            WriteUInt32LittleEndian(octets[at..], number);
    }

    // The end of the largest page is written as zero.
    private void PutShort(Span<byte> octets, int at, int number)
    {
        if (meta.IsBigEndian)
            WriteUInt16BigEndian(octets[at..], unchecked((ushort)number));
        else
            WriteUInt16LittleEndian(octets[at..], unchecked((ushort)number));
    }
}
