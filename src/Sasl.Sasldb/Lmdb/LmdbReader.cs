namespace Sasl.Sasldb.Lmdb;

/// <summary>Walks from the root of a snapshot's record tree to a leaf. Keeps that leaf, where a user's next property usually is too.</summary>
/// <param name="snapshot">The state to read.</param>
/// <param name="leaf">Room for a page, on the caller's stack; the caller erases it.</param>
internal ref struct LmdbReader(LmdbSnapshot snapshot, Span<byte> leaf)
{
    private readonly LmdbSnapshot _snapshot = snapshot;
    private readonly Span<byte> _leaf = leaf;
    private ulong _leafNumber;
    private ReadOnlySpan<byte> _next;

    /// <summary>Finds a record.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="entry">The record, valid until the next call.</param>
    /// <returns>False when there is none.</returns>
    public bool TryFind(scoped ReadOnlySpan<byte> key, out LmdbEntry entry)
    {
        entry = default;
        if (!TryDescend(key, out LmdbPage page))
            return false;
        int index = page.Find(key, integers: false, out bool exact);
        if (exact)
            entry = page[index];
        return exact;
    }

    /// <summary>Finds the first record that is not before a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="page">The record's leaf, valid until the next call.</param>
    /// <param name="index">Its place in the leaf.</param>
    /// <returns>False when all records are before.</returns>
    public bool TrySeek(scoped ReadOnlySpan<byte> key, out LmdbPage page, out int index)
    {
        index = 0;
        if (!TryDescend(key, out page))
            return false;
        index = page.Find(key, integers: false, out _);
        if (index < page.Count)
            return true;
        if (_next.IsEmpty)
            return false;
        ReadOnlySpan<byte> next = _next;
        _ = TryDescend(next, out page);
        index = page.Find(next, integers: false, out _);
        return index < page.Count ? true : throw new LmdbDamageException("its keys are not in order");
    }

    /// <summary>Copies a record's value.</summary>
    /// <param name="entry">The record.</param>
    /// <param name="into">Room for its length.</param>
    public readonly void CopyValue(in LmdbEntry entry, Span<byte> into)
    {
        if (entry.IsLong)
            _snapshot.ReadLongValue(entry, into);
        else
            entry.Data.CopyTo(into);
    }

    private bool TryDescend(scoped ReadOnlySpan<byte> key, out LmdbPage page)
    {
        LmdbTree tree = _snapshot.Meta.Records;
        page = default;
        _next = [];
        if (tree.Root == LmdbLayout.NoPage)
            return false;
        ulong number = tree.Root;
        for (int level = tree.Depth; level > 1; level--)
        {
            LmdbPage branch = _snapshot.Branch(number);
            int index = branch.Find(key, integers: false, out _);
            if (index + 1 < branch.Count)
                _next = branch[index + 1].Key;
            number = branch[index].Child;
        }
        if (_leafNumber != number)
        {
            _leafNumber = 0;
            _snapshot.ReadPage(number, _leaf);
            _leafNumber = number;
        }
        page = new LmdbPage(_leaf, number, isLeaf: true);
        return true;
    }
}
