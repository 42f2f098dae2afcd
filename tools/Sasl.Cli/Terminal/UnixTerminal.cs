using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Sasl.Cli;

/// <summary><c>/dev/tty</c> with its echo off, as getpass(3) reads it: octets, and no string on the way.</summary>
internal sealed class UnixTerminal : IPasswordTerminal
{
    private const string Device = "/dev/tty";
    private const int Now = 0;             // TCSANOW
    private const int Flush = 2;           // TCSAFLUSH: what was typed before the question, and shown, does not count
    private const byte Echo = 0x08;        // ECHO
    private const int SettingsSize = 256;  // more than any system's struct termios

    private readonly FileStream _stream;

    private UnixTerminal(FileStream stream) => _stream = stream;

    // c_lflag is the fourth flag word: of 32 bits on Linux, of 64 on macOS.
    private static int LocalFlags => OperatingSystem.IsMacOS() ? 24 : 12;

    public static UnixTerminal? TryOpen()
    {
        try
        {
            return new UnixTerminal(new FileStream(Device, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;    // a service, or a process of another session
        }
    }

    public async Task<SaslSecret?> ReadAsync(Func<Task> ask, CancellationToken cancellationToken)
    {
        byte[] shown = new byte[SettingsSize];
        bool isTerminal = tcgetattr(_stream.SafeFileHandle, shown) == 0;
        byte[] hidden = [.. shown];
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(hidden.AsSpan(LocalFlags));
        BinaryPrimitives.WriteUInt32LittleEndian(hidden.AsSpan(LocalFlags), flags & ~(uint)Echo);
        // A password that everybody behind the user can read is worse than none.
        if (!isTerminal || tcsetattr(_stream.SafeFileHandle, Flush, hidden) != 0)
            return null;
        try
        {
            await ask();
            // The read cannot be interrupted; whoever cancels leaves it behind, and the process ends.
            return await Task.Run(ReadLine, CancellationToken.None).WaitAsync(cancellationToken);
        }
        finally
        {
            _ = tcsetattr(_stream.SafeFileHandle, Now, shown);
            _stream.Write("\n"u8);    // the one that was typed was not shown
        }
    }

    public void Dispose() => _stream.Dispose();

    private SaslSecret? ReadLine()
    {
        byte[] line = GC.AllocateUninitializedArray<byte>(PasswordTerminal.MaxLength + 1, pinned: true);
        try
        {
            int length = 0;
            while (length < line.Length)
            {
                int read = _stream.Read(line.AsSpan(length));
                int end = line.AsSpan(length, read).IndexOf((byte)'\n');
                if (end >= 0)
                    return SaslSecret.FromOctets(line.AsSpan(0, length + end));
                if (read == 0)
                    return length == 0 ? null : SaslSecret.FromOctets(line.AsSpan(0, length));
                length += read;
            }
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(line);
        }
    }

#pragma warning disable SYSLIB1054, IDE1006 // The names are the C library's; two calls do not pay for generated code.
    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int tcgetattr(SafeFileHandle terminal, [Out] byte[] settings);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int tcsetattr(SafeFileHandle terminal, int when, [In] byte[] settings);
#pragma warning restore SYSLIB1054, IDE1006
}
