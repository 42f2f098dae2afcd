namespace Sasl.Sasldb.Gdbm;

/// <summary>Reads records a page of the listing at a time: whole buckets, until there are enough.</summary>
internal static class GdbmListing
{
    // Neither many short records nor a few long ones are too much at once.
    private const int EnoughRecords = 256;
    private const int EnoughOctets = 64 * 1024;

    /// <summary>Collects the records behind a key.</summary>
    /// <param name="snapshot">The file.</param>
    /// <param name="after">The last key that was listed; null begins.</param>
    /// <param name="make">Makes an entry of a key and a value.</param>
    /// <param name="found">Where the entries go: at least one, or none at the end.</param>
    public static void Read<T>(GdbmSnapshot snapshot, byte[]? after, Func<byte[], ReadOnlySpan<byte>, T> make, List<T> found)
    {
        using var page = new GdbmPage(snapshot);
        int last = after is null ? 0 : HashOf(snapshot, after);
        int octets = 0;
        int index = last >> (GdbmHash.Bits - snapshot.Header.DirectoryBits);
        while (index < snapshot.Header.DirectoryCount && found.Count < EnoughRecords && (found.Count == 0 || octets < EnoughOctets))
        {
            page.Load(index);
            for (int record = 0; record < page.Count; record++)
            {
                if (after is null || GdbmPage.Compare(page[record].Hash, page.Key(record), last, after) > 0)
                    found.Add(make(page.Key(record).ToArray(), page.Value(record)));
            }
            octets += page.Octets;
            index = page.Next;
        }
    }

    // The one by which the record is stored, if it still is.
    private static int HashOf(GdbmSnapshot snapshot, byte[] key)
    {
        int hash = GdbmHash.Of(key, GdbmHash.IsSignedHere);
        if (!GdbmHash.IsAmbiguous(key))
            return hash;
        byte[] bucket = new byte[snapshot.Header.BucketSize];
        return new GdbmReader(snapshot, bucket, new byte[key.Length]).TryFind(key, out GdbmElement element) ? element.Hash : hash;
    }
}
