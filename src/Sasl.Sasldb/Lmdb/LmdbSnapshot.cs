using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using Sasl.Sasldb.Files;
using Sasl.Sasldb.Forms;

namespace Sasl.Sasldb.Lmdb;

/// <summary>One committed state of the file, for reading. Pages read through it mean something only while it is the newest state.</summary>
/// <remarks>
/// No place in the lock file's reader table is taken. LMDB never writes over a page of the newest state, so whoever finds, after
/// reading, that the state is still the newest has read nothing that was changed meanwhile; otherwise he begins again. Branch pages,
/// which hold names and no secrets, are kept.
/// </remarks>
/// <param name="file">The open file.</param>
/// <param name="identity">What the system said about the file before it was read.</param>
/// <param name="octets">The meaningful octets of both meta pages, by which the state is recognised.</param>
/// <param name="meta">The state.</param>
internal sealed class LmdbSnapshot(SafeFileHandle file, FileIdentity identity, byte[] octets, LmdbMeta meta) : ISasldbSnapshot
{
    private const int MostBranches = 1024;
    private const int LongestValue = 1024 * 1024;
    private const int LongestPageList = 8 * 1024 * 1024;

    private readonly ConcurrentDictionary<ulong, byte[]> _branches = new();

    /// <summary>The state.</summary>
    public LmdbMeta Meta => meta;

    /// <summary>What the system said about the file before it was read.</summary>
    public FileIdentity Identity => identity;

    /// <summary>When the system first said that; for <see cref="FileSettling"/>.</summary>
    public required long FirstSeen { get; init; }

    /// <summary>Whether the system need only say the same again for this to be the newest state still.</summary>
    public required bool IsSettled { get; init; }

    /// <summary>Never: what a writer does shows in the meta pages.</summary>
    public bool IsDoubtful => false;

    /// <inheritdoc/>
    public ulong Fingerprint => 0;

    /// <inheritdoc/>
    public ulong Version => meta.Transaction;

    /// <inheritdoc/>
    public int Room => meta.PageSize;

    /// <inheritdoc/>
    public int SecretRoom => meta.PageSize;

    /// <summary>The meaningful octets of both meta pages.</summary>
    public ReadOnlySpan<byte> Octets => octets;

    /// <summary>A branch page.</summary>
    /// <param name="number">Its number.</param>
    public LmdbPage Branch(ulong number)
    {
        if (!_branches.TryGetValue(number, out byte[]? page))
        {
            page = new byte[meta.PageSize];
            ReadPage(number, page);
            new LmdbPage(page, number, isLeaf: false).RequireWhole();
            if (_branches.Count < MostBranches)
                _branches.TryAdd(number, page);
        }
        return new LmdbPage(page, number, isLeaf: false);
    }

    /// <summary>Reads one page.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="into">Room for a page.</param>
    public void ReadPage(ulong number, Span<byte> into)
    {
        if (number < LmdbLayout.FirstPage || number > meta.LastPage)
            throw new FileDamageException($"it points to page {number}, which it does not have");
        ReadExactly(file, into[..meta.PageSize], (long)number * meta.PageSize);
    }

    /// <summary>Copies a long value.</summary>
    /// <param name="entry">Its entry.</param>
    /// <param name="into">Room for <see cref="CheckedLength"/> octets.</param>
    public void ReadLongValue(in LmdbEntry entry, Span<byte> into)
    {
        _ = CountPages(entry);
        ReadExactly(file, into, ((long)BitConverter.ToUInt64(entry.Data) * meta.PageSize) + LmdbLayout.PageHeader);
    }

    /// <summary>How many pages a long value takes.</summary>
    /// <param name="entry">Its entry.</param>
    public int CountPages(in LmdbEntry entry)
    {
        ulong number = BitConverter.ToUInt64(entry.Data);
        if (number < LmdbLayout.FirstPage || number > meta.LastPage)
            throw new FileDamageException($"it has a value at page {number}, which it does not have");
        Span<byte> header = stackalloc byte[LmdbLayout.PageHeader];
        ReadExactly(file, header, (long)number * meta.PageSize);
        return CheckOverflow(header, number, LmdbLayout.OverflowPages(entry.Length, meta.PageSize), meta.LastPage);
    }

    /// <summary>Checks the header of a long value's first page.</summary>
    /// <param name="header">The header.</param>
    /// <param name="number">Where it was read from.</param>
    /// <param name="needed">How many pages the value needs.</param>
    /// <param name="lastPage">The last page in use.</param>
    /// <returns>How many pages it takes; liblmdb leaves more to a value that has become shorter.</returns>
    public static int CheckOverflow(ReadOnlySpan<byte> header, ulong number, int needed, ulong lastPage)
    {
        uint pages = BitConverter.ToUInt32(header[12..]);
        bool begins = BitConverter.ToUInt64(header) == number
            && (BitConverter.ToUInt16(header[10..]) & LmdbLayout.PageKinds) == LmdbLayout.Overflow
            && pages >= needed && pages <= int.MaxValue && number <= lastPage && pages <= lastPage - number + 1;
        return begins ? (int)pages : throw new FileDamageException($"page {number} does not begin a value");
    }

    /// <summary>How long an entry's value is, when it can be a value of a sasldb at all.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="isPageList">Whether it is of the list of free pages.</param>
    public static int CheckedLength(in LmdbEntry entry, bool isPageList) => entry.Length <= (isPageList ? LongestPageList : LongestValue)
        ? (int)entry.Length
        : throw new FileDamageException("it has a value longer than any sasldb's");

    /// <summary>Fills a span from a file.</summary>
    /// <exception cref="FileDamageException">The file ends before.</exception>
    public static void ReadExactly(SafeFileHandle file, Span<byte> into, long from)
    {
        int read = FileReading.Read(file, into, from);
        if (read < into.Length)
            throw new FileDamageException($"it ends at octet {from + read}, before its contents do");
    }
}
