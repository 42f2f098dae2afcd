using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Sasl.Sasldb.Files;

/// <summary>Opens sasldb files, whatever their form, with complaints that say what to do.</summary>
internal static class FileOpening
{
    /// <summary>Opens a file for reading. Others may write, rename, delete and lock it meanwhile.</summary>
    /// <remarks>
    /// .NET takes a shared lock on every file it opens, with which libgdbm's writers would not open the file. So on Linux it is opened
    /// without .NET.
    /// </remarks>
    /// <param name="path">Which.</param>
    /// <param name="facts">What the system says about it.</param>
    /// <exception cref="SasldbException">It is not there, not readable, empty or no file.</exception>
    public static SafeFileHandle OpenToRead(string path, in FileFacts facts)
    {
        if (!facts.IsRegularFile)
            throw FileComplaint.NotAFile(path);
        if (facts.Identity.Length == 0)
            throw FileComplaint.Empty(path);
        if (LinuxCalls.HasWholeFileLocks)
            return OpenUnlocked(path, facts);
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.RandomAccess);
        }
        catch (UnauthorizedAccessException refused)
        {
            throw FileComplaint.Unreadable(path, facts, refused);
        }
        catch (FileNotFoundException)
        {
            throw FileComplaint.Missing(path);
        }
        catch (IOException failure)
        {
            throw FileComplaint.From(path, failure);
        }
    }

    /// <summary>Reads a file's first octets.</summary>
    /// <param name="path">Which, for the complaint.</param>
    /// <param name="file">The open file.</param>
    /// <param name="header">Room for them.</param>
    /// <returns>How many there are.</returns>
    /// <exception cref="SasldbException">The system does not read it.</exception>
    public static int ReadHeader(string path, SafeFileHandle file, Span<byte> header)
    {
        try
        {
            return FileReading.Read(file, header, 0);
        }
        catch (IOException failure)
        {
            throw FileComplaint.From(path, failure);
        }
    }

    private static SafeFileHandle OpenUnlocked(string path, in FileFacts facts)
    {
        SafeFileHandle file = LinuxCalls.Open(Encoding.UTF8.GetBytes(path + '\0'), toWrite: false);
        if (!file.IsInvalid)
            return file;
        int error = Marshal.GetLastSystemError();
        file.Dispose();
        throw error switch
        {
            LinuxCalls.NoSuchFile => FileComplaint.Missing(path),
            LinuxCalls.AccessDenied => FileComplaint.Unreadable(path, facts, new UnauthorizedAccessException(Marshal.GetPInvokeErrorMessage(error))),
            _ => FileComplaint.From(path, new IOException(Marshal.GetPInvokeErrorMessage(error))),
        };
    }
}
