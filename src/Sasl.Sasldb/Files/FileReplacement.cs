using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Sasl.Sasldb.Files;

/// <summary>
/// A new file that is made beside an old one and then takes its name, at one moment: whoever opens the name finds the old file or the new
/// one, whenever the process is killed. Used under a <see cref="FileWriteLock"/>.
/// </summary>
internal sealed class FileReplacement : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path;
    private readonly FileFacts? _before;
    private readonly FileStream _draft;
    private bool _isCommitted;

    private FileReplacement(string path, FileFacts? before, FileStream draft)
    {
        _path = path;
        _before = before;
        _draft = draft;
    }

    /// <summary>Where the new contents go.</summary>
    public SafeFileHandle File => _draft.SafeFileHandle;

    /// <summary>Follows symbolic links, so that they stay and what they lead to is replaced.</summary>
    /// <param name="path">A path.</param>
    public static string Follow(string path)
    {
        try
        {
            return System.IO.File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            return path;
        }
    }

    /// <summary>Refuses a file that is not to be replaced, before anything is made beside it. None is no hindrance.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="SasldbException">It is no regular file, or has other names.</exception>
    public static void RequireReplaceable(string path) => RequireOneName(path, "writing would part them");

    /// <summary>Refuses a file that has other names. None is no hindrance.</summary>
    /// <param name="path">The file.</param>
    /// <param name="harm">What writing would do, for the complaint.</param>
    /// <exception cref="SasldbException">It is no regular file, or has other names.</exception>
    public static void RequireOneName(string path, string harm)
    {
        if (!new FileProbe(path).TryGet(out FileFacts facts))
            return;
        if (!facts.IsRegularFile)
            throw FileComplaint.NotAFile(path);
        if (facts.Links > 1)
        {
            throw new SasldbException(
                SasldbFault.NotWritable,
                path,
                $"{path}: has {facts.Links} names (hard links), and {harm}; make the other names symbolic links or copies");
        }
    }

    /// <summary>Removes what a writer that was killed left behind.</summary>
    /// <param name="path">The file that it wanted to replace.</param>
    public static void RemoveLeftover(string path) => System.IO.File.Delete(DraftOf(path));

    /// <summary>Makes the new file, still empty, with the owner, group and permissions of the old one.</summary>
    /// <param name="path">The file to replace.</param>
    /// <param name="before">What the system says about it; null when there is none.</param>
    /// <param name="createMode">The permissions when there is none.</param>
    /// <exception cref="SasldbException">The new file cannot be given to the old one's owner and group.</exception>
    public static FileReplacement Begin(string path, FileFacts? before, UnixFileMode createMode)
    {
        var how = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            how.UnixCreateMode = before is null ? createMode : OwnerOnly;
        RemoveLeftover(path);
        var made = new FileReplacement(path, before, new FileStream(DraftOf(path), how));
        try
        {
            made.KeepOwnerAndPermissions();
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    /// <summary>Makes sure that the new contents survive a power failure. May take long; nothing is changed yet.</summary>
    public void Flush() => RandomAccess.FlushToDisk(File);

    /// <summary>Whether the path still names the old file, as it was, or still none. For forms whose other writers take no lock.</summary>
    public bool IsOldOneUnchanged()
    {
        bool isThere = new FileProbe(_path).TryGet(out FileFacts now);
        return _before is { } before ? isThere && now.Identity == before.Identity : !isThere;
    }

    /// <summary>Gives the new file the old one's name.</summary>
    /// <returns>False when there was none, and now there is; nothing was done.</returns>
    public bool TryCommit()
    {
        // Before: with the file open, .NET holds a lock of it.
        _draft.Dispose();
        try
        {
            System.IO.File.Move(DraftOf(_path), _path, overwrite: _before is not null);
        }
        catch (IOException) when (_before is null && new FileProbe(_path).TryGet(out _))
        {
            return false;
        }
        _isCommitted = true;
        LinuxCalls.SyncDirectory(Encoding.UTF8.GetBytes(Path.GetDirectoryName(_path) + '\0'));
        return true;
    }

    /// <summary>Closes the new file and removes it unless it was committed.</summary>
    public void Dispose()
    {
        _draft.Dispose();
        if (!_isCommitted)
            RemoveLeftover(_path);
    }

    // A name that nobody gives a file of his own, and the same for every form: what is left behind under it is removed.
    private static string DraftOf(string path) => Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.unfinished");

    private void KeepOwnerAndPermissions()
    {
        if (_before is not { } before || OperatingSystem.IsWindows())
            return;
        if (!LinuxCalls.ChangeOwner(File, before.Owner, before.Group))
            throw FileComplaint.NotWritable(_path, new UnauthorizedAccessException("A new file cannot be given to the owner and the group of the present one."));
        System.IO.File.SetUnixFileMode(File, before.Permissions);
    }
}
