using System.Security.Cryptography;

namespace Sasl.Mechanisms;

/// <summary>The keys that RFC 5802 section 3 derives from a password.</summary>
internal static class ScramKeys
{
    /// <summary>ClientKey and, unless no room is given for it, ServerKey.</summary>
    public static void Derive(
        ScramHash hash, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations, Span<byte> clientKey, Span<byte> serverKey)
    {
        Span<byte> salted = stackalloc byte[hash.Size];
        hash.Hi(password, salt, iterations, salted);         // SaltedPassword := Hi(Normalize(password), salt, i)
        hash.Hmac(salted, "Client Key"u8, clientKey);        // ClientKey      := HMAC(SaltedPassword, "Client Key")
        if (!serverKey.IsEmpty)
            hash.Hmac(salted, "Server Key"u8, serverKey);    // ServerKey      := HMAC(SaltedPassword, "Server Key")
        CryptographicOperations.ZeroMemory(salted);
    }
}
