using System.Security.Cryptography;
using Sasl.Sasldb.Records;

namespace Sasl.Sasldb.Berkeley;

/// <summary>What one transaction changes, kept in memory until the new file is built, and what it read, by which it may still be right after another program's change.</summary>
internal sealed class BerkeleyTransaction : ISasldbWriter, IDisposable
{
    private readonly Dictionary<byte[], byte[]?> _changes = new(BerkeleyKeyComparer.Instance);
    private readonly Dictionary<byte[], byte[]?> _read = new(BerkeleyKeyComparer.Instance);
    private readonly Dictionary<byte[], HashSet<byte[]>> _listed = new(BerkeleyKeyComparer.Instance);
    private BerkeleySnapshot? _snapshot;
    private byte[] _page = [];

    /// <summary>Begins.</summary>
    /// <param name="snapshot">The file as it is; null where there is none, or an empty one.</param>
    public BerkeleyTransaction(BerkeleySnapshot? snapshot) => Use(snapshot);

    /// <summary>Whether there is anything to change.</summary>
    public bool IsEmpty => _changes.Count == 0;

    /// <summary>The keys of changed records; the value is null where one is removed.</summary>
    public IReadOnlyDictionary<byte[], byte[]?> Changes => _changes;

    /// <summary>Goes over to another state of the file.</summary>
    /// <param name="snapshot">That state.</param>
    /// <returns>False when something that was read is different there, so that what is to be changed may be wrong.</returns>
    public bool TryMoveTo(BerkeleySnapshot? snapshot)
    {
        Use(snapshot);
        foreach ((byte[] key, byte[]? value) in _read)
        {
            byte[]? now = Find(key);
            bool isSame = now is null ? value is null : value is not null && now.AsSpan().SequenceEqual(value);
            CryptographicOperations.ZeroMemory(now);
            if (!isSame)
                return false;
        }
        return _listed.All(listed => listed.Value.SetEquals(FindBeginningWith(listed.Key)));
    }

    /// <summary>Whether a record is stored anew or removed.</summary>
    /// <param name="key">Its key.</param>
    public bool IsChanged(ReadOnlySpan<byte> key) => _changes.GetAlternateLookup<ReadOnlySpan<byte>>().ContainsKey(key);

    /// <inheritdoc/>
    public byte[]? Get(ReadOnlySpan<byte> key) =>
        _changes.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out byte[]? changed) ? changed?.ToArray() : Stored(key)?.ToArray();

    /// <inheritdoc/>
    public void Put(byte[] key, ReadOnlySpan<byte> value)
    {
        if (key.Length > BerkeleyLayout.MaxKey || value.Length > BerkeleyLayout.MaxValue)
            throw new ArgumentException($"A record is longer than the form allows: {BerkeleyLayout.MaxKey} octets of key, {BerkeleyLayout.MaxValue} of value.", nameof(key));
        Change([.. key], value.ToArray());
    }

    /// <inheritdoc/>
    public bool Remove(ReadOnlySpan<byte> key)
    {
        bool isChanged = _changes.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out byte[]? changed);
        bool isStored = Stored(key) is not null;
        if (isStored)
            Change(key.ToArray(), null);
        else if (isChanged)
            Forget(key);
        return isChanged ? changed is not null : isStored;
    }

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> KeysBeginningWith(byte[] prefix)
    {
        if (!_listed.TryGetValue(prefix, out HashSet<byte[]>? stored))
            _listed[[.. prefix]] = stored = FindBeginningWith(prefix);
        return
        [
            .. stored.Where(key => !IsChanged(key)),
            .. _changes.Where(change => change.Value is not null && change.Key.AsSpan().StartsWith(prefix)).Select(change => change.Key),
        ];
    }

    /// <summary>Erases the values and what was read.</summary>
    public void Dispose()
    {
        foreach (byte[]? value in _changes.Values.Concat(_read.Values))
            CryptographicOperations.ZeroMemory(value);
        CryptographicOperations.ZeroMemory(_page);
    }

    private void Use(BerkeleySnapshot? snapshot)
    {
        _snapshot = snapshot;
        CryptographicOperations.ZeroMemory(_page);
        _page = new byte[snapshot?.Meta.PageSize ?? 0];
    }

    private byte[]? Stored(ReadOnlySpan<byte> key)
    {
        if (!_read.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out byte[]? value))
            _read[key.ToArray()] = value = Find(key);
        return value;
    }

    private byte[]? Find(ReadOnlySpan<byte> key)
    {
        if (_snapshot is null || !new BerkeleyReader(_snapshot, _page).TryFind(key, out BerkeleyItem item))
            return null;
        byte[] copy = new byte[item.Length];
        _snapshot.Copy(item, copy);
        return copy;
    }

    private HashSet<byte[]> FindBeginningWith(byte[] prefix)
    {
        var keys = new HashSet<byte[]>(BerkeleyKeyComparer.Instance);
        if (_snapshot is null)
            return keys;
        using var bucket = new BerkeleyBucket();
        for (uint number = 0; number <= _snapshot.Meta.MaxBucket; number++)
        {
            bucket.Load(_snapshot, number, _page, withValues: false);
            for (int index = 0; index < bucket.Count; index++)
            {
                if (bucket.Key(index).StartsWith(prefix))
                    keys.Add(bucket.Key(index).ToArray());
            }
            bucket.Clear();
        }
        return keys;
    }

    private void Change(byte[] key, byte[]? value)
    {
        if (_changes.TryGetValue(key, out byte[]? before))
            CryptographicOperations.ZeroMemory(before);
        _changes[key] = value;
    }

    private void Forget(ReadOnlySpan<byte> key)
    {
        _changes.GetAlternateLookup<ReadOnlySpan<byte>>().Remove(key, out _, out byte[]? before);
        CryptographicOperations.ZeroMemory(before);
    }
}
