using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Sasl.Sasldb.Files;
using Sasl.Sasldb.Records;

namespace Sasl.Sasldb.Lmdb;

/// <summary>One change of the file: all of it or nothing, whatever happens to the process. Made under the write lock.</summary>
/// <remarks>
/// New pages are written where nobody looks, and synced; then one small write into a meta page makes them the newest state, and that is
/// synced too. A process killed in between leaves the old state; so does a full disk.
/// </remarks>
internal sealed class LmdbWriteTransaction : ISasldbWriter, IDisposable
{
    private const int MostRefills = 32;
    private const int RecordLength = 500;
    private const int MostRounds = 100;
    private const int PagesForList = 16;

    private readonly SafeFileHandle _file;
    private readonly LmdbMeta _meta;
    private readonly LmdbWriteLock _writeLock;
    private readonly LmdbPageSpace _space;
    private readonly LmdbTreeEditor _records;
    private readonly LmdbTreeEditor _free;
    private readonly List<ulong> _emptied = [];
    private readonly ulong _transaction;
    private ulong? _oldestReader;

    /// <summary>Begins on the newest state.</summary>
    /// <param name="file">The data file, open for writing.</param>
    /// <param name="meta">Its newest state.</param>
    /// <param name="writeLock">The lock, held.</param>
    /// <param name="path">For complaints.</param>
    /// <param name="limit">How large the file may become, in octets.</param>
    public LmdbWriteTransaction(SafeFileHandle file, LmdbMeta meta, LmdbWriteLock writeLock, string path, long limit)
    {
        _file = file;
        _meta = meta;
        _writeLock = writeLock;
        _transaction = meta.Transaction + 1;
        _space = new LmdbPageSpace(file, meta, path, limit) { Refill = TakeFreeRecord };
        _records = new LmdbTreeEditor(_space, meta.Records);
        _free = new LmdbTreeEditor(_space, meta.Free);
    }

    /// <inheritdoc/>
    public byte[]? Get(ReadOnlySpan<byte> key) => _records.Get(key);

    /// <inheritdoc/>
    public void Put(byte[] key, ReadOnlySpan<byte> value)
    {
        if (key.Length is 0 or > LmdbLayout.MaxKey)
            throw new ArgumentException($"A record's key has {key.Length} octets; LMDB keeps from 1 to {LmdbLayout.MaxKey}.", nameof(key));
        _records.Put(key, value);
    }

    /// <inheritdoc/>
    public bool Remove(ReadOnlySpan<byte> key) => _records.Remove(key);

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> KeysBeginningWith(byte[] prefix)
    {
        var keys = new List<byte[]>();
        byte[]? key = _records.FirstKeyFrom(prefix);
        while (key is not null && key.AsSpan().StartsWith(prefix))
        {
            keys.Add(key);
            key = _records.FirstKeyFrom([.. key, 0]);
        }
        return keys;
    }

    /// <summary>Makes what was done the newest state.</summary>
    public void Commit()
    {
        if (!_space.HasChanged && _space.LetGo.Count == 0)
            return;
        SaveFreePages();
        var meta = new LmdbMeta(_space.PageSize, _space.MapSize, _free.Tree, _records.Tree, _space.End - 1, _transaction);
        if (!meta.IsPlausible)
            throw new FileDamageException("its counts of pages are wrong");
        foreach ((ulong number, byte[] octets) in _space.Made)
            RandomAccess.Write(_file, octets, (long)number * _space.PageSize);
        RandomAccess.FlushToDisk(_file);
        WriteMeta(meta);
        _writeLock.Publish(_transaction);
        EraseLetGo();
    }

    /// <summary>Erases the pages in memory.</summary>
    public void Dispose() => _space.Erase();

    private void WriteMeta(LmdbMeta meta)
    {
        Span<byte> page = stackalloc byte[LmdbMeta.EndInPage];
        meta.Write(page, _transaction & 1);
        const int From = LmdbLayout.PageHeader + LmdbMeta.MutablePart;
        long place = (long)(_transaction & 1) * _space.PageSize;
        Span<byte> before = stackalloc byte[LmdbMeta.EndInPage];
        LmdbSnapshot.ReadExactly(_file, before, place);
        try
        {
            RandomAccess.Write(_file, page[From..], place + From);
            RandomAccess.FlushToDisk(_file);
        }
        catch
        {
            // What could not be synced must not look committed to those who read it from memory.
            RandomAccess.Write(_file, before[From..], place + From);
            throw;
        }
    }

    // Old passwords are on the pages let go. They are in nobody's sight unless a reader of liblmdb still reads an older state.
    private void EraseLetGo()
    {
        if (_writeLock.OldestReader(_transaction) < _transaction)
            return;
        byte[] nothing = new byte[_space.PageSize];
        try
        {
            foreach (ulong page in _space.LetGo)
                RandomAccess.Write(_file, nothing, (long)page * _space.PageSize);
        }
        catch (IOException)
        {
            // The change is made and safe: what fails after it must not look like a change that failed.
        }
    }

