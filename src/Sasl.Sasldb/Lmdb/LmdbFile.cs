using Microsoft.Win32.SafeHandles;
using Sasl.Sasldb.Files;
using Sasl.Sasldb.Forms;

namespace Sasl.Sasldb.Lmdb;

/// <summary>A data file open for reading, and the newest state seen of it.</summary>
/// <param name="handle">The open file; disposed with this.</param>
/// <param name="identity">Which file it is.</param>
/// <param name="settling">Tells when what was read need not be read again.</param>
internal sealed class LmdbFile(SafeFileHandle handle, FileIdentity identity, FileSettling settling)
    : OpenFile(handle, identity), ISasldbFile<LmdbSnapshot>
{
    private const int MostTries = 1000;

    private volatile LmdbSnapshot? _newest;

    /// <summary>The newest state that anybody has read, if there is one; null when it could be settled if it were read again.</summary>
    public LmdbSnapshot? Known => _newest is { } known && !IsDueToSettle(known) ? known : null;

    /// <summary>
    /// The newest state, as far as is known; <see cref="IsNewest"/> tells afterwards whether it was. What was known is forgotten when the
    /// file was touched in any way since, an overwriting in place included.
    /// </summary>
    /// <param name="now">What the system says about the path now.</param>
    public LmdbSnapshot Snapshot(in FileIdentity now)
    {
        if (_newest is not { } known || known.Identity != now)
            return _newest = TakeSnapshot(now, settling.Now, isSettled: false);
        return IsDueToSettle(known) ? _newest = TakeSnapshot(now, known.FirstSeen, isSettled: true) : known;
    }

    /// <summary>Whether a state is still the newest, and so everything read through it is right.</summary>
    /// <remarks>The next state is written into the other of the two meta pages. While that one is as it was, no page of this one was let go.</remarks>
    public bool IsNewest(LmdbSnapshot snapshot)
    {
        Span<byte> now = stackalloc byte[LmdbMeta.EndInPage];
        bool isOdd = (snapshot.Meta.Transaction & 1) != 0;
        LmdbSnapshot.ReadExactly(Handle, now, isOdd ? 0 : snapshot.Meta.PageSize);
        if (now.SequenceEqual(isOdd ? snapshot.Octets[..LmdbMeta.EndInPage] : snapshot.Octets[LmdbMeta.EndInPage..]))
            return true;
        _newest = null;
        return false;
    }

    /// <summary>Reads the meaningful octets of both meta pages.</summary>
    public static void ReadMetas(SafeFileHandle file, int pageSize, Span<byte> into)
    {
        LmdbSnapshot.ReadExactly(file, into[..LmdbMeta.EndInPage], 0);
        LmdbSnapshot.ReadExactly(file, into[LmdbMeta.EndInPage..], pageSize);
    }

    private bool IsDueToSettle(LmdbSnapshot snapshot) => !snapshot.IsSettled && settling.IsOver(snapshot.FirstSeen);

    // A meta page may be read while it is being written. Half written it still has its old, lower number, which is the last of it to be
    // written; and what was read through another state than the newest is thrown away, because IsNewest compares every octet.
    private LmdbSnapshot TakeSnapshot(in FileIdentity now, long firstSeen, bool isSettled)
    {
        byte[] octets = new byte[2 * LmdbMeta.EndInPage];
        Span<byte> again = stackalloc byte[2 * LmdbMeta.EndInPage];
        LmdbSnapshot.ReadExactly(Handle, octets.AsSpan(0, LmdbMeta.EndInPage), 0);
        int pageSize = LmdbMeta.ReadPageSize(octets);
        ReadMetas(Handle, pageSize, octets);
        for (int tries = 0; tries < MostTries; tries++)
        {
            ReadMetas(Handle, pageSize, again);
            if (again.SequenceEqual(octets))
            {
                LmdbMeta newer = LmdbMeta.Newer(octets.AsSpan(0, LmdbMeta.EndInPage), octets.AsSpan(LmdbMeta.EndInPage));
                return new LmdbSnapshot(Handle, now, octets, newer) { FirstSeen = firstSeen, IsSettled = isSettled };
            }
            again.CopyTo(octets);
        }
        throw new FileDamageException("its meta pages change faster than they can be read");
    }
}
