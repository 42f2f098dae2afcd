using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Lmdb;

/// <summary>The pages of one writing transaction: those it made, those it let go, and where it takes new ones from.</summary>
/// <remarks>
/// Nothing here writes over a page of the newest state. A page is taken from <see cref="Reusable"/>, which no reader can see any more,
/// or from behind the end of the file.
/// </remarks>
/// <param name="file">The open data file.</param>
/// <param name="meta">The newest state.</param>
/// <param name="path">For complaints.</param>
/// <param name="limit">How large the file may become, in octets.</param>
internal sealed class LmdbPageSpace(SafeFileHandle file, LmdbMeta meta, string path, long limit)
{
    private readonly Dictionary<ulong, byte[]> _made = [];
    private readonly HashSet<ulong> _adopted = [];

    /// <summary>Octets in a page.</summary>
    public int PageSize => meta.PageSize;

    /// <summary>The first page behind the end.</summary>
    public ulong End { get; private set; } = meta.LastPage + 1;

    /// <summary>How large the file may grow, for liblmdb; raised when <see cref="End"/> passes it.</summary>
    public ulong MapSize { get; private set; } = meta.MapSize;

    /// <summary>Pages that may be written over at once.</summary>
    public SortedSet<ulong> Reusable { get; } = [];

    /// <summary>Pages of the newest state that this transaction does without.</summary>
    public SortedSet<ulong> LetGo { get; } = [];

    /// <summary>Fetches more <see cref="Reusable"/> pages; false when there are none. Null while the list of free pages is written.</summary>
    public Func<bool>? Refill { get; set; }

    /// <summary>Whether anything was made, and so has to be written.</summary>
    public bool HasChanged => _made.Count != 0;

    /// <summary>The pages made, by number; a long value is one array over all its pages.</summary>
    public IEnumerable<KeyValuePair<ulong, byte[]>> Made => _made.OrderBy(page => page.Key);

    /// <summary>Whether this transaction made a page, and so may change it in place.</summary>
    public bool IsMade(ulong number) => _made.ContainsKey(number);

    /// <summary>A page, made by this transaction or read from the file.</summary>
    /// <param name="number">Its number.</param>
    /// <returns>Its octets; to be changed only where <see cref="IsMade"/>.</returns>
    public byte[] Read(ulong number)
    {
        if (_made.TryGetValue(number, out byte[]? made))
            return made;
        Check(number, 1);
        byte[] page = new byte[PageSize];
        LmdbSnapshot.ReadExactly(file, page, (long)number * PageSize);
        return page;
    }

    /// <summary>A long value's pages.</summary>
    /// <param name="number">The first.</param>
    /// <param name="length">How long the value is.</param>
    /// <returns>The value, without the header.</returns>
    public ReadOnlySpan<byte> ReadLong(ulong number, int length)
    {
        int pages = LmdbLayout.OverflowPages(length, PageSize);
        if (!_made.TryGetValue(number, out byte[]? octets))
        {
            Check(number, pages);
            octets = new byte[LmdbLayout.PageHeader + length];
            LmdbSnapshot.ReadExactly(file, octets, (long)number * PageSize);
        }
        _ = LmdbSnapshot.CheckOverflow(octets, number, pages, End - 1);
        return octets.AsSpan(LmdbLayout.PageHeader, length);
    }

    /// <summary>Makes a page, or several in a row.</summary>
    /// <param name="count">How many.</param>
    /// <param name="octets">Their octets, all zero, to be written on.</param>
    /// <returns>The first one's number.</returns>
    /// <exception cref="SasldbException">The file is full.</exception>
    public ulong Make(int count, out byte[] octets)
    {
        ulong number = TakeReusable(count) ?? TakeBehindEnd(count);
        octets = new byte[count * PageSize];
        _made.Add(number, octets);
        return number;
    }

    /// <summary>Takes a page from the list of free pages.</summary>
    /// <param name="page">Its number.</param>
    public void Adopt(ulong page)
    {
        if (page < LmdbLayout.FirstPage || page > meta.LastPage || !_adopted.Add(page))
            throw new FileDamageException($"its list of free pages has an impossible page {page}");
        Reusable.Add(page);
    }

    /// <summary>Lets a long value's pages go: as many as their header says, which liblmdb may have made more than the value needs.</summary>
    /// <param name="number">The first.</param>
    /// <param name="length">How long the value is.</param>
    /// <returns>How many pages.</returns>
    public int ReleaseLong(ulong number, long length)
    {
        int count = LmdbSnapshot.CheckOverflow(Read(number), number, LmdbLayout.OverflowPages(length, PageSize), End - 1);
        Release(number, count);
        return count;
    }

    /// <summary>Lets pages go.</summary>
    /// <param name="number">The first.</param>
    /// <param name="count">How many.</param>
    public void Release(ulong number, int count)
    {
        bool mine = _made.Remove(number, out byte[]? octets);
        CryptographicOperations.ZeroMemory(octets);
        for (ulong page = number; page < number + (ulong)count; page++)
        {
            if (!(mine ? Reusable : LetGo).Add(page))
                throw new FileDamageException($"page {page} is used twice");
        }
    }

    /// <summary>Erases what was made, from memory.</summary>
    public void Erase()
    {
        foreach (byte[] octets in _made.Values)
            CryptographicOperations.ZeroMemory(octets);
        _made.Clear();
    }

    private void Check(ulong number, int count)
    {
        if (number < LmdbLayout.FirstPage || number > meta.LastPage || (ulong)count > meta.LastPage - number + 1)
            throw new FileDamageException($"it points to page {number}, which it does not have");
    }

    private ulong? TakeReusable(int count)
    {
        do
        {
            if (FindRow(count) is { } first)
            {
                for (ulong page = first; page < first + (ulong)count; page++)
                    Reusable.Remove(page);
                return first;
            }
        }
        while (Refill is not null && Refill());
        return null;
    }

    private ulong? FindRow(int count)
    {
        ulong first = 0;
        int length = 0;
        foreach (ulong page in Reusable)
        {
            if (length == 0 || page != first + (ulong)length)
            {
                first = page;
                length = 0;
            }
            if (++length == count)
                return first;
        }
        return null;
    }

    private ulong TakeBehindEnd(int count)
    {
        ulong number = End;
        ulong needed = (number + (ulong)count) * (ulong)PageSize;
        if (needed > (ulong)limit)
        {
            throw new SasldbException(
                SasldbFault.Full, path, $"{path}: the file has reached its limit of {limit} octets (MaxMapSize); nothing was changed");
        }
        while (MapSize < needed)
            MapSize = Math.Min((ulong)limit, Math.Max(2 * MapSize, (ulong)PageSize));
        End += (ulong)count;
        return number;
    }
}