    // Records of free pages are used from the oldest on. One may be used when no reader can still see the state before it.
    private bool TakeFreeRecord()
    {
        if (_emptied.Count == MostRefills)
            return false;
        _oldestReader ??= _writeLock.OldestReader(_meta.Transaction);
        byte[]? key = _free.FirstKeyFrom(BitConverter.GetBytes(_emptied.Count == 0 ? 0 : _emptied[^1] + 1));
        if (key is null || BitConverter.ToUInt64(key) >= _oldestReader)
            return false;
        ReadOnlySpan<byte> pages = _free.Get(key);
        ulong count = pages.Length >= sizeof(ulong) ? BinaryPrimitives.ReadUInt64LittleEndian(pages) : ulong.MaxValue;
        if (count > (ulong)(pages.Length / sizeof(ulong)) - 1)
            throw new FileDamageException("its list of free pages contradicts itself");
        for (int index = 1; index <= (int)count; index++)
        {
            ulong page = BinaryPrimitives.ReadUInt64LittleEndian(pages[(index * sizeof(ulong))..]);
            _space.Adopt(page);
        }
        _emptied.Add(BitConverter.ToUInt64(key));
        return true;
    }

    // Writing the list of free pages takes and frees pages itself. So first room is made for the list, again until it suffices; then the
    // list is written into that room, which changes nothing any more.
    private void SaveFreePages()
    {
        // Enough for the list itself, so that the file does not grow while there are free pages.
        while (_space.Reusable.Count < PagesForList && TakeFreeRecord())
        {
        }
        _space.Refill = null;
        foreach (ulong emptied in _emptied)
            _free.Remove(BitConverter.GetBytes(emptied));
        var rooms = new SortedDictionary<ulong, int>();
        for (int round = 0; ; round++)
        {
            if (round == MostRounds)
                throw new FileDamageException("its list of free pages cannot be written");
            if (!MakeRoom(rooms, slack: round / 4))
                break;
        }
        (int letGo, int reusable) = (_space.LetGo.Count, _space.Reusable.Count);
        Fill(rooms);
        if (_space.LetGo.Count != letGo || _space.Reusable.Count != reusable)
            throw new FileDamageException("its list of free pages changed while it was written");
    }

    // With no emptied record there is no number under which a page could be used at once; such pages join those let go.
    private bool MakeRoom(SortedDictionary<ulong, int> rooms, int slack)
    {
        bool changed = false;
        int letGo = _space.LetGo.Count + (_emptied.Count == 0 ? _space.Reusable.Count : 0);
        changed |= Reserve(rooms, _transaction, letGo, slack);
        if (_emptied.Count == 0)
            return changed;
        ulong number = _emptied[^1];
        int rest = _space.Reusable.Count - rooms.Where(room => room.Key < _transaction).Sum(room => room.Value);
        while (rest > 0)
        {
            while (number > 1 && rooms.TryGetValue(number, out int full) && full >= RecordLength)
                number--;
            int has = rooms.GetValueOrDefault(number);
            int wanted = number > 1 ? Math.Min(RecordLength, has + rest + slack) : has + rest + slack;
            changed |= Reserve(rooms, number, wanted, 0);
            rest -= wanted - has;
        }
        return changed;
    }

    private bool Reserve(SortedDictionary<ulong, int> rooms, ulong number, int pages, int slack)
    {
        if (pages == 0 || rooms.GetValueOrDefault(number) >= pages)
            return false;
        rooms[number] = pages + slack;
        _free.Put(BitConverter.GetBytes(number), new byte[(pages + slack + 1) * sizeof(ulong)]);
        return true;
    }

    private void Fill(SortedDictionary<ulong, int> rooms)
    {
        List<ulong> letGo = [.. _emptied.Count == 0 ? _space.LetGo.Union(_space.Reusable) : _space.LetGo];
        List<ulong> reusable = [.. _emptied.Count == 0 ? [] : _space.Reusable];
        foreach ((ulong number, int room) in rooms)
        {
            List<ulong> from = number == _transaction ? letGo : reusable;
            List<ulong> share = from[..Math.Min(room, from.Count)];
            from.RemoveRange(0, share.Count);
            _free.Put(BitConverter.GetBytes(number), PageList(share, room));
        }
        if (letGo.Count + reusable.Count != 0)
            throw new FileDamageException("its list of free pages has no room for all");
    }

    // The count, then the numbers from high to low; what is left of the room stays zero.
    private static byte[] PageList(List<ulong> pages, int room)
    {
        byte[] list = new byte[(room + 1) * sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(list, (ulong)pages.Count);
        int at = sizeof(ulong);
        foreach (ulong page in pages.OrderDescending())
        {
            BinaryPrimitives.WriteUInt64LittleEndian(list.AsSpan(at), page);
            at += sizeof(ulong);
        }
        return list;
    }
}
