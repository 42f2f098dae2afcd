using System.Globalization;
using System.Runtime.InteropServices;

namespace Sasl;

/// <summary>A file's kind, mode and owner, which .NET does not tell in full.</summary>
/// <remarks>From <c>statx(2)</c>, whose record, unlike that of <c>stat</c>, has the same layout on every processor.</remarks>
internal readonly partial record struct UnixFileStatus(uint Owner, uint Group, ushort Mode)
{
    private const int CurrentDirectory = -100;    // AT_FDCWD
    private const uint BasicStatus = 0x7ff;       // STATX_BASIC_STATS
    private const int RecordLength = 256;
    private const int OwnerOffset = 20;
    private const int GroupOffset = 24;
    private const int ModeOffset = 28;
    private const int KindMask = 0xf000;
    private const int PermissionMask = 0xfff;
    private const int MaxAccounts = 10_000;

    public bool IsDirectory => (Mode & KindMask) == 0x4000;

    /// <summary>Whether it can be read to an end: a regular file, or a device such as <c>/dev/null</c>, but no pipe and no socket.</summary>
    public bool IsFile => (Mode & KindMask) is 0x8000 or 0x2000;

    /// <summary>Asks the system. Null when it cannot or does not want to say.</summary>
    public static UnixFileStatus? Of(string path)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        byte[] record = new byte[RecordLength];
        try
        {
            if (GetStatus(CurrentDirectory, path, flags: 0, BasicStatus, record) != 0)
                return null;
        }
        catch (EntryPointNotFoundException)    // a C library of before 2018
        {
            return null;
        }
        // The record is in the processor's own octet order.
        return new UnixFileStatus(
            BitConverter.ToUInt32(record, OwnerOffset), BitConverter.ToUInt32(record, GroupOffset), BitConverter.ToUInt16(record, ModeOffset));
    }

    /// <summary>Such as <c>mode 0640, owner root, group sasl</c>.</summary>
    public override string ToString() =>
        $"mode {Convert.ToString(Mode & PermissionMask, 8).PadLeft(4, '0')}, owner {UserName(Owner)}, group {NameOf("/etc/group", Group)}";

    public static string UserName(uint user) => NameOf("/etc/passwd", user);

    // Lines of "name:password:number:…".
    private static string NameOf(string accounts, uint number)
    {
        string wanted = number.ToString(CultureInfo.InvariantCulture);
        try
        {
            foreach (string line in File.ReadLines(accounts).Take(MaxAccounts))
            {
                if (line.Split(':', 4) is [var name, _, var found, ..] && found == wanted)
                    return name;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return wanted;
        }
        return wanted;
    }

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]    // the system's library, not one beside the program
    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetStatus(int directory, string path, int flags, uint mask, byte[] record);
}
