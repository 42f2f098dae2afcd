namespace Sasl.Sasldb.Gdbm;

/// <summary>Which buckets a new file has: as few bits of the hash as possible, so that no bucket has more records than it has room for.</summary>
internal sealed class GdbmPlan
{
    // A directory of 128 MiB. So many bits are only asked for by keys that were made to have the same hash.
    private const int MostBits = 24;

    private readonly int _capacity;
    private readonly List<(int Bits, int Count)> _buckets = [];

    private GdbmPlan(int capacity) => _capacity = capacity;

    /// <summary>The buckets in the order of their hashes: how many bits each has and how many records.</summary>
    public IReadOnlyList<(int Bits, int Count)> Buckets => _buckets;

    /// <summary>The most bits of a bucket.</summary>
    public int Depth { get; private set; }

    /// <summary>Makes one.</summary>
    /// <param name="hashes">Those of all records, in order.</param>
    /// <param name="capacity">For how many records a bucket has room.</param>
    /// <returns>Null when too many records have nearly the same hash.</returns>
    public static GdbmPlan? TryMake(ReadOnlySpan<int> hashes, int capacity)
    {
        var plan = new GdbmPlan(capacity);
        return plan.TryDivide(hashes, 0, 0) ? plan : null;
    }

    private bool TryDivide(ReadOnlySpan<int> hashes, int start, int bits)
    {
        if (hashes.Length <= _capacity)
        {
            _buckets.Add((bits, hashes.Length));
            Depth = Math.Max(Depth, bits);
            return true;
        }
        if (bits == MostBits)
            return false;
        int middle = start + (1 << (GdbmHash.Bits - 1 - bits));
        int lower = hashes.BinarySearch(middle - 1);
        lower = lower < 0 ? ~lower : lower;
        while (lower < hashes.Length && hashes[lower] < middle)
            lower++;
        return TryDivide(hashes[..lower], start, bits + 1) && TryDivide(hashes[lower..], middle, bits + 1);
    }
}
