using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Lmdb;

/// <summary>Walks from the root of a snapshot's record tree to a leaf. Keeps that leaf, where a user's next property usually is too.</summary>
/// <param name="snapshot">The state to read.</param>
/// <param name="leaf">Room for a page, on the caller's stack; the caller erases it.</param>
internal ref struct LmdbReader(LmdbSnapshot snapshot, Span<byte> leaf)
{
    private readonly LmdbSnapshot _snapshot = snapshot;
    private readonly Span<byte> _leaf = leaf;
    private ulong _leafNumber;
    private ReadOnlySpan<byte> _low;
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
        if (!exact)
        {
            RequireAbsent(key, page, index);
            return false;
        }
        page.RequireInPlace(index);
        entry = page[index];
        return true;
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
        return index < page.Count ? true : throw new FileDamageException("its keys are not in order");
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

    // "Not there" is not said on the strength of one search: a wrong bit on the way to the leaf, or in it, would hide a record. The leaf must be
    // whole and the right one, and where the key would be its first or last, the neighbouring leaf must agree.
    private void RequireAbsent(scoped ReadOnlySpan<byte> key, LmdbPage page, int index)
    {
        page.RequireWhole();
        bool isOfBranch = (_low.IsEmpty || page[0].Key.SequenceCompareTo(_low) >= 0) && (_next.IsEmpty || page[page.Count - 1].Key.SequenceCompareTo(_next) < 0);
        LmdbTree tree = _snapshot.Meta.Records;
        if (!isOfBranch || (tree.Depth == 1 && (ulong)page.Count != tree.Entries))
            throw new FileDamageException("a branch leads to the wrong leaf");
        int count = page.Count;
        ReadOnlySpan<byte> low = _low;
        ReadOnlySpan<byte> next = _next;
        if (index == count && !next.IsEmpty)
        {
            _ = TryDescend(next, out page);
            if (page[0].Key.SequenceCompareTo(key) <= 0)
                throw new FileDamageException("a branch has a wrong key");
        }
        if (index == 0 && !low.IsEmpty)
        {
            _ = TryDescend(low, out page, before: true);
            if (page[page.Count - 1].Key.SequenceCompareTo(key) >= 0)
                throw new FileDamageException("a branch has a wrong key");
        }
    }

    // With "before", to the leaf before the one that begins at a key that a branch has.
    private bool TryDescend(scoped ReadOnlySpan<byte> key, out LmdbPage page, bool before = false)
    {
        LmdbTree tree = _snapshot.Meta.Records;
        page = default;
        _low = [];
        _next = [];
        if (tree.Root == LmdbLayout.NoPage)
            return false;
        ulong number = tree.Root;
        for (int level = tree.Depth; level > 1; level--)
        {
            LmdbPage branch = _snapshot.Branch(number);
            int index = branch.Find(key, integers: false, out bool isItsBeginning);
            if (level == tree.Depth && tree.Depth == 2 && (ulong)branch.Count != tree.LeafPages)
                throw new FileDamageException("its root does not have the leaves that its meta page counts");
            if (before && isItsBeginning)
                index--;
            if (index + 1 < branch.Count)
                _next = branch[index + 1].Key;
            if (index > 0)
                _low = branch[index].Key;
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
