using System.Numerics;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Sasl.Sasldb.Berkeley;

/// <summary>
/// Builds a whole new file from an old one and a transaction. Goes through both in the order of reversed hashes, in which the records of
/// each old and of each new bucket are neighbours, so that never more than one bucket of each is in memory.
/// </summary>
internal sealed class BerkeleyBuilder
{
    // Pages are to be two thirds full at most when a file is written, so that few buckets need a second page and Cyrus finds room.
    private const double MostFull = 0.65;
    private const uint LeastBuckets = 2;
    private const uint MostBuckets = 1u << 30;

    private readonly BerkeleySnapshot? _old;
    private readonly BerkeleyMeta _meta;
    private readonly BerkeleyTransaction _transaction;
    private readonly (uint Place, byte[] Key, byte[]? Value)[] _changes;
    private int _nextChange;

    /// <summary>Prepares.</summary>
    /// <param name="old">The file as it is; null where there is none.</param>
    /// <param name="room">How much room its records take.</param>
    /// <param name="transaction">What is to be changed.</param>
    public BerkeleyBuilder(BerkeleySnapshot? old, long room, BerkeleyTransaction transaction)
    {
        _old = old;
        _transaction = transaction;
        BerkeleyMeta like = old?.Meta ?? new BerkeleyMeta();
        foreach ((byte[] key, byte[]? value) in transaction.Changes)
            room += value is null ? 0 : BerkeleyPageBuilder.RoomOf(key.Length, value.Length, like.PageSize);
        double buckets = Math.Max(room / (like.RoomInLongPage * MostFull), old is null ? LeastBuckets : Math.Max(LeastBuckets, (double)like.MaxBucket + 1));
        _meta = BerkeleyMeta.New(like, BitOperations.RoundUpToPowerOf2((uint)Math.Min(Math.Ceiling(buckets), MostBuckets)));
        _changes = [.. transaction.Changes.Select(change => (BerkeleyHash.Reverse(BerkeleyHash.Of(change.Key)), change.Key, change.Value))];
        Array.Sort(_changes, (one, other) => one.Place.CompareTo(other.Place));
    }

    /// <summary>Writes the new file, but for what makes it last.</summary>
    /// <param name="file">An empty file.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public void Build(SafeFileHandle file, CancellationToken cancellationToken)
    {
        using var pages = new BerkeleyPageBuilder(file, _meta);
        using var present = new BerkeleyBucket();
        using var records = new BerkeleyBucket();
        byte[] page = new byte[_old?.Meta.PageSize ?? 0];
        uint loaded = uint.MaxValue;
        int next = 0;
        for (uint turn = 0; turn <= _meta.MaxBucket; turn++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // All buckets in the order of their reversed numbers. The table is a power of two, so that each has the same mask.
            uint bucket = BerkeleyHash.Reverse(turn << BitOperations.LeadingZeroCount(_meta.MaxBucket));
            if (_old is not null && _old.Meta.BucketOf(bucket) != loaded)
            {
                loaded = _old.Meta.BucketOf(bucket);
                present.Clear();
                present.Load(_old, loaded, page, withValues: true);
                present.SortForListing();
                next = 0;
            }
            for (; next < present.Count && _meta.BucketOf(present.Hash(next)) == bucket; next++)
            {
                if (!_transaction.IsChanged(present.Key(next)))
                    records.Add(present.Key(next), present.Value(next));
            }
            AddChanges(records, BerkeleyHash.Reverse(bucket) | BerkeleyHash.Reverse(~_meta.HighMask));
            records.Sort();
            pages.Write(bucket, records);
            records.Clear();
        }
        pages.WriteMeta();
        CryptographicOperations.ZeroMemory(page);
    }

    private void AddChanges(BerkeleyBucket records, uint last)
    {
        for (; _nextChange < _changes.Length && _changes[_nextChange].Place <= last; _nextChange++)
        {
            if (_changes[_nextChange].Value is { } value)
                records.Add(_changes[_nextChange].Key, value);
        }
    }
}
