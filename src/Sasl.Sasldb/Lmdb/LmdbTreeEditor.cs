using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Lmdb;

/// <summary>Changes one of the file's two trees, copying each page that it changes, from the leaf up to the root.</summary>
/// <param name="space">Where pages come from and go.</param>
/// <param name="tree">The tree to begin with.</param>
internal sealed class LmdbTreeEditor(LmdbPageSpace space, LmdbTree tree)
{
    private const int MostShares = 16;

    private readonly bool _integers = (tree.Flags & LmdbTree.IntegerKeys) != 0;

    /// <summary>The tree as it is now.</summary>
    public LmdbTree Tree { get; private set; } = tree;

    private int Room => space.PageSize - LmdbLayout.PageHeader;

    /// <summary>Reads a record.</summary>
    /// <param name="key">Its key.</param>
    /// <returns>A copy of its value; null when there is none.</returns>
    public byte[]? Get(ReadOnlySpan<byte> key)
    {
        if (Tree.Root == LmdbLayout.NoPage)
            return null;
        LmdbPage leaf = Descend(key, out _);
        int index = leaf.Find(key, _integers, out bool exact);
        return exact ? Value(leaf[index]) : null;
    }

    /// <summary>Finds the first key that is not before another.</summary>
    /// <param name="key">The other.</param>
    /// <returns>A copy; null when all are before.</returns>
    public byte[]? FirstKeyFrom(ReadOnlySpan<byte> key)
    {
        if (Tree.Root == LmdbLayout.NoPage)
            return null;
        LmdbPage leaf = Descend(key, out byte[]? next);
        int index = leaf.Find(key, _integers, out _);
        if (index < leaf.Count)
            return leaf[index].Key.ToArray();
        if (next is null)
            return null;
        leaf = Descend(next, out _);
        index = leaf.Find(next, _integers, out _);
        return index < leaf.Count ? leaf[index].Key.ToArray() : throw new FileDamageException("its keys are not in order");
    }

    /// <summary>Stores a record, over one that may be there.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">Its value.</param>
    public void Put(byte[] key, ReadOnlySpan<byte> value)
    {
        if (Tree.Root != LmdbLayout.NoPage)
        {
            SetRoot(Change(Tree.Root, Tree.Depth, [], key, value, remove: false)!);
            return;
        }
        Tree = Tree with { Depth = 1, Entries = 1 };
        SetRoot(Store(LmdbLayout.NoPage, [Item(key, value)], isLeaf: true, []));
    }

    /// <summary>Removes a record.</summary>
    /// <param name="key">Its key.</param>
    /// <returns>False when there was none.</returns>
    public bool Remove(ReadOnlySpan<byte> key)
    {
        if (Tree.Root == LmdbLayout.NoPage || Change(Tree.Root, Tree.Depth, [], key.ToArray(), [], remove: true) is not { } top)
            return false;
        SetRoot(top);
        return true;
    }

    private LmdbPage Descend(ReadOnlySpan<byte> key, out byte[]? next)
    {
        next = null;
        ulong number = Tree.Root;
        for (int level = Tree.Depth; level > 1; level--)
        {
            var branch = new LmdbPage(space.Read(number), number, isLeaf: false);
            int index = branch.Find(key, _integers, out _);
            if (index + 1 < branch.Count)
                next = branch[index + 1].Key.ToArray();
            number = branch[index].Child;
        }
        return new LmdbPage(space.Read(number), number, isLeaf: true);
    }

    private byte[] Value(in LmdbEntry entry) => entry.IsLong
        ? space.ReadLong(BitConverter.ToUInt64(entry.Data), LmdbSnapshot.CheckedLength(entry, _integers)).ToArray()
        : entry.Data.ToArray();

    // Gives the pages that stand in the changed page's place, with the keys that the parent is to have for them; null when nothing changed.
    private List<LmdbItem>? Change(ulong number, int level, byte[] low, byte[] key, ReadOnlySpan<byte> value, bool remove)
    {
        bool isLeaf = level == 1;
        var page = new LmdbPage(space.Read(number), number, isLeaf);
        int index = page.Find(key, _integers, out bool exact);
        if (isLeaf && remove && !exact)
            return null;
        List<LmdbItem> items = LmdbItem.TakeAll(page, low);
        if (isLeaf)
        {
            ChangeLeaf(items, index, exact, key, value, remove);
            return Store(number, items, isLeaf, low);
        }
        List<LmdbItem>? children = Change(items[index].Child, level - 1, items[index].Key, key, value, remove);
        if (children is null)
            return null;
        items.RemoveAt(index);
        items.InsertRange(index, children);
        if (remove && children.Count == 1)
            Mend(items, index, level - 1);
        return Store(number, items, isLeaf, low);
    }

    private void ChangeLeaf(List<LmdbItem> items, int index, bool exact, byte[] key, ReadOnlySpan<byte> value, bool remove)
    {
        if (!exact)
        {
            items.Insert(index, Item(key, value));
            Tree = Tree with { Entries = Tree.Entries + 1 };
            return;
        }
        if (!remove && TryOverwrite(items[index], value))
            return;
        ReleaseValue(items[index]);
        items.RemoveAt(index);
        if (remove)
            Tree = Tree with { Entries = Tree.Entries - 1 };
        else
            items.Insert(index, Item(key, value));
    }

    // A long value that this transaction made, and that stays as long, is written over, so that writing it again takes no new pages.
    private bool TryOverwrite(LmdbItem item, ReadOnlySpan<byte> value)
    {
        if (!item.IsLong || item.Length != value.Length)
            return false;
        ulong number = BitConverter.ToUInt64(item.Data);
        if (!space.IsMade(number))
            return false;
        value.CopyTo(space.Read(number).AsSpan(LmdbLayout.PageHeader));
        return true;
    }

