namespace Sasl.Testing.Peers;

/// <summary>A new folder under TMPDIR for one peer or one test: mode 0755, so that daemons under other users reach it; deleted on disposal.</summary>
public sealed class PrivateDirectory : IDisposable
{
    private const UnixFileMode Everyone =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private PrivateDirectory(string path) => FullPath = path;

    /// <summary>Where it is.</summary>
    public string FullPath { get; }

    /// <summary>Makes a new one. The purpose becomes part of its name.</summary>
    /// <exception cref="InvalidOperationException">Root runs the tests and TMPDIR is closed to other users, such as the mail system's.</exception>
    public static PrivateDirectory Create(string purpose)
    {
        string path = Directory.CreateTempSubdirectory($"sasl-peer-{purpose}-").FullName;
        PeerGuardian.WatchDirectory(path);
        Unix.SetMode(path, Everyone);
        if (Environment.IsPrivilegedProcess)
        {
            RequireTraversable(path);
        }

        return new PrivateDirectory(path);
    }

    /// <summary>The full path of something inside it.</summary>
    public string At(params ReadOnlySpan<string> parts) => Path.Combine([FullPath, .. parts]);

    /// <summary>Writes a file inside it, makes the folders on its way, and returns its full path.</summary>
    public string Write(string name, string text)
    {
        string path = At(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Makes a folder inside it, with a mode and an owner where given, and returns its full path.</summary>
    public string MakeFolder(string name, UnixFileMode mode = Everyone, string? owner = null, string? group = null)
    {
        string path = Directory.CreateDirectory(At(name)).FullName;
        Unix.SetMode(path, mode);
        if (owner is not null)
        {
            Unix.ChangeOwner(path, owner, group);
        }

        return path;
    }

    /// <inheritdoc/>
    public override string ToString() => FullPath;

    /// <summary>Deletes it with everything in it.</summary>
    public void Dispose()
    {
        if (Directory.Exists(FullPath))
        {
            Directory.Delete(FullPath, recursive: true);
        }
    }

    private static void RequireTraversable(string path)
    {
        for (DirectoryInfo? folder = Directory.GetParent(path); folder is not null; folder = folder.Parent)
        {
            if (!folder.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
            {
                throw new InvalidOperationException($"{folder} is closed to other users; peers that change their user need a TMPDIR they can enter.");
            }
        }
    }
}
