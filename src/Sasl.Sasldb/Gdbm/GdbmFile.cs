using Microsoft.Win32.SafeHandles;
using Sasl.Sasldb.Files;
using Sasl.Sasldb.Forms;

namespace Sasl.Sasldb.Gdbm;

/// <summary>A file open for reading, and what is known of its present state.</summary>
internal sealed class GdbmFile : OpenFile, ISasldbFile<GdbmSnapshot>
{
    // How long, in milliseconds, the header and the directory are believed without a look, while the system says that the file was not
    // written to: for those who keep a file open to write for longer than GdbmForm.Settling.
    private const long Freshness = 1000;

    private readonly FileClock _clock;
    private volatile GdbmSnapshot? _known;

    private GdbmFile(SafeFileHandle handle, FileIdentity identity, FileClock clock)
        : base(handle, identity) => _clock = clock;

    /// <summary>Opens a file.</summary>
    /// <param name="path">Which.</param>
    /// <param name="facts">What the system says about it.</param>
    /// <param name="clock">Tells whether it is settled.</param>
    /// <exception cref="SasldbException">It is not there, not readable, or not in this form.</exception>
    public static GdbmFile Open(string path, in FileFacts facts, FileClock clock)
    {
        var opened = new GdbmFile(FileOpening.OpenToRead(path, facts), facts.Identity, clock);
        try
        {
            SasldbFormDetector.Require(path, opened.Handle, GdbmForm.Kind);
            return opened;
        }
        catch (SasldbException) when (SasldbFormDetector.IsReplaced(new FileProbe(path), opened.Handle))
        {
            // The one that was replaced is spoiled; whoever asked looks again.
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>A state that was the file's shortly ago, and probably is.</summary>
    public GdbmSnapshot? Known => _known is { } known && IsFresh(known) ? known : null;

    /// <summary>What to read through.</summary>
    /// <param name="now">What the system says about the path now.</param>
    public GdbmSnapshot Snapshot(in FileIdentity now)
    {
        if (_known is { } known && known.Identity == now && IsFresh(known))
            return known;
        // Before reading: what is written from now on has a time that is not this one.
        GdbmSnapshot taken = GdbmSnapshot.Take(Handle, now, _clock.IsSettled(now), _known);
        if (taken.IsSettled)
            _known = taken;
        return taken;
    }

    private static bool IsFresh(GdbmSnapshot known) => Environment.TickCount64 - known.SeenAt < Freshness;
}
