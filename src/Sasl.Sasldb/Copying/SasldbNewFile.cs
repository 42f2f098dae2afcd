using System.Text;
using Microsoft.Win32.SafeHandles;
using Sasl.Sasldb.Files;

namespace Sasl.Sasldb.Copying;

/// <summary>A sasldb that is made beside its place and put there when it is whole.</summary>
internal sealed class SasldbNewFile : IDisposable
{
    private const string LockSuffix = "-lock";

    private readonly string _place;
    private readonly bool _overwrite;

    /// <summary>Begins one; makes nothing yet.</summary>
    /// <param name="place">Its place, as an absolute path.</param>
    /// <param name="overwrite">Whether a file that is there may go.</param>
    /// <exception cref="SasldbException">There is one, or something that is no file.</exception>
    public SasldbNewFile(string place, bool overwrite)
    {
        // A link stays one, and what it leads to is replaced.
        _place = FileReplacement.Follow(place);
        _overwrite = overwrite;
        Path = FileDraft.NameFor(_place);
        RequireFree();
        FileDraft.RemoveAbandoned(_place);
    }

    /// <summary>Where to make it.</summary>
    public string Path { get; }

    /// <summary>Gives it a file's owner, group and mode, and puts it into its place.</summary>
    /// <param name="facts">What the system says about that file.</param>
    /// <param name="options">How long to wait for a writer of the file that goes.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Whether it could be given owner and group; if not, its mode is 0600.</returns>
    /// <exception cref="SasldbException">Somebody made another file there meanwhile.</exception>
    public bool Commit(in FileFacts facts, SasldbOptions options, CancellationToken cancellationToken)
    {
        bool isOwned = true;
        if (!OperatingSystem.IsWindows())
        {
            using SafeFileHandle file = File.OpenHandle(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            isOwned = LinuxCalls.ChangeOwner(file, facts.Owner, facts.Group);
            // The permissions of a group are for that group and no other.
            File.SetUnixFileMode(file, isOwned ? facts.Permissions : UnixFileMode.UserRead | UnixFileMode.UserWrite);
            RandomAccess.FlushToDisk(file);
        }
        // Whoever is changing the file that goes would put it back into its place.
        using FileWriteLock? held = _overwrite && File.Exists(_place) ? FileWriteLock.Take(_place, options, cancellationToken) : null;
        RequireFree();
        File.Move(Path, _place, _overwrite);
        LinuxCalls.SyncDirectory(Encoding.UTF8.GetBytes(System.IO.Path.GetDirectoryName(_place) + '\0'));
        return isOwned;
    }

    /// <summary>Deletes what has not been put into its place, and the lock file that was beside it.</summary>
    public void Dispose()
    {
        foreach (string left in (string[])[Path, Path + LockSuffix])
        {
            if (File.Exists(left))
                File.Delete(left);
        }
    }

    private void RequireFree()
    {
        if (!new FileProbe(_place).TryGet(out FileFacts there))
            return;
        if (!there.IsRegularFile)
            throw FileComplaint.NotAFile(_place);
        if (!_overwrite)
            throw FileComplaint.AlreadyThere(_place);
        FileReplacement.RequireReplaceable(_place);
    }
}
