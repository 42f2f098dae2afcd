using System.Security.Cryptography;
using Sasl.Sasldb.Records;

namespace Sasl.Sasldb.Gdbm;

/// <summary>What one transaction changes, kept in memory until the new file is built.</summary>
/// <param name="snapshot">The file as it is; null where there is none, or an empty one.</param>
internal sealed class GdbmTransaction(GdbmSnapshot? snapshot) : ISasldbWriter, IDisposable
{
    private readonly SortedDictionary<GdbmKey, GdbmChange> _changes = [];
    private readonly byte[] _bucket = new byte[snapshot?.Header.BucketSize ?? 0];

    /// <summary>Whether there is nothing to change.</summary>
    public bool IsEmpty => _changes.Count == 0;

    /// <summary>The changes in the order of the file.</summary>
    public IReadOnlyCollection<KeyValuePair<GdbmKey, GdbmChange>> Changes => _changes;

    /// <inheritdoc/>
    public byte[]? Get(ReadOnlySpan<byte> key)
    {
        bool isStored = TryFind(key, out GdbmKey place, out GdbmElement element);
        if (_changes.TryGetValue(place, out GdbmChange change))
            return change.Value?.ToArray();
        if (!isStored)
            return null;
        byte[] value = new byte[element.ValueLength];
        snapshot!.Read(value, element.Record + element.KeyLength);
        return value;
    }

    /// <inheritdoc/>
    public void Put(byte[] key, ReadOnlySpan<byte> value)
    {
        if (key.Length > GdbmPage.LongestKey || value.Length > GdbmPage.LongestValue)
            throw new ArgumentException($"A record is longer than {GdbmPage.LongestKey} octets of key and {GdbmPage.LongestValue} of value.", nameof(key));
        bool isStored = TryFind(key, out GdbmKey place, out _);
        Change(place, new GdbmChange(isStored, value.ToArray()));
    }

    /// <inheritdoc/>
    public bool Remove(ReadOnlySpan<byte> key)
    {
        bool isStored = TryFind(key, out GdbmKey place, out _);
        bool wasThere = _changes.TryGetValue(place, out GdbmChange change) ? change.Value is not null : isStored;
        if (isStored)
            Change(place, new GdbmChange(IsStored: true, Value: null));
        else if (_changes.Remove(place))
            CryptographicOperations.ZeroMemory(change.Value);
        return wasThere;
    }

    /// <inheritdoc/>
    public IReadOnlyList<byte[]> KeysBeginningWith(byte[] prefix)
    {
        List<byte[]> keys =
            [.. _changes.Where(change => change.Value.Value is not null && change.Key.Key.AsSpan().StartsWith(prefix)).Select(change => change.Key.Key)];
        if (snapshot is null)
            return keys;
        using var page = new GdbmPage(snapshot);
        for (int index = 0; index < snapshot.Header.DirectoryCount; index = page.Next)
        {
            page.Load(index);
            for (int record = 0; record < page.Count; record++)
            {
                if (page.Key(record).StartsWith(prefix) && !_changes.ContainsKey(new GdbmKey(page[record].Hash, page.Key(record).ToArray())))
                    keys.Add(page.Key(record).ToArray());
            }
        }
        return keys;
    }

    /// <summary>Erases the values.</summary>
    public void Dispose()
    {
        foreach (GdbmChange change in _changes.Values)
            CryptographicOperations.ZeroMemory(change.Value);
    }

    // A stored key keeps the hash by which it is stored; a new one has that of this machine.
    private bool TryFind(ReadOnlySpan<byte> key, out GdbmKey place, out GdbmElement element)
    {
        bool isStored = false;
        element = default;
        if (snapshot is not null)
            isStored = new GdbmReader(snapshot, _bucket, new byte[key.Length]).TryFind(key, out element);
        place = new GdbmKey(isStored ? element.Hash : GdbmHash.Of(key, GdbmHash.IsSignedHere), key.ToArray());
        return isStored;
    }

    private void Change(GdbmKey place, GdbmChange change)
    {
        if (_changes.TryGetValue(place, out GdbmChange before))
            CryptographicOperations.ZeroMemory(before.Value);
        _changes[place] = change;
    }
}
