namespace Sasl;

/// <summary>Says why a file cannot be used, for the messages of whatever reads files.</summary>
public static class SaslFileAccess
{
    /// <summary>Describes what decides about access: mode and owner of the file, or of the directory that hides it, and the process's user.</summary>
    /// <param name="path">The file; it need not exist.</param>
    /// <returns>Such as <c>mode 0600, owner root, group root; this process runs as mail</c>.</returns>
    public static string Describe(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (OperatingSystem.IsWindows())
            return $"this process runs as {Environment.UserName}";
        string user = $"this process runs as {UnixFileStatus.UserName(UnixProcess.EffectiveUser)}";
        if (UnixFileStatus.Of(path) is { } status)
            return $"{status}; {user}";
        for (string? folder = Path.GetDirectoryName(Path.GetFullPath(path)); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (UnixFileStatus.Of(folder) is { } above)
                return $"directory {folder} has {above}; {user}";
        }
        return user;
    }
}
