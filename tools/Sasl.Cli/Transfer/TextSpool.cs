using System.Security.Cryptography;
using Sasl.Sasldb.Files;

namespace Sasl.Cli;

/// <summary>Keeps what can be read only once, so that it can be read twice: in a file without a name, mode 0600, in the folder of the sasldb.</summary>
internal static class TextSpool
{
    private const int BufferLength = 64 * 1024;

    /// <summary>Reads all of a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="database">The sasldb, which the same secrets are for.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <returns>The same, from its beginning.</returns>
    /// <exception cref="IOException">The folder cannot be written, or the file system has no room.</exception>
    public static async Task<Stream> FillAsync(Stream stream, string database, CancellationToken cancellationToken)
    {
        FileDraft.RemoveAbandoned(database);
        FileStream spool = Make(FileDraft.NameFor(database));
        byte[] buffer = GC.AllocateUninitializedArray<byte>(BufferLength, pinned: true);
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
                await spool.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            spool.Position = 0;
            return spool;
        }
        catch
        {
            await spool.DisposeAsync();
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer);
        }
    }

    private static FileStream Make(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            BufferSize = 0,
            Options = FileOptions.DeleteOnClose,
        };
        if (OperatingSystem.IsWindows())
            return new FileStream(path, options);
        options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, options);
        // Nothing stays even when this process is killed.
        File.Delete(path);
        return file;
    }
}
