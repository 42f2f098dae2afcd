using System.Globalization;

namespace Sasl.Sasldb.Files;

/// <summary>Turns what the system reports about a file into sentences that say what to do.</summary>
internal static class FileComplaint
{
    private const int LongestAccountFile = 1024 * 1024;

    /// <summary>There is no file.</summary>
    public static SasldbException Missing(string path) => new(
        SasldbFault.Missing, path, $"{path}: there is no such file; add a first user to make it, or correct sasldb_path");

    /// <summary>It is no regular file.</summary>
    public static SasldbException NotAFile(string path) => new(
        SasldbFault.NotAFile, path, $"{path}: this is a directory, a device or a pipe, and no sasldb file");

    /// <summary>It holds nothing at all.</summary>
    public static SasldbException Empty(string path) => new(
        SasldbFault.Empty, path, $"{path}: the file is empty; add a first user to it");

    /// <summary>It may not be read.</summary>
    public static SasldbException Unreadable(string path, in FileFacts facts, Exception reason) => new(
        SasldbFault.Unreadable, path, $"{path}: may not be read by {Self()}: {Describe(facts)}; give it to a group of that user, mode 0640", reason);

    /// <summary>The way to it is closed.</summary>
    public static SasldbException Barred(string path) => new(
        SasldbFault.Unreadable, path, $"{path}: {Self()} may not enter a directory on the way to it; chmod g+x or o+x that directory");

    /// <summary>It may not be written.</summary>
    public static SasldbException NotWritable(string path, Exception reason) => new(
        SasldbFault.NotWritable, path, $"{path}: may not be written by {Self()}{DescribePlace(path)}", reason);

    /// <summary>It is to be made and is there.</summary>
    public static SasldbException AlreadyThere(string path) => new(
        SasldbFault.NotWritable, path, $"{path}: there is a file already, which would be lost");

    /// <summary>It was made, and whoever makes it may not give it away.</summary>
    public static string NotGiven(string path, in FileFacts facts) =>
        $"{path}: {Self()} may not give it to {Belongs(facts)}; its mode is 0600";

    /// <summary>It is damaged.</summary>
    public static SasldbException Damaged(string path, string what, Exception? reason = null) => new(
        SasldbFault.Damaged, path, $"{path}: the file is damaged: {what}; restore it from a backup", reason);

    /// <summary>The system reported something while reading or writing.</summary>
    public static SasldbException From(string path, Exception reason) => reason switch
    {
        SasldbException already => already,
        UnauthorizedAccessException => NotWritable(path, reason),
        IOException when OperatingSystem.IsLinux() && (reason.HResult & 0xFFFF) == LinuxCalls.ReadOnlyFileSystem => new SasldbException(
            SasldbFault.NotWritable, path, $"{path}: is on a read-only file system", reason),
        DirectoryNotFoundException => new SasldbException(
            SasldbFault.Missing, path, $"{path}: there is no such directory; make it, or correct sasldb_path", reason),
        IOException when IsDiskFull(reason) => new SasldbException(
            SasldbFault.DiskFull, path, $"{path}: the file system has no room; nothing was changed", reason),
        _ => new SasldbException(SasldbFault.Failed, path, $"{path}: {reason.Message}", reason),
    };

    /// <summary>Everybody may read it.</summary>
    public static string WorldReadable(string path, in FileFacts facts) =>
        $"{path}: everybody on this machine can read the passwords in it ({Describe(facts)}); chmod o-r {path}";

    private static bool IsDiskFull(Exception reason) =>
        (reason.HResult & 0xFFFF) is LinuxCalls.NoSpace or LinuxCalls.QuotaExceeded or 0x70 or 0x27;

    private static string DescribePlace(string path)
    {
        if (new FileProbe(path).TryGet(out FileFacts facts))
            return $": {Describe(facts)}";
        string? directory = Path.GetDirectoryName(path);
        return directory is not null && new FileProbe(directory).TryGet(out facts) ? $": directory {directory}: {Describe(facts)}" : "";
    }

    private static string Describe(in FileFacts facts) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Belongs(facts)}, mode {facts.OctalMode}");

    private static string Belongs(in FileFacts facts) => $"owner {Name("/etc/passwd", facts.Owner)}, group {Name("/etc/group", facts.Group)}";

    private static string Self() => LinuxCalls.EffectiveUser is { } number ? $"user {Name("/etc/passwd", number)}" : $"user {Environment.UserName}";

    private static string Name(string accounts, uint number)
    {
        string digits = number.ToString(CultureInfo.InvariantCulture);
        try
        {
            if (new FileInfo(accounts) is not { Exists: true, Length: <= LongestAccountFile })
                return digits;
            foreach (string line in File.ReadLines(accounts))
            {
                if (line.Split(':') is [var name, _, var its, ..] && its == digits)
                    return $"{name} ({digits})";
            }
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return digits;
        }
        return digits;
    }
}
