using System.Security.Cryptography;

namespace Sasl.Cli;

/// <summary>A secret that stands in a file or an environment variable: an argument would be seen by every user of the machine.</summary>
internal static class GivenSecret
{
    private const int MaxLength = 64 * 1024;

    /// <summary>Reads it; one newline at the end of a file does not count.</summary>
    /// <param name="file">The file; null for none.</param>
    /// <param name="variable">The variable; null for none.</param>
    /// <param name="option">What the options begin with, such as <c>--password</c>.</param>
    /// <returns>Null when neither is given.</returns>
    /// <exception cref="IOException">What was given cannot be read; the message names the option.</exception>
    public static SaslSecret? Read(string? file, string? variable, string option)
    {
        if (file is not null)
            return ReadFile(file, option);
        if (variable is null)
            return null;
        return SaslSecret.FromText(Environment.GetEnvironmentVariable(variable)
            ?? throw new IOException($"{option}-env: there is no environment variable of that name"));
    }

    private static SaslSecret ReadFile(string path, string option)
    {
        byte[] octets = GC.AllocateUninitializedArray<byte>(MaxLength + 1, pinned: true);
        try
        {
            using FileStream file = File.OpenRead(path);
            int length = file.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false);
            if (length > MaxLength)
                throw new IOException($"longer than {MaxLength} octets");
            ReadOnlySpan<byte> secret = octets.AsSpan(0, length);
            return SaslSecret.FromOctets(secret is [.., (byte)'\r', (byte)'\n'] ? secret[..^2] : secret is [.., (byte)'\n'] ? secret[..^1] : secret);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{option}-file: {exception.Message}", exception);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
        }
    }
}
