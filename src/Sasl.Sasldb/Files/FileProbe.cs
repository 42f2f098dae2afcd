using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Sasl.Sasldb.Files;

/// <summary>Asks the system about one path, as often as lookups come: one system call and no allocation on Linux.</summary>
internal sealed class FileProbe
{
    private const int FactsSize = 256;
    private const int ChangedAt = 96;
    private const int ModifiedAt = 112;
    private const int NoPermissionsKnown = 0x8000;

    private readonly string _path;
    private readonly byte[] _octets;

    /// <summary>Prepares for a path.</summary>
    /// <param name="path">An absolute path.</param>
    public FileProbe(string path)
    {
        _path = path;
        _octets = Encoding.UTF8.GetBytes(path + '\0');
    }

    /// <summary>Asks.</summary>
    /// <param name="facts">What the system says.</param>
    /// <returns>False when there is no such file.</returns>
    /// <exception cref="SasldbException">A directory on the way to it may not be entered.</exception>
    public bool TryGet(out FileFacts facts) => LinuxCalls.HasStatx ? TryAskLinux(out facts) : TryAskRuntime(out facts);

    /// <summary>Asks whether the path still names a file, in the state it was in.</summary>
    /// <param name="before">What the system said then.</param>
    /// <returns>False when anything of it is different, or there is no file.</returns>
    /// <exception cref="SasldbException">A directory on the way to it may not be entered.</exception>
    public bool IsStill(in FileIdentity before) => TryGet(out FileFacts now) && now.Identity == before;

    /// <summary>Which file an open one is, and in which state, whatever its name is by now.</summary>
    /// <param name="file">An open file.</param>
    /// <exception cref="IOException">The system does not say.</exception>
    public static unsafe FileIdentity Identify(SafeFileHandle file)
    {
        if (!LinuxCalls.HasStatx)
        {
            return new FileIdentity(
                0, (ulong)File.GetCreationTimeUtc(file).Ticks, File.GetLastWriteTimeUtc(file).Ticks, RandomAccess.GetLength(file), Changed: 0);
        }
        Span<byte> answer = stackalloc byte[FactsSize];
        fixed (byte* into = answer)
        {
            if (LinuxCalls.Statx(file, into) != 0)
                throw new IOException("The system does not say what it knows about an open file.");
        }
        return ReadLinuxFacts(answer).Identity;
    }

    [SkipLocalsInit]
    private unsafe bool TryAskLinux(out FileFacts facts)
    {
        Span<byte> answer = stackalloc byte[FactsSize];
        fixed (byte* path = _octets, into = answer)
        {
            if (LinuxCalls.Statx(path, into) != 0)
            {
                facts = default;
                return Marshal.GetLastSystemError() == LinuxCalls.AccessDenied ? throw FileComplaint.Barred(_path) : false;
            }
        }
        facts = ReadLinuxFacts(answer);
        return true;
    }

    // struct statx is the kernel's and the same on every architecture; statx(2) gives the places.
    private static FileFacts ReadLinuxFacts(ReadOnlySpan<byte> answer)
    {
        uint links = BitConverter.ToUInt32(answer[16..]);
        uint owner = BitConverter.ToUInt32(answer[20..]);
        uint group = BitConverter.ToUInt32(answer[24..]);
        ushort mode = BitConverter.ToUInt16(answer[28..]);
        ulong inode = BitConverter.ToUInt64(answer[32..]);
        long length = BitConverter.ToInt64(answer[40..]);
        ulong device = ((ulong)BitConverter.ToUInt32(answer[136..]) << 32) | BitConverter.ToUInt32(answer[140..]);
        return new FileFacts(
            new FileIdentity(device, inode, Time(answer[ModifiedAt..]), length, Time(answer[ChangedAt..])), mode, owner, group, links);
    }

    private static long Time(ReadOnlySpan<byte> answer) =>
        unchecked((BitConverter.ToInt64(answer) * 1_000_000_000) + BitConverter.ToUInt32(answer[sizeof(long)..]));

    private bool TryAskRuntime(out FileFacts facts)
    {
        var file = new FileInfo(_path);
        facts = default;
        if (!file.Exists)
            return false;
        var identity = new FileIdentity(0, (ulong)file.CreationTimeUtc.Ticks, file.LastWriteTimeUtc.Ticks, file.Length, Changed: 0);
        int mode = OperatingSystem.IsWindows() ? NoPermissionsKnown : 0x8000 | (int)file.UnixFileMode;
        facts = new FileFacts(identity, mode, 0, 0, 1);
        return true;
    }
}
