using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sasl.Saslauthd;

/// <summary>What the daemon wants of files and .NET does not offer: groups, and whether a path still means an open file.</summary>
internal static partial class UnixFiles
{
    private const uint KeepOwner = uint.MaxValue;          // (uid_t)-1
    private const int CurrentDirectory = -100;             // AT_FDCWD
    private const int EmptyPath = 0x1000;                  // AT_EMPTY_PATH
    private const int NoFollow = 0x100;                    // AT_SYMLINK_NOFOLLOW
    private const uint BasicStatus = 0x7ff;                // STATX_BASIC_STATS
    private const int StatusLength = 256;
    private const int ModeOffset = 28;
    private const int InodeOffset = 32;
    private const int DeviceOffset = 136;
    private const int KindMask = 0xf000;
    private const int SocketKind = 0xc000;
    private const int GroupRecordLength = 32;              // struct group of a 64-bit C library
    private const int GroupNumberOffset = 16;
    private const int MaxGroupBuffer = 1 << 20;
    private const int OpenFilesLimit = 7;                  // RLIMIT_NOFILE of Linux
    private const int BufferTooSmall = 34;                 // ERANGE

    /// <summary>Gives a file to a group.</summary>
    /// <exception cref="SaslConfigurationException">There is no such group, or the process may not.</exception>
    public static void ChangeGroup(string path, string group)
    {
        uint number = FindGroup(group) ?? throw new SaslConfigurationException($"There is no group {group} on this system.");
        if (ChangeOwner(path, KeepOwner, number) != 0)
            throw new SaslConfigurationException($"{path} cannot be given to the group {group}: {LastError()}");
    }

    /// <summary>Whether a path is a socket, itself and not through a link.</summary>
    public static bool IsSocket(string path)
    {
        Span<byte> status = stackalloc byte[StatusLength];
        return GetStatus(CurrentDirectory, path, NoFollow, BasicStatus, status) == 0
            && (BinaryPrimitives.ReadUInt16LittleEndian(status[ModeOffset..]) & KindMask) == SocketKind;
    }

    /// <summary>Whether a path still leads to an open file: nobody has removed or replaced it.</summary>
    public static bool IsSame(SafeFileHandle open, string path)
    {
        Span<byte> one = stackalloc byte[StatusLength];
        Span<byte> other = stackalloc byte[StatusLength];
        return GetStatus((int)open.DangerousGetHandle(), "", EmptyPath, BasicStatus, one) == 0
            && GetStatus(CurrentDirectory, path, NoFollow, BasicStatus, other) == 0
            && one.Slice(InodeOffset, sizeof(ulong)).SequenceEqual(other.Slice(InodeOffset, sizeof(ulong)))
            && one.Slice(DeviceOffset, sizeof(ulong)).SequenceEqual(other.Slice(DeviceOffset, sizeof(ulong)));
    }

    /// <summary>How many files the process may have open.</summary>
    public static int MaxOpenFiles
    {
        get
        {
            Span<ulong> limits = stackalloc ulong[2];
            return OperatingSystem.IsLinux() && GetLimit(OpenFilesLimit, limits) == 0 ? (int)Math.Min(limits[0], int.MaxValue) : int.MaxValue;
        }
    }

    private static uint? FindGroup(string group)
    {
        if (uint.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out uint number))
            return number;
        Span<byte> record = stackalloc byte[GroupRecordLength];
        for (int size = 4096; size <= MaxGroupBuffer; size *= 4)
        {
            byte[] buffer = new byte[size];
            int error = GetGroup(group, record, buffer, (nuint)size, out nint found);
            if (error == 0)
                return found == 0 ? null : BinaryPrimitives.ReadUInt32LittleEndian(record[GroupNumberOffset..]);
            if (error != BufferTooSmall)
                return null;
        }
        return null;
    }

    private static string LastError() => Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("libc", EntryPoint = "lchown", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int ChangeOwner(string path, uint owner, uint group);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("libc", EntryPoint = "getgrnam_r", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetGroup(string name, Span<byte> record, Span<byte> buffer, nuint length, out nint found);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, Span<ulong> limits);

    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetStatus(int directory, string path, int flags, uint mask, Span<byte> status);
}
