using System.Security.Cryptography;

#pragma warning disable CA5351 // Nothing is protected by it: whether it exists is asked.

namespace Sasl.Mechanisms;

/// <summary>Whether this machine has MD5, without which the mechanisms that are made of it vanish.</summary>
/// <remarks>Most of them hash by Bouncy Castle, but a machine whose administrator has forbidden MD5 shall not have it by another way.</remarks>
internal static class PlatformMd5
{
    /// <summary>Why there is none; null where there is.</summary>
    public static string? Missing { get; } = Probe();

    private static string? Probe()
    {
        try
        {
            HMACMD5.HashData([], []);
            return null;
        }
        catch (Exception exception) when (exception is CryptographicException or PlatformNotSupportedException)
        {
            return "the platform has no MD5";
        }
    }
}
