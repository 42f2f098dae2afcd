using Microsoft.Win32.SafeHandles;
using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Lmdb;

/// <summary>A data file open for reading, and the newest state seen of it.</summary>
/// <param name="handle">The open file; disposed with this.</param>
/// <param name="identity">Which file it is.</param>
internal sealed class LmdbFile(SafeFileHandle handle, FileIdentity identity) : IDisposable
{
    private const int MostTries = 1000;

    private volatile LmdbSnapshot? _newest;

    /// <summary>Whether a path that the system says this about still names this file.</summary>
    public bool Is(in FileIdentity other) => identity.IsSameFile(other);

    /// <summary>
    /// The newest state, as far as is known; <see cref="IsNewest"/> tells afterwards whether it was. What was known is forgotten when the
    /// file was touched in any way since, an overwriting in place included.
    /// </summary>
    /// <param name="now">What the system says about the path now.</param>
    public LmdbSnapshot Snapshot(in FileIdentity now) =>
        _newest is { } known && known.Identity == now ? known : _newest = TakeSnapshot(now);

    /// <summary>Whether a state is still the newest, and so everything read through it is right.</summary>
    public bool IsNewest(LmdbSnapshot snapshot)
    {
        Span<byte> now = stackalloc byte[2 * LmdbMeta.EndInPage];
        ReadMetas(handle, snapshot.Meta.PageSize, now);
        if (now.SequenceEqual(snapshot.Octets))
            return true;
        _newest = null;
        return false;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => handle.Dispose();

    /// <summary>Reads the meaningful octets of both meta pages.</summary>
    public static void ReadMetas(SafeFileHandle file, int pageSize, Span<byte> into)
    {
        LmdbSnapshot.ReadExactly(file, into[..LmdbMeta.EndInPage], 0);
        LmdbSnapshot.ReadExactly(file, into[LmdbMeta.EndInPage..], pageSize);
    }

    // A meta page may be read while it is being written. Half written it still has its old, lower number, which is the last of it to be
    // written; and what was read through another state than the newest is thrown away, because IsNewest compares every octet.
    private LmdbSnapshot TakeSnapshot(in FileIdentity now)
    {
        byte[] octets = new byte[2 * LmdbMeta.EndInPage];
        Span<byte> again = stackalloc byte[2 * LmdbMeta.EndInPage];
        LmdbSnapshot.ReadExactly(handle, octets.AsSpan(0, LmdbMeta.EndInPage), 0);
        int pageSize = LmdbMeta.ReadPageSize(octets);
        ReadMetas(handle, pageSize, octets);
        for (int tries = 0; tries < MostTries; tries++)
        {
            ReadMetas(handle, pageSize, again);
            if (again.SequenceEqual(octets))
            {
                LmdbMeta newer = LmdbMeta.Newer(octets.AsSpan(0, LmdbMeta.EndInPage), octets.AsSpan(LmdbMeta.EndInPage));
                return new LmdbSnapshot(handle, now, octets, newer);
            }
            again.CopyTo(octets);
        }
        throw new LmdbDamageException("its meta pages change faster than they can be read");
    }
}
