using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sasl.Sasldb.Files;

/// <summary>Reads parts of open files, whatever their form, as often as lookups come: on Linux one system call and little else.</summary>
internal static class FileReading
{
    /// <summary>Fills a span from a file.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="into">What to fill.</param>
    /// <param name="from">The first octet.</param>
    /// <returns>How many octets there are: fewer than wanted where the file ends before.</returns>
    /// <exception cref="IOException">The system does not read it.</exception>
    public static int Read(SafeFileHandle file, Span<byte> into, long from)
    {
        int length = 0;
        int read;
        do
        {
            read = LinuxCalls.HasReadAt ? ReadAt(file, into[length..], from + length) : RandomAccess.Read(file, into[length..], from + length);
            length += read;
        }
        while (read > 0 && length < into.Length);
        return length;
    }

    private static int ReadAt(SafeFileHandle file, Span<byte> into, long from)
    {
        int read = LinuxCalls.ReadAt(file, into, from);
        if (read >= 0)
            return read;
        int error = Marshal.GetLastSystemError();
        throw new IOException(Marshal.GetPInvokeErrorMessage(error), error);
    }
}
