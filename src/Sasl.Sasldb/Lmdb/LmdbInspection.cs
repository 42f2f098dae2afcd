using System.Security.Cryptography;
using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Lmdb;

/// <summary>Reads every page of a state and checks what a lookup takes on trust: that the trees and the list of free pages agree.</summary>
/// <param name="snapshot">The state.</param>
/// <param name="cancellationToken">Stops it.</param>
internal sealed class LmdbInspection(LmdbSnapshot snapshot, CancellationToken cancellationToken)
{
    private readonly HashSet<ulong> _seen = [];

    /// <summary>Inspects everything.</summary>
    /// <returns>How many records there are.</returns>
    /// <exception cref="FileDamageException">Something does not agree.</exception>
    public long Inspect()
    {
        LmdbMeta meta = snapshot.Meta;
        Inspect(meta.Records, (_, _) => { });
        Inspect(meta.Free, InspectFreePages);
        if ((ulong)_seen.Count != meta.LastPage - LmdbLayout.FirstPage + 1)
            throw new FileDamageException("it has pages that are neither used nor free");
        return (long)meta.Records.Entries;
    }

    private void Inspect(LmdbTree tree, Action<ReadOnlySpan<byte>, ReadOnlySpan<byte>> record)
    {
        var found = LmdbTree.Empty(tree.Flags) with { Root = tree.Root, Depth = tree.Depth };
        byte[]? last = null;
        if (tree.Root != LmdbLayout.NoPage)
            Inspect(tree.Root, tree.Depth, ref found, ref last, record);
        if (found != tree)
            throw new FileDamageException("its counts of pages and records are wrong");
    }

    private void Inspect(
        ulong number, int level, ref LmdbTree found, ref byte[]? last, Action<ReadOnlySpan<byte>, ReadOnlySpan<byte>> record)
    {
        cancellationToken.ThrowIfCancellationRequested();
        byte[] octets = new byte[snapshot.Meta.PageSize];
        Mark(number, 1);
        snapshot.ReadPage(number, octets);
        var page = new LmdbPage(octets, number, level == 1);
        if (level > 1 && page.Count < 2 && (found.Flags & LmdbTree.IntegerKeys) == 0)
            throw new FileDamageException("a branch has one child, on which liblmdb would stop");
        found = level == 1 ? found with { LeafPages = found.LeafPages + 1 } : found with { BranchPages = found.BranchPages + 1 };
        for (int index = 0; index < page.Count; index++)
        {
            LmdbEntry entry = page[index];
            if (level == 1)
                InspectRecord(entry, ref found, ref last, record);
            else
                InspectChild(entry, index, level, ref found, ref last, record);
        }
        CryptographicOperations.ZeroMemory(octets);
    }

    private void InspectChild(
        in LmdbEntry entry, int index, int level, ref LmdbTree found, ref byte[]? last, Action<ReadOnlySpan<byte>, ReadOnlySpan<byte>> record)
    {
        bool integers = (found.Flags & LmdbTree.IntegerKeys) != 0;
        if (index > 0 && last is not null && LmdbPage.Compare(entry.Key, last, integers) <= 0)
            throw new FileDamageException("its keys are not in order");
        byte[] low = entry.Key.ToArray();
        byte[]? before = last;
        Inspect(entry.Child, level - 1, ref found, ref last, (key, value) =>
        {
            if (index > 0 && LmdbPage.Compare(key, low, integers) < 0)
                throw new FileDamageException("a key is in the wrong page");
            record(key, value);
        });
        if (last == before)
            throw new FileDamageException("a branch has no records");
    }

    private void InspectRecord(
        in LmdbEntry entry, ref LmdbTree found, ref byte[]? last, Action<ReadOnlySpan<byte>, ReadOnlySpan<byte>> record)
    {
        if (last is not null && LmdbPage.Compare(entry.Key, last, (found.Flags & LmdbTree.IntegerKeys) != 0) <= 0)
            throw new FileDamageException("its keys are not in order");
        last = entry.Key.ToArray();
        found = found with { Entries = found.Entries + 1 };
        if (!entry.IsLong)
        {
            record(entry.Key, entry.Data);
            return;
        }
        int pages = snapshot.CountPages(entry);
        found = found with { OverflowPages = found.OverflowPages + (ulong)pages };
        byte[] value = new byte[LmdbSnapshot.CheckedLength(entry, (found.Flags & LmdbTree.IntegerKeys) != 0)];
        snapshot.ReadLongValue(entry, value);
        Mark(BitConverter.ToUInt64(entry.Data), pages);
        record(entry.Key, value);
        CryptographicOperations.ZeroMemory(value);
    }

    private void InspectFreePages(ReadOnlySpan<byte> key, ReadOnlySpan<byte> pages)
    {
        ulong count = pages.Length >= sizeof(ulong) ? BitConverter.ToUInt64(pages) : ulong.MaxValue;
        if (key.Length != sizeof(ulong) || BitConverter.ToUInt64(key) > snapshot.Meta.Transaction || count > (ulong)(pages.Length / sizeof(ulong)) - 1)
            throw new FileDamageException("its list of free pages contradicts itself");
        for (int index = 1; index <= (int)count; index++)
            Mark(BitConverter.ToUInt64(pages[(index * sizeof(ulong))..]), 1);
    }

    private void Mark(ulong number, int count)
    {
        for (ulong page = number; page < number + (ulong)count; page++)
        {
            if (page < LmdbLayout.FirstPage || page > snapshot.Meta.LastPage || !_seen.Add(page))
                throw new FileDamageException($"page {page} is used twice, or not there");
        }
    }
}
