using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Gdbm;

/// <summary>Reads all of a file and checks what a lookup takes on trust: that every record is found, and that nothing overlaps.</summary>
/// <param name="snapshot">The file.</param>
/// <param name="cancellationToken">Stops it.</param>
internal sealed class GdbmInspection(GdbmSnapshot snapshot, CancellationToken cancellationToken)
{
    private readonly GdbmHeader _header = snapshot.Header;
    private readonly List<(long Place, long Length)> _used = [];

    /// <summary>Inspects everything.</summary>
    /// <returns>How many records there are.</returns>
    /// <exception cref="FileDamageException">Something does not agree.</exception>
    public long Inspect()
    {
        if (snapshot.Identity.Length > _header.NextBlock)
            throw new FileDamageException("it is longer than its header says, for which libgdbm refuses it; gdbmtool's recover mends that");
        _used.Add((0, _header.BlockSize));
        _used.Add((_header.Directory, (long)_header.Layout.Word << _header.DirectoryBits));
        long count = InspectBuckets();
        InspectFreeList();
        RequireNoOverlap();
        return count;
    }

    private long InspectBuckets()
    {
        long count = 0;
        using var page = new GdbmPage(snapshot);
        for (int index = 0; index < _header.DirectoryCount; index = page.Next)
        {
            cancellationToken.ThrowIfCancellationRequested();
            page.Load(index);
            RequireReachable(page);
            InspectSpaces(page.Bucket[_header.Layout.BucketSpacesAt..], _header.Layout.Number(page.Bucket, 0), GdbmLayout.BucketSpaces);
            _used.Add((page.Place, _header.BucketSize));
            for (int record = 0; record < page.Count; record++)
                _used.Add((page[record].Record, page[record].Length));
            count += page.Count;
        }
        return count;
    }

    // No empty place between where the search for an element begins and the element.
    private void RequireReachable(GdbmPage page)
    {
        var bucket = new GdbmBucket(page.Bucket, _header);
        if (bucket.Count == bucket.Capacity)
            return;
        int empty = 0;
        while (bucket.HashAt(empty) != GdbmElement.NoHash)
            empty++;
        int run = 0;
        for (int passed = 1; passed <= bucket.Capacity; passed++)
        {
            int place = (empty + passed) % bucket.Capacity;
            int hash = bucket.HashAt(place);
            run = hash == GdbmElement.NoHash ? 0 : run + 1;
            if (run > 0 && (place - (hash % bucket.Capacity) + bucket.Capacity) % bucket.Capacity >= run)
                throw new FileDamageException("a record is not where it is looked for");
        }
    }

    // The first block fills the header's; the others are half as long, and each has room for half as many.
    private void InspectFreeList()
    {
        GdbmLayout layout = _header.Layout;
        int at = _header.Kind.SpacesAt(layout);
        byte[] block = new byte[_header.BlockSize - at];
        snapshot.Read(block, at);
        int room = layout.Number(block, 0);
        if (room != (block.Length - layout.SpacesAt) / layout.SpaceLength)
            throw new FileDamageException("its list of free places contradicts itself");
        InspectSpaces(block.AsSpan(layout.SpacesAt), layout.Number(block, sizeof(int)), room);
        int length = (room * layout.SpaceLength / 2) + layout.SpacesAt + layout.SpaceLength;
        byte[] next = new byte[length];
        var passed = new HashSet<long>();
        for (long place = layout.Place(block, 2 * sizeof(int)); place != 0; place = layout.Place(next, 2 * sizeof(int)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!snapshot.Contains(place, length) || !passed.Add(place))
                throw new FileDamageException("its list of free places leads out of it or in a circle");
            snapshot.Read(next, place);
            _used.Add((place, length));
            InspectSpaces(next.AsSpan(layout.SpacesAt), layout.Number(next, sizeof(int)), (length - layout.SpacesAt) / layout.SpaceLength);
        }
    }

    private void InspectSpaces(ReadOnlySpan<byte> spaces, int count, int room)
    {
        GdbmLayout layout = _header.Layout;
        if (count < 0 || count > room)
            throw new FileDamageException("its list of free places contradicts itself");
        for (int index = 0; index < count; index++)
        {
            ReadOnlySpan<byte> space = spaces.Slice(index * layout.SpaceLength, layout.SpaceLength);
            int length = layout.Number(space, 0);
            long place = layout.Place(space, layout.SpacePlaceAt);
            if (!_header.Contains(place, length))
                throw new FileDamageException("a free place is not within it");
            _used.Add((place, length));
        }
    }

    private void RequireNoOverlap()
    {
        _used.Sort((one, other) => one.Place.CompareTo(other.Place));
        long end = 0;
        foreach ((long place, long length) in _used)
        {
            if (length == 0)
                continue;
            if (place < end)
                throw new FileDamageException($"what is at octet {place} overlaps with what is before");
            end = place + length;
        }
    }
}
