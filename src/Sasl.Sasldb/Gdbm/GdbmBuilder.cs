using Microsoft.Win32.SafeHandles;
using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Gdbm;

/// <summary>Builds a whole new file out of an old one and changes, bucket by bucket: in memory are the hashes and one bucket.</summary>
/// <remarks>
/// The file has the header, the directory, the buckets and then the records, in the order of their hashes; what is left of the last block
/// is the free list's only place. Nothing of a removed record gets into it. It has the layout and the block size of the old one.
/// </remarks>
/// <param name="snapshot">The old file; null where there is none, or an empty one.</param>
/// <param name="transaction">The changes.</param>
internal sealed class GdbmBuilder(GdbmSnapshot? snapshot, GdbmTransaction transaction)
{
    // Where a file is made, and not remade. What libgdbm takes on the usual file systems.
    private const int UsualBlockSize = 4096;

    // libgdbm does not note places that are not longer.
    private const int SmallestSpace = 4;

    private readonly GdbmLayout _layout = snapshot?.Header.Layout ?? GdbmLayout.Native;
    private readonly GdbmKind _kind = snapshot?.Header.Kind ?? GdbmKind.Standard;
    private readonly int _blockSize = snapshot?.Header.BlockSize ?? UsualBlockSize;
    private readonly int _bucketSize = snapshot?.Header.BucketSize ?? UsualBlockSize;

    /// <summary>Builds it.</summary>
    /// <param name="file">An empty file, open for writing.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>False when the form has no room for so many records, or for so many of nearly the same hash.</returns>
    public bool TryBuild(SafeFileHandle file, CancellationToken cancellationToken)
    {
        (int[] hashes, long octets) = Survey(cancellationToken);
        if (GdbmPlan.TryMake(hashes, _layout.ElementsOf(_bucketSize)) is not { } plan)
            return false;
        int bits = Math.Max(plan.Depth, SmallestDirectory());
        long bucketsAt = _blockSize + WholeBlocks((long)_layout.Word << bits);
        long recordsAt = bucketsAt + WholeBlocks((long)plan.Buckets.Count * _bucketSize);
        long end = recordsAt + WholeBlocks(octets);
        if (end > (_layout.Word == sizeof(int) ? int.MaxValue : long.MaxValue))
            return false;
        RandomAccess.SetLength(file, end);
        WriteDirectory(file, plan, bits, bucketsAt);
        using (var buckets = new GdbmOutput(file, bucketsAt))
        using (var records = new GdbmOutput(file, recordsAt))
        {
            WriteBuckets(plan, buckets, records, cancellationToken);
            if (records.Place != recordsAt + octets)
                throw new FileDamageException("it changed while it was written");
        }
        var header = new GdbmHeader(_layout, _kind, _blockSize, _blockSize, bits, _bucketSize, end);
        WriteHeader(file, header, recordsAt + octets);
        return true;
    }

    private long WholeBlocks(long octets) => (octets + _blockSize - 1) / _blockSize * _blockSize;

    // libgdbm wants one that fills a block.
    private int SmallestDirectory()
    {
        int bits = GdbmHeader.MinDirectoryBits;
        while ((long)_layout.Word << bits < _blockSize)
            bits++;
        return bits;
    }

    private (int[] Hashes, long Octets) Survey(CancellationToken cancellationToken)
    {
        var hashes = new List<int>();
        long octets = 0;
        foreach ((GdbmKey key, GdbmChange change) in transaction.Changes)
        {
            if (change.Value is null)
                continue;
            hashes.Add(key.Hash);
            octets += key.Key.Length + change.Value.Length;
        }
        if (snapshot is not null)
            octets += SurveyOld(hashes, cancellationToken);
        hashes.Sort();
        return ([.. hashes], octets);
    }

    private long SurveyOld(List<int> hashes, CancellationToken cancellationToken)
    {
        long octets = 0;
        using var page = new GdbmPage(snapshot!);
        using IEnumerator<KeyValuePair<GdbmKey, GdbmChange>> changes = transaction.Changes.Where(change => change.Value.IsStored).GetEnumerator();
        bool hasChange = changes.MoveNext();
        for (int index = 0; index < snapshot!.Header.DirectoryCount; index = page.Next)
        {
            cancellationToken.ThrowIfCancellationRequested();
            page.Load(index);
            for (int record = 0; record < page.Count; record++)
            {
                if (hasChange && IsOf(page, record, changes.Current.Key))
                {
                    hasChange = changes.MoveNext();
                    continue;
                }
                hashes.Add(page[record].Hash);
                octets += page[record].Length;
            }
        }
        return octets;
    }

