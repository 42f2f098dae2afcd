using Microsoft.Win32.SafeHandles;

namespace Sasl.Sasldb.Files;

/// <summary>Opens sasldb files, whatever their form, with complaints that say what to do.</summary>
internal static class FileOpening
{
    /// <summary>Opens a file for reading. Others may write, rename and delete it meanwhile.</summary>
    /// <param name="path">Which.</param>
    /// <param name="facts">What the system says about it.</param>
    /// <exception cref="SasldbException">It is not there, not readable, empty or no file.</exception>
    public static SafeFileHandle OpenToRead(string path, in FileFacts facts)
    {
        if (!facts.IsRegularFile)
            throw FileComplaint.NotAFile(path);
        if (facts.Identity.Length == 0)
            throw FileComplaint.Empty(path);
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
            int length = 0;
            while (length < header.Length && RandomAccess.Read(file, header[length..], length) is > 0 and int read)
                length += read;
            return length;
        }
        catch (IOException failure)
        {
            throw FileComplaint.From(path, failure);
        }
    }
}
