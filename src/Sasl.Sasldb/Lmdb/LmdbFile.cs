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
    private FileIdentity _identity = identity;

    /// <summary>Whether a path that the system says this about still names this file.</summary>
    public bool Is(in FileIdentity other) => _identity.IsSameFile(other);

    /// <summary>Forgets what is known of the contents when the file was touched in any way, an overwriting in place included.</summary>
    /// <param name="now">What the system says about the path now.</param>
    public void Notice(in FileIdentity now)
    {
        if (_identity == now)
            return;
        lock (this)
        {
            _newest = null;
            _identity = now;
        }
    }

    /// <summary>The newest state, as far as is known; <see cref="IsNewest"/> tells afterwards whether it was.</summary>
    public LmdbSnapshot Snapshot() => _newest ?? (_newest = TakeSnapshot());

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

    // A meta page may be read while it is being written. Whoever reads the same twice has read it whole, because the transaction's
    // number is the last of it to be written.
    private LmdbSnapshot TakeSnapshot()
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
                return new LmdbSnapshot(handle, octets, LmdbMeta.Newer(octets.AsSpan(0, LmdbMeta.EndInPage), octets.AsSpan(LmdbMeta.EndInPage)));
            again.CopyTo(octets);
        }
        throw new LmdbDamageException("its meta pages change faster than they can be read");
    }
}
