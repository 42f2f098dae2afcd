using System.Security.Cryptography;
using System.Text;

namespace Sasl.Saslauthd;

/// <summary>Compares a password with one value of a directory's password attribute (RFC 2307, and what OpenLDAP adds).</summary>
internal static class LdapStoredPassword
{
    /// <summary>The longest value that is read, in octets.</summary>
    public const int MaxLength = 4096;

    /// <summary>Whether the value is the password's.</summary>
    /// <returns>Null when it is of a form that is not known here: nobody's password.</returns>
    public static bool? IsMatch(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> password)
    {
        if (stored.Length > MaxLength || stored.IsEmpty)
            return null;
        int close = stored[0] == '{' ? stored.IndexOf((byte)'}') : -1;
        if (close < 0)
            return CryptographicOperations.FixedTimeEquals(stored, password);
        ReadOnlySpan<byte> rest = stored[(close + 1)..];
        return Encoding.ASCII.GetString(stored[1..close]).ToUpperInvariant() switch
        {
            "CRYPT" or "UNIX" => IsCrypt(rest, password),
            "MD5" or "SMD5" => IsDigest(HashAlgorithmName.MD5, rest, password),
            "SHA" or "SSHA" => IsDigest(HashAlgorithmName.SHA1, rest, password),
            "SHA256" or "SSHA256" => IsDigest(HashAlgorithmName.SHA256, rest, password),
            "SHA384" or "SSHA384" => IsDigest(HashAlgorithmName.SHA384, rest, password),
            "SHA512" or "SSHA512" => IsDigest(HashAlgorithmName.SHA512, rest, password),
            "CLEARTEXT" => CryptographicOperations.FixedTimeEquals(rest, password),
            _ => null,
        };
    }

    // Base64 of the digest of password and salt, and the salt behind it.
    private static bool? IsDigest(HashAlgorithmName algorithm, ReadOnlySpan<byte> text, ReadOnlySpan<byte> password)
    {
        byte[] octets = new byte[MaxLength];
        if (System.Buffers.Text.Base64.DecodeFromUtf8(text, octets, out _, out int length) is not System.Buffers.OperationStatus.Done)
            return null;
        using var hash = IncrementalHash.CreateHash(algorithm);
        if (length < hash.HashLengthInBytes)
            return null;
        hash.AppendData(password);
        hash.AppendData(octets.AsSpan(hash.HashLengthInBytes..length));
        return CryptographicOperations.FixedTimeEquals(hash.GetHashAndReset(), octets.AsSpan(0, hash.HashLengthInBytes));
    }

    private static unsafe bool? IsCrypt(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> password)
    {
        if (CryptLibrary.Loaded is not { } crypt || CheckerInput.WhyNoPassword(password) is not null || hash.IsEmpty || hash.Contains((byte)0))
            return CryptLibrary.Loaded is null ? null : false;
        using ErasedMemory text = ErasedMemory.OfText(password);
        fixed (byte* stored = (byte[])[.. hash, 0])
            return crypt.IsHashOf(text, stored);
    }
}
