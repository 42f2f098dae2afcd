using Microsoft.Win32.SafeHandles;
using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Berkeley;

/// <summary>A file open for reading, and what is known of its present state.</summary>
/// <param name="handle">The open file; disposed with this.</param>
/// <param name="identity">Which file it is.</param>
/// <param name="path">Its name, for complaints.</param>
/// <param name="clock">Tells whether it is settled.</param>
internal sealed class BerkeleyFile(SafeFileHandle handle, FileIdentity identity, string path, FileClock clock) : IDisposable
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

    /// <summary>The open file.</summary>
    public SafeFileHandle Handle => handle;

    /// <summary>Whether a path that the system says this about still names this file.</summary>
    public bool Is(in FileIdentity other) => identity.IsSameFile(other);

    /// <summary>What to read through. Page 0 is read again when the file was touched since, or may be without its time showing it.</summary>
    /// <param name="now">What the system says about the path now.</param>
    public BerkeleySnapshot Snapshot(in FileIdentity now)
    {
        if (_known is { } known && known.Identity == now)
            return known;
        BerkeleySnapshot taken = BerkeleySnapshot.Take(handle, now, path, clock);
        if (taken.IsSettled)
            _known = taken;
        return taken;
    }

    /// <summary>Whether the file, under whatever name, is as it was.</summary>
    /// <param name="before">What the system said about it then.</param>
    public bool IsUntouched(in FileIdentity before)
    {
        FileIdentity now = FileProbe.Identify(handle);
        return now.Modified == before.Modified && now.Length == before.Length && now.Changed == before.Changed;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => handle.Dispose();
}
