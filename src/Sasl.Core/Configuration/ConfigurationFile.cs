namespace Sasl;

/// <summary>Reads one configuration file, or says why it cannot.</summary>
/// <remarks>
/// Cyrus SASL goes on without a file that exists and cannot be read, and then offers every mechanism. Here only a file
/// that does not exist counts as none.
/// </remarks>
internal static class ConfigurationFile
{
    // More than nearly every file has, in octets.
    private const int UsualLength = 4096;

    /// <summary>The file's octets; null when there is no such file.</summary>
    /// <exception cref="SaslConfigurationException">There is one, and it cannot be read.</exception>
    public static byte[]? Read(string path)
    {
        var place = new SaslConfigurationPosition(path);
        UnixFileStatus? status = UnixFileStatus.Of(path);
        if (status is { IsDirectory: true } || Directory.Exists(path))
            throw new SaslConfigurationException(place, "is a directory; a file is expected");
        if (status is { IsFile: false })
            throw new SaslConfigurationException(place, "is a pipe, a socket or a disk; a file is expected");
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return ReadAll(file, place);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return new FileInfo(path).LinkTarget is { } target
                ? throw new SaslConfigurationException(place, $"is a symbolic link to '{target}', which does not exist", exception)
                : null;
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new SaslConfigurationException(place, $"cannot be read ({SaslFileAccess.Describe(path)})", exception);
        }
        catch (IOException exception)
        {
            throw new SaslConfigurationException(place, $"cannot be read: {exception.Message}", exception);
        }
    }

    private static byte[] ReadAll(FileStream file, SaslConfigurationPosition place)
    {
        byte[] buffer = new byte[UsualLength];
        int length = 0;
        while (file.Read(buffer.AsSpan(length)) is > 0 and int read)
        {
            length += read;
            if (length > SaslConfiguration.MaxFileLength)
                throw new SaslConfigurationException(place, $"is larger than {SaslConfiguration.MaxFileLength} octets");
            if (length == buffer.Length)
                Array.Resize(ref buffer, 2 * length);
        }
        return buffer[..length];
    }
}
