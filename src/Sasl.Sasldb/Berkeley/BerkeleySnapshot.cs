using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Sasl.Sasldb.Files;
using Sasl.Sasldb.Forms;

namespace Sasl.Sasldb.Berkeley;

/// <summary>A file as it is between two writings, for reading. What was read means something only if the file was not touched meanwhile.</summary>
/// <param name="file">The open file.</param>
/// <param name="identity">What the system said about the file before it was read.</param>
/// <param name="isSettled">Whether the next writing will show in what the system says about the file.</param>
/// <param name="meta">Its page 0.</param>
internal sealed class BerkeleySnapshot(SafeFileHandle file, FileIdentity identity, bool isSettled, BerkeleyMeta meta) : ISasldbSnapshot
{
    /// <summary>What the system said about the file before it was read.</summary>
    public FileIdentity Identity => identity;

    /// <summary>Whether the next writing will show in what the system says about the file.</summary>
    public bool IsSettled => isSettled;

    /// <inheritdoc/>
    public bool IsDoubtful => !isSettled;

    /// <inheritdoc/>
    public ulong Version => meta.Fingerprint;

    /// <inheritdoc/>
    public int Room => meta.PageSize;

    /// <inheritdoc/>
    public int SecretRoom => meta.PageSize;

    /// <summary>Page 0.</summary>
    public BerkeleyMeta Meta => meta;

    /// <summary>By what two readings of an unsettled file are compared; each of them has a snapshot of its own.</summary>
    public ulong Fingerprint { get; private set; } = meta.Fingerprint;

    /// <summary>Told the number of each page that is read, for those who want to know.</summary>
    public Action<uint>? Watcher { get; init; }

    /// <summary>The same state, with somebody who is told which pages are read, and a fingerprint of them in any case.</summary>
    /// <param name="watcher">Who.</param>
    public BerkeleySnapshot WatchedBy(Action<uint> watcher) => new(file, identity, isSettled: false, meta) { Watcher = watcher };

    /// <summary>Reads page 0 of a file.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="identity">What the system says about it.</param>
    /// <param name="path">The file, for complaints.</param>
    /// <param name="clock">Tells whether it is settled.</param>
    public static BerkeleySnapshot Take(SafeFileHandle file, in FileIdentity identity, string path, FileClock clock)
    {
        // Before reading: what is written from now on has a time that is not this one.
        bool isSettled = clock.IsSettled(identity);
        Span<byte> octets = stackalloc byte[BerkeleyLayout.MetaLength];
        int length = FileReading.Read(file, octets, 0);
        return new BerkeleySnapshot(file, identity, isSettled, BerkeleyMeta.Read(octets[..length], identity.Length, path));
    }

    /// <summary>Reads a page of records.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="previous">The page that led here; 0 for the first of a bucket.</param>
    /// <param name="into">Room for a page.</param>
    public BerkeleyPage ReadPage(uint number, uint previous, Span<byte> into)
    {
        Read(number, into);
        return new BerkeleyPage(into, number, previous, meta);
    }

    /// <summary>A record's value; of several, the first.</summary>
    /// <param name="page">Its page.</param>
    /// <param name="index">Which record.</param>
    public BerkeleyItem Value(BerkeleyPage page, int index)
    {
        BerkeleyItem value = page.Value(index);
        return value.IsTree ? BerkeleySeveral.First(this, value.FirstPage) : value;
    }

    /// <summary>Copies a key or a value.</summary>
    /// <param name="item">What <see cref="BerkeleyPage.Key"/> or <see cref="Value"/> says about it.</param>
    /// <param name="into">Room for its length.</param>
    public void Copy(in BerkeleyItem item, Span<byte> into)
    {
        if (item.Place != 0)
            CopyPart(item.FirstPage, item.Place, into);
        else if (item.IsLong)
            CopyLong(item.FirstPage, into);
        else
            item.Octets.CopyTo(into);
    }

    /// <summary>Reads any page but the first and looks at nothing but its checksum.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="into">Room for a page.</param>
    public void Read(uint number, Span<byte> into)
    {
        if (number == 0 || number > meta.LastPage)
            throw new FileDamageException($"it points to page {number}, which it does not have");
        Watcher?.Invoke(number);
        ReadAgain(number, into);
    }

    // A page that was read before, of which the watcher knows.
    private void ReadAgain(uint number, Span<byte> into)
    {
        long from = (long)number * meta.PageSize;
        int read = FileReading.Read(file, into, from);
        if (read < into.Length)
            throw new FileDamageException($"it ends at octet {from + read}, before its contents do");
        if (meta.HasChecksums)
            CheckSum(number, into);
        if (!isSettled)
            Fingerprint = BerkeleyHash.Fingerprint(Fingerprint, into);
    }

    private void CheckSum(uint number, ReadOnlySpan<byte> page)
    {
        const int Field = sizeof(uint);
        uint sum = BerkeleyHash.Sum(page[..BerkeleyLayout.PageChecksumAt], Field, page[(BerkeleyLayout.PageChecksumAt + Field)..]);
        if (BerkeleyMeta.Number(page, BerkeleyLayout.PageChecksumAt, meta.IsBigEndian) != sum && page.IndexOfAnyExcept((byte)0) >= 0)
            throw new FileDamageException($"the checksum of page {number} is wrong");
    }

    private void CopyPart(uint number, int place, Span<byte> into)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(meta.PageSize);
        try
        {
            Span<byte> page = rented.AsSpan(0, meta.PageSize);
            ReadAgain(number, page);
            page.Slice(place, into.Length).CopyTo(into);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    private void CopyLong(uint number, Span<byte> into)
    {
        byte[] rented = ArrayPool<byte>.Shared.Rent(meta.PageSize);
        try
        {
            Span<byte> page = rented.AsSpan(0, meta.PageSize);
            uint previous = 0;
            // Each page has at least one octet, so the length is a bound for the pages.
            while (!into.IsEmpty)
            {
                Read(number, page);
                ReadOnlySpan<byte> part = LongPart(page, number, previous);
                if (part.Length > into.Length)
                    throw new FileDamageException($"page {number} has more of a key or value than there is");
                part.CopyTo(into);
                into = into[part.Length..];
                previous = number;
                number = BerkeleyMeta.Number(page, 16, meta.IsBigEndian);
            }
            if (number != 0)
                throw new FileDamageException($"page {previous} does not end the key or value that ends there");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    private ReadOnlySpan<byte> LongPart(ReadOnlySpan<byte> page, uint number, uint previous)
    {
        int length = BerkeleyMeta.ShortNumber(page, 22, meta.IsBigEndian);
        bool belongs = BerkeleyMeta.Number(page, 8, meta.IsBigEndian) == number && page[25] == BerkeleyLayout.LongPage
            && BerkeleyMeta.Number(page, 12, meta.IsBigEndian) == previous && length > 0 && length <= meta.RoomInLongPage;
        return belongs
            ? page.Slice(meta.PageHeader, length)
            : throw new FileDamageException($"page {number} is no part of a key or value");
    }
}
