using System.Runtime.InteropServices;

namespace Sasl.Kerberos;

/// <summary>The numbers that a Unix system has for its users.</summary>
internal static unsafe partial class UnixAccounts
{
    private const string Library = "libc";
    private const int BufferLength = 16 * 1024;    // more than any entry of passwd(5) has
    private const int EntryLength = 64;            // struct passwd has 48 octets on 64-bit Linux
    private const int NumberOffset = 16;           // behind two pointers

    /// <summary>The number of a user; null when there is none, or this is not a 64-bit Linux.</summary>
    public static uint? FindNumber(string user)
    {
        if (!OperatingSystem.IsLinux() || nint.Size != sizeof(long))
            return null;
        byte* entry = stackalloc byte[EntryLength];
        byte[] strings = new byte[BufferLength];
        fixed (byte* buffer = strings)
        {
            int code = Find(user, entry, buffer, (nuint)strings.Length, out byte* found);
            return code == 0 && found is not null ? *(uint*)(found + NumberOffset) : null;
        }
    }

    /// <summary>The number of this process's user.</summary>
    [LibraryImport(Library, EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    public static partial uint OwnNumber();

    [LibraryImport(Library, EntryPoint = "getpwnam_r", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Find(string user, byte* entry, byte* buffer, nuint length, out byte* found);
}
