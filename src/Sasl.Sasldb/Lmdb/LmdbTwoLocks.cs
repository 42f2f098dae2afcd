namespace Sasl.Sasldb.Lmdb;

/// <summary>The locks that programs on liblmdb take when some of them go by a symbolic link's name and some by the file's own.</summary>
/// <param name="first">One of them.</param>
/// <param name="second">The other.</param>
internal sealed class LmdbTwoLocks(LmdbWriteLock first, LmdbWriteLock second) : LmdbWriteLock
{
    /// <inheritdoc/>
    public override ulong OldestReader(ulong newest) => Math.Min(first.OldestReader(newest), second.OldestReader(newest));

    /// <inheritdoc/>
    public override void Publish(ulong transaction)
    {
        first.Publish(transaction);
        second.Publish(transaction);
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        second.Dispose();
        first.Dispose();
    }
}
