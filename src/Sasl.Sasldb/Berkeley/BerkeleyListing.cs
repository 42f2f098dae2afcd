using System.Security.Cryptography;

namespace Sasl.Sasldb.Berkeley;

/// <summary>Reads records a page of the listing at a time, in an order that stays when the table grows: see <see cref="BerkeleyHash.Reverse"/>.</summary>
internal static class BerkeleyListing
{
    // Neither many short records nor a few long ones are too much at once.
    private const int EnoughRecords = 256;
    private const int EnoughOctets = 64 * 1024;

    /// <summary>Collects the records behind a key: whole buckets, until there are enough.</summary>
    /// <param name="snapshot">The file.</param>
    /// <param name="after">The last key that was listed; null begins.</param>
    /// <param name="withValues">Whether values are wanted.</param>
    /// <param name="make">Makes an entry of a key and a value.</param>
    /// <returns>At least one, or none at the end.</returns>
    public static List<T> Read<T>(BerkeleySnapshot snapshot, byte[]? after, bool withValues, Func<byte[], byte[], T> make)
    {
        var found = new List<T>();
        byte[] page = new byte[snapshot.Meta.PageSize];
        using var bucket = new BerkeleyBucket();
        uint last = after is null ? 0 : BerkeleyHash.Of(after);
        uint place = BerkeleyHash.Reverse(last);
        int octets = 0;
        try
        {
            do
            {
                uint number = snapshot.Meta.BucketOf(BerkeleyHash.Reverse(place));
                bucket.Load(snapshot, number, page, withValues);
                bucket.SortForListing();
                for (int index = 0; index < bucket.Count; index++)
                {
                    if (after is null || BerkeleyBucket.Compare(bucket.Hash(index), bucket.Key(index), last, after) > 0)
                        found.Add(make(bucket.Key(index).ToArray(), bucket.Value(index).ToArray()));
                }
                octets += (int)bucket.Octets;
                bucket.Clear();
                // All hashes of a bucket have its low bits; reversed, they are neighbours, and these are the first of the next ones.
                place = unchecked((BerkeleyHash.Reverse(number) | BerkeleyHash.Reverse(~snapshot.Meta.MaskOf(number))) + 1);
            }
            while (place != 0 && found.Count < EnoughRecords && (found.Count == 0 || octets < EnoughOctets));
            return found;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(page);
        }
    }
}