    private static bool IsOf(GdbmPage page, int record, GdbmKey key) =>
        page[record].Hash == key.Hash && page.Key(record).SequenceEqual(key.Key);

    private void WriteDirectory(SafeFileHandle file, GdbmPlan plan, int bits, long bucketsAt)
    {
        using var directory = new GdbmOutput(file, _blockSize);
        Span<byte> entry = stackalloc byte[_layout.Word];
        long place = bucketsAt;
        foreach ((int bucketBits, _) in plan.Buckets)
        {
            _layout.WritePlace(entry, 0, place);
            for (int times = 1 << (bits - bucketBits); times > 0; times--)
                directory.Write(entry);
            place += _bucketSize;
        }
    }

    private void WriteBuckets(GdbmPlan plan, GdbmOutput buckets, GdbmOutput records, CancellationToken cancellationToken)
    {
        byte[] bucket = new byte[_bucketSize];
        using var merge = new GdbmMerge(snapshot, transaction);
        foreach ((int bits, int count) in plan.Buckets)
        {
            cancellationToken.ThrowIfCancellationRequested();
            BeginBucket(bucket, bits, count);
            for (int left = count; left > 0; left--)
            {
                if (!merge.TryNext())
                    throw new FileDamageException("it changed while it was written");
                Put(bucket, merge, records.Place);
                records.Write(merge.Key);
                records.Write(merge.Value);
            }
            buckets.Write(bucket);
        }
    }

    private void BeginBucket(Span<byte> bucket, int bits, int count)
    {
        bucket.Clear();
        _layout.WriteNumber(bucket, _layout.BucketBitsAt, bits);
        _layout.WriteNumber(bucket, _layout.BucketBitsAt + sizeof(int), count);
        for (int place = 0; place < _layout.ElementsOf(_bucketSize); place++)
            _layout.WriteNumber(bucket, _layout.ElementsAt + (place * _layout.ElementLength), GdbmElement.NoHash);
    }

    private void Put(Span<byte> bucket, GdbmMerge merge, long record)
    {
        int capacity = _layout.ElementsOf(_bucketSize);
        int place = merge.Hash % capacity;
        while (_layout.Number(bucket, _layout.ElementsAt + (place * _layout.ElementLength)) != GdbmElement.NoHash)
            place = (place + 1) % capacity;
        Span<byte> element = bucket.Slice(_layout.ElementsAt + (place * _layout.ElementLength), _layout.ElementLength);
        _layout.WriteNumber(element, 0, merge.Hash);
        merge.Key[..Math.Min(merge.Key.Length, GdbmLayout.KeyStart)].CopyTo(element[sizeof(int)..]);
        _layout.WritePlace(element, GdbmLayout.RecordAt, record);
        int lengths = GdbmLayout.RecordAt + _layout.Word;
        _layout.WriteNumber(element, lengths, merge.Key.Length);
        _layout.WriteNumber(element, lengths + sizeof(int), merge.Value.Length);
    }

    private void WriteHeader(SafeFileHandle file, GdbmHeader header, long used)
    {
        byte[] block = new byte[_blockSize];
        header.Write(block);
        int at = _kind.SpacesAt(_layout);
        if (_kind.IsExtended)
            WriteExtension(block.AsSpan(_layout.HeaderLength, GdbmLayout.ExtensionLength));
        Span<byte> spaces = block.AsSpan(at);
        _layout.WriteNumber(spaces, 0, (spaces.Length - _layout.SpacesAt) / _layout.SpaceLength);
        int left = (int)(header.NextBlock - used);
        if (left > SmallestSpace)
        {
            _layout.WriteNumber(spaces, sizeof(int), 1);
            _layout.WriteNumber(spaces, _layout.SpacesAt, left);
            _layout.WritePlace(spaces, _layout.SpacesAt + _layout.SpacePlaceAt, used);
        }
        RandomAccess.Write(file, block, 0);
    }

    // The counter of syncs tells copies of a file from each other.
    private void WriteExtension(Span<byte> extension)
    {
        snapshot!.Read(extension, _layout.HeaderLength);
        _layout.WriteNumber(extension, sizeof(int), unchecked(_layout.Number(extension, sizeof(int)) + 1));
    }
}
