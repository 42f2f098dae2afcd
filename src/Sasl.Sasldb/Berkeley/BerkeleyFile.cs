using Microsoft.Win32.SafeHandles;
using Sasl.Sasldb.Files;
using Sasl.Sasldb.Forms;

namespace Sasl.Sasldb.Berkeley;

/// <summary>A file open for reading, and what is known of its present state.</summary>
/// <param name="handle">The open file; disposed with this.</param>
/// <param name="identity">Which file it is.</param>
/// <param name="path">Its name, for complaints.</param>
/// <param name="clock">Tells whether it is settled.</param>
internal sealed class BerkeleyFile(SafeFileHandle handle, FileIdentity identity, string path, FileClock clock)
    : OpenFile(handle, identity), ISasldbFile<BerkeleySnapshot>
{
    private volatile BerkeleySnapshot? _known;

    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">Which.</param>
    /// <param name="facts">What the system says about it.</param>
    /// <param name="clock">Tells whether it is settled.</param>
    /// <exception cref="SasldbException">It is not there, not readable, or nothing that could be in this form.</exception>
    public static BerkeleyFile Open(string path, in FileFacts facts, FileClock clock) =>
        new(FileOpening.OpenToRead(path, facts), facts.Identity, path, clock);

    /// <summary>The settled state that was read last, if there is one.</summary>
    public BerkeleySnapshot? Known => _known;

    /// <summary>What to read through. Page 0 is read again when the file was touched since, or may be without its time showing it.</summary>
    /// <param name="now">What the system says about the path now.</param>
    public BerkeleySnapshot Snapshot(in FileIdentity now)
    {
        if (_known is { } known && known.Identity == now)
            return known;
        BerkeleySnapshot taken = BerkeleySnapshot.Take(Handle, now, path, clock);
        if (taken.IsSettled)
            _known = taken;
        return taken;
    }
}
