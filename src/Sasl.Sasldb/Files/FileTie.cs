using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Sasl.Sasldb.Files;

/// <summary>
/// Tells whether an open file is tied to its path: whether everybody who renames another file over it, moves it away or removes it thereby
/// changes the open file's own <see cref="FileIdentity.Changed"/>, so that it need not be looked for by its name each time. See docs/decisions/0035.
/// </summary>
internal static class FileTie
{
    // Tried on each. On others, such as NFS and the lower layer of an overlay, the open file of another one's making stays as it was.
    private const long Ext = 0xEF53;
    private const long Xfs = 0x58465342;
    private const long Btrfs = 0x9123683E;
    private const long Tmpfs = 0x01021994;

    /// <summary>Asks the system, some microseconds long.</summary>
    /// <param name="path">The absolute path by which the file was opened.</param>
    /// <param name="file">The open file.</param>
    /// <param name="identity">What the system said about the path before.</param>
    public static bool Holds(string path, SafeFileHandle file, in FileIdentity identity) =>
        LinuxCalls.HasStatx && LinuxCalls.FileSystemOf(file) is Ext or Xfs or Btrfs or Tmpfs
        && FileProbe.Identify(file).IsSameFile(identity) && path == NameOf(file);

    // Without any symbolic link on the way, which can be turned elsewhere.
    private static string? NameOf(SafeFileHandle file)
    {
        try
        {
            return new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.DangerousGetHandle()}")).LinkTarget;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
