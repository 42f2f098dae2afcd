using System.Runtime.InteropServices;

namespace Sasl.Testing.Peers;

/// <summary>The few calls of Unix that .NET does not have.</summary>
public static class Unix
{
    /// <summary>Sends a signal to one process. False when it is no longer there.</summary>
    internal static bool SignalProcess(int processId, UnixSignal signal) => kill(processId, (int)signal) == 0;

    /// <summary>Sends a signal to every process of a group. False when the group is empty.</summary>
    internal static bool SignalGroup(int groupId, UnixSignal signal) => kill(-groupId, (int)signal) == 0;

    /// <summary>Whether a process group has a member that still runs. One that ended and that nobody has asked after does not count.</summary>
    internal static bool GroupIsAlive(int groupId) =>
        kill(-groupId, 0) == 0 && ProcessFolders().Any(folder => ReadState(folder) is var (state, group) && group == groupId && state is not ('Z' or 'X'));

    /// <summary>The ids of running processes that work in a folder or below it, or name it in their arguments.</summary>
    public static IReadOnlyList<int> ProcessesUsing(string directory) =>
        [.. ProcessFolders().Where(folder => Uses(folder, directory)).Select(static folder => int.Parse(Path.GetFileName(folder), provider: null))];

    /// <summary>Sets the mode of a file or folder.</summary>
    internal static void SetMode(string path, UnixFileMode mode)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("Real peers run on Unix only.");
        }

        File.SetUnixFileMode(path, mode);
    }

    /// <summary>Gives a file or folder to a user and group by their names in /etc/passwd and /etc/group.</summary>
    /// <exception cref="InvalidOperationException">The names or the path do not exist, or the caller may not.</exception>
    internal static void ChangeOwner(string path, string user, string? group = null)
    {
        (int userId, int userGroup) = FindUser(user);
        int groupId = group is null ? userGroup : int.Parse(FindEntry("/etc/group", group)[2], provider: null);
        if (chown(path, userId, groupId) != 0)
        {
            throw new InvalidOperationException($"chown {user} {path} failed with errno {Marshal.GetLastPInvokeError()}.");
        }
    }

    private static IEnumerable<string> ProcessFolders() =>
        Directory.EnumerateDirectories("/proc").Where(static folder => char.IsAsciiDigit(Path.GetFileName(folder)[0]));

    private static bool Uses(string processFolder, string directory)
    {
        try
        {
            return (File.ResolveLinkTarget(Path.Combine(processFolder, "cwd"), returnFinalTarget: false)?.FullName ?? "")
                    .StartsWith(directory, StringComparison.Ordinal)
                || File.ReadAllText(Path.Combine(processFolder, "cmdline")).Contains(directory, StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // "pid (name) state parent group …"; the name may hold anything, so the fields are counted from its closing parenthesis.
    private static (char State, int Group)? ReadState(string processFolder)
    {
        try
        {
            string stat = File.ReadAllText(Path.Combine(processFolder, "stat"));
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0][0], int.Parse(fields[2], provider: null));
        }
        catch (Exception gone) when (gone is IOException or ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static (int User, int Group) FindUser(string name)
    {
        string[] entry = FindEntry("/etc/passwd", name);
        return (int.Parse(entry[2], provider: null), int.Parse(entry[3], provider: null));
    }

    private static string[] FindEntry(string file, string name) =>
        File.ReadLines(file).Select(static line => line.Split(':')).FirstOrDefault(fields => fields[0] == name)
        ?? throw new InvalidOperationException($"{file} has no entry for {name}.");

#pragma warning disable SYSLIB1054, IDE1006, CA2101 // Named as in libc; two plain calls, UTF-8 said for the one string.
    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int processId, int signal);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int chown([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int owner, int group);
#pragma warning restore SYSLIB1054, IDE1006, CA2101
}