    private LmdbItem Item(byte[] key, ReadOnlySpan<byte> value)
    {
        if (LmdbLayout.EntryHeader + key.Length + value.Length <= LmdbLayout.MaxEntry(space.PageSize))
            return new LmdbItem(key, 0, false, (uint)value.Length, value.ToArray());
        int pages = LmdbLayout.OverflowPages(value.Length, space.PageSize);
        ulong number = space.Make(pages, out byte[] octets);
        BitConverter.TryWriteBytes(octets, number);
        BitConverter.TryWriteBytes(octets.AsSpan(10), LmdbLayout.Overflow);
        BitConverter.TryWriteBytes(octets.AsSpan(12), pages);
        value.CopyTo(octets.AsSpan(LmdbLayout.PageHeader));
        Tree = Tree with { OverflowPages = Tree.OverflowPages + (ulong)pages };
        return new LmdbItem(key, 0, true, (uint)value.Length, BitConverter.GetBytes(number));
    }

    private void ReleaseValue(LmdbItem item)
    {
        if (!item.IsLong)
            return;
        int pages = space.ReleaseLong(BitConverter.ToUInt64(item.Data), item.Length);
        Tree = Tree with { OverflowPages = Tree.OverflowPages - (ulong)pages };
    }

    // Joins a child that has become small with a neighbour, so that no page stays nearly empty and no branch has a single child.
    private void Mend(List<LmdbItem> items, int index, int level)
    {
        bool isLeaf = level == 1;
        if (items.Count == 1)
            return;
        var child = new LmdbPage(space.Read(items[index].Child), items[index].Child, isLeaf);
        if (child.Used >= Room / 4 && (isLeaf || child.Count > 1))
            return;
        int left = index == 0 ? 0 : index - 1;
        List<LmdbItem> joined = Children(items[left], isLeaf);
        joined.AddRange(Children(items[left + 1], isLeaf));
        List<LmdbItem> pages = Store(items[left].Child, joined, isLeaf, items[left].Key);
        Release(items[left + 1].Child, isLeaf);
        items.RemoveRange(left, 2);
        items.InsertRange(left, pages);
    }

    private List<LmdbItem> Children(LmdbItem item, bool isLeaf) =>
        LmdbItem.TakeAll(new LmdbPage(space.Read(item.Child), item.Child, isLeaf), item.Key);

    // Writes entries onto as many pages as they need, the first of which takes the place of the old page.
    private List<LmdbItem> Store(ulong old, List<LmdbItem> items, bool isLeaf, byte[] low)
    {
        var pages = new List<LmdbItem>();
        int from = 0;
        foreach (int count in Share(items))
        {
            Span<LmdbItem> share = CollectionsMarshal.AsSpan(items).Slice(from, count);
            bool stays = from == 0 && old != LmdbLayout.NoPage && space.IsMade(old);
            ulong number = stays ? old : Make(isLeaf, out _);
            LmdbItem.WriteAll(share, isLeaf, number, space.Read(number));
            pages.Add(LmdbItem.ForChild(from == 0 ? low : share[0].Key, number));
            from += count;
        }
        if (old != LmdbLayout.NoPage && (pages.Count == 0 || pages[0].Child != old))
            Release(old, isLeaf);
        foreach (LmdbItem item in items)
            CryptographicOperations.ZeroMemory(item.Data);
        return pages;
    }

    private List<int> Share(List<LmdbItem> items)
    {
        int total = items.Sum(item => item.Size);
        for (int pages = total == 0 ? 0 : 1; pages <= MostShares; pages++)
        {
            if (TryShare(items, total, pages) is { } shares)
                return shares;
        }
        throw new FileDamageException("a page has more entries than fit");
    }

    // Gives each page as nearly the same as can be; an entry is at most half a page, so that two pages do whenever one is overfull.
    private List<int>? TryShare(List<LmdbItem> items, int total, int pages)
    {
        var shares = new List<int>();
        int next = 0;
        int given = 0;
        for (int page = 1; page <= pages; page++)
        {
            int first = next;
            int filled = 0;
            int goal = (int)((long)total * page / pages);
            while (next < items.Count && (page == pages || given + (items[next].Size / 2) <= goal))
            {
                given += items[next].Size;
                filled += items[next++].Size;
            }
            if (filled > Room)
                return null;
            if (next > first)
                shares.Add(next - first);
        }
        return shares;
    }

    private void SetRoot(List<LmdbItem> top)
    {
        if (top.Count == 0)
        {
            Tree = Tree with { Root = LmdbLayout.NoPage, Depth = 0 };
            return;
        }
        while (top.Count > 1)
        {
            Tree = Tree with { Depth = (ushort)(Tree.Depth + 1) };
            top = Store(LmdbLayout.NoPage, top, isLeaf: false, []);
        }
        ulong root = top[0].Child;
        while (Tree.Depth > 1 && new LmdbPage(space.Read(root), root, isLeaf: false) is { Count: 1 } single)
        {
            ulong child = single[0].Child;
            Release(root, isLeaf: false);
            root = child;
            Tree = Tree with { Depth = (ushort)(Tree.Depth - 1) };
        }
        Tree = Tree with { Root = root };
    }

    private ulong Make(bool isLeaf, out byte[] octets)
    {
        Tree = isLeaf ? Tree with { LeafPages = Tree.LeafPages + 1 } : Tree with { BranchPages = Tree.BranchPages + 1 };
        return space.Make(1, out octets);
    }

    private void Release(ulong page, bool isLeaf)
    {
        Tree = isLeaf ? Tree with { LeafPages = Tree.LeafPages - 1 } : Tree with { BranchPages = Tree.BranchPages - 1 };
        space.Release(page, 1);
    }
}
