using System.Security.Cryptography;

namespace Sasl.Cli;

/// <summary>Takes a password from where <c>--password-file</c> or <c>--password-env</c> says it is.</summary>
internal static class PasswordSource
{
    private const int MaxPasswordFile = 64 * 1024;

    /// <summary>The password; null when neither is given. The caller disposes it.</summary>
    /// <exception cref="SmtpToolException">The file or the variable is not there.</exception>
    public static SaslSecret? Given(string? file, string? variable)
    {
        if (file is not null)
            return Read(file);
        if (variable is null)
            return null;
        return SaslSecret.FromText(Environment.GetEnvironmentVariable(variable)
            ?? throw new SmtpToolException(ExitCode.Usage, "--password-env: there is no environment variable of that name"));
    }

    private static SaslSecret Read(string path)
    {
        byte[] octets = GC.AllocateUninitializedArray<byte>(MaxPasswordFile + 1, pinned: true);
        try
        {
            using FileStream file = File.OpenRead(path);
            int length = file.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false);
            if (length > MaxPasswordFile)
                throw new SmtpToolException(ExitCode.Usage, $"--password-file: longer than {MaxPasswordFile} octets");
            ReadOnlySpan<byte> password = octets.AsSpan(0, length);
            return SaslSecret.FromOctets(password is [.., (byte)'\r', (byte)'\n'] ? password[..^2] : password is [.., (byte)'\n'] ? password[..^1] : password);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SmtpToolException(ExitCode.Usage, $"--password-file: {exception.Message}");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
        }
    }
}
