using System.Security.Cryptography;

namespace Sasl;

/// <summary><c>cmusaslsecretPLAIN</c>: the salted hash that old versions of Cyrus SASL kept (<c>lib/checkpw.c</c>).</summary>
/// <remarks>
/// 33 octets: a salt of 16, a zero, and MD5 of the salt, the word <c>sasldb</c> and the password. It is read, never written.
/// Where the platform has no MD5 no value is of this form.
/// </remarks>
public sealed class CyrusPlainForm : PasswordForm
{
    private const int SaltOctets = 16;
    private const int StoredOctets = SaltOctets + 1 + MD5.HashSizeInBytes;

    private readonly bool _hasMD5;

    internal CyrusPlainForm(bool hasMD5)
        : base(new SaslProperty("cmusaslsecretPLAIN")) => _hasMD5 = hasMD5;

    /// <summary>The one instance.</summary>
    public static CyrusPlainForm Instance { get; } = new(FindMD5());

    /// <inheritdoc/>
    public override int? CostOf(ReadOnlySpan<byte> stored) =>
        _hasMD5 && stored.Length == StoredOctets && stored[SaltOctets] == 0 ? 0 : null;

    /// <inheritdoc/>
    public override bool Verify(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> password)
    {
        if (CostOf(stored) is null)
            return false;
        Span<byte> hash = stackalloc byte[MD5.HashSizeInBytes];
        Hash(stored[..SaltOctets], password, hash);
        return CryptographicOperations.FixedTimeEquals(hash, stored[(SaltOctets + 1)..]);
    }

    /// <inheritdoc/>
    public override void Imitate(int cost, ReadOnlySpan<byte> password)
    {
        if (!_hasMD5)
            return;
        Span<byte> salt = stackalloc byte[SaltOctets];
        Span<byte> hash = stackalloc byte[MD5.HashSizeInBytes];
        salt.Clear();
        Hash(salt, password, hash);
        CryptographicOperations.FixedTimeEquals(hash, salt);
    }

#pragma warning disable CA5351 // The form is what it is; whoever keeps such values cannot turn them into better ones without the password.
    private static void Hash(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> password, Span<byte> hash)
    {
        using var input = new SecureBufferWriter();
        input.Write(salt);
        input.Write("sasldb"u8);
        input.Write(password);
        MD5.HashData(input.WrittenSpan, hash);
    }

    private static bool FindMD5()
    {
        try
        {
            Span<byte> hash = stackalloc byte[MD5.HashSizeInBytes];
            return MD5.TryHashData([], hash, out _);
        }
        catch (Exception exception) when (exception is PlatformNotSupportedException or CryptographicException)
        {
            return false;    // a browser, or a library in FIPS mode
        }
    }
#pragma warning restore CA5351
}
