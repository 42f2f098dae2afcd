using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace Sasl.Mechanisms;

/// <summary>What a server keeps of a password: enough to check a proof, not enough to make one (RFC 5802 section 3).</summary>
/// <remarks>Owned by whoever made it, and erased when disposed. The two keys cannot be read, only used and stored.</remarks>
public sealed class ScramVerifier : IDisposable
{
    /// <summary>The greatest iteration count in a stored value. More takes a client several seconds.</summary>
    public const int MaxIterations = 10_000_000;

    /// <summary>The longest salt, in octets.</summary>
    public const int MaxSaltLength = 1024;

    private const int LongestNumber = 10;

    private readonly byte[] _octets;    // salt, StoredKey, ServerKey
    private readonly int _saltLength;

    internal ScramVerifier(ScramHash hash, int iterations, int saltLength)
    {
        Hash = hash;
        Iterations = iterations;
        _saltLength = saltLength;
        _octets = new byte[saltLength + (2 * hash.Size)];
    }

    /// <summary>The hash function.</summary>
    public ScramHash Hash { get; }

    /// <summary>The iteration count.</summary>
    public int Iterations { get; }

    /// <summary>The salt, which is no secret.</summary>
    public ReadOnlyMemory<byte> Salt => _octets.AsMemory(0, _saltLength);

    internal Span<byte> SaltSpan => _octets.AsSpan(0, _saltLength);

    internal Span<byte> StoredKey => _octets.AsSpan(_saltLength, Hash.Size);

    internal Span<byte> ServerKey => _octets.AsSpan(_saltLength + Hash.Size);

    /// <summary>Derives a verifier from a password.</summary>
    /// <param name="hash">The hash function.</param>
    /// <param name="password">The password, prepared with <see cref="SaslPrep"/>.</param>
    /// <param name="salt">1 to <see cref="MaxSaltLength"/> octets; random and new for every password.</param>
    /// <param name="iterations">1 to <see cref="MaxIterations"/>; the RFCs ask for 4096 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The salt or the count is out of bounds.</exception>
    public static ScramVerifier Derive(ScramHash hash, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations)
    {
        ArgumentNullException.ThrowIfNull(hash);
        ArgumentOutOfRangeException.ThrowIfZero(salt.Length, nameof(salt));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(salt.Length, MaxSaltLength, nameof(salt));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(iterations);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(iterations, MaxIterations);

        var verifier = new ScramVerifier(hash, iterations, salt.Length);
        salt.CopyTo(verifier.SaltSpan);
        Span<byte> clientKey = stackalloc byte[hash.Size];
        ScramKeys.Derive(hash, password, salt, iterations, clientKey, verifier.ServerKey);
        hash.Hash(clientKey, verifier.StoredKey);
        CryptographicOperations.ZeroMemory(clientKey);
        return verifier;
    }

    /// <summary>Reads a stored value of any hash.</summary>
    /// <param name="stored">Any octets. The forms known are those of RFC 5803, which Cyrus SASL, LDAP and PostgreSQL keep
    /// (<c>SCRAM-SHA-256$4096:salt$StoredKey:ServerKey</c>), and of Dovecot and GNU SASL
    /// (<c>{SCRAM-SHA-256}4096,salt,StoredKey,ServerKey</c>); a salted password that GNU SASL appends is not kept.</param>
    /// <param name="verifier">The verifier, which the caller disposes.</param>
    /// <returns>False when the value is of another form, or has a number or a size out of bounds.</returns>
    public static bool TryParse(ReadOnlySpan<byte> stored, [NotNullWhen(true)] out ScramVerifier? verifier)
    {
        foreach (ScramHash hash in ScramHash.All)
        {
            if (hash.MissingOnPlatform is null && TryParse(hash, stored, out verifier))
                return true;
        }
        verifier = null;
        return false;
    }

    /// <summary>Reads a stored value of one hash.</summary>
    /// <param name="hash">The hash function.</param>
    /// <param name="stored">Any octets, in the forms the other overload knows.</param>
    /// <param name="verifier">The verifier, which the caller disposes.</param>
    /// <returns>False when the value is of another hash or form, or has a number or a size out of bounds.</returns>
    public static bool TryParse(ScramHash hash, ReadOnlySpan<byte> stored, [NotNullWhen(true)] out ScramVerifier? verifier)
    {
        ArgumentNullException.ThrowIfNull(hash);
        verifier = null;
        if (!ScramStoredForm.TrySplit(hash, stored, out ScramStoredForm form)
            || !WireNumber.TryParsePositive(form.Iterations, MaxIterations, out int iterations)
            || !TryMeasure(form.Salt, out int saltLength))
        {
            return false;
        }

        var read = new ScramVerifier(hash, iterations, saltLength);
        if (SaslBase64.TryDecode(form.Salt, read.SaltSpan, out _)
            && SaslBase64.TryDecode(form.StoredKey, read.StoredKey, out int storedLength) && storedLength == hash.Size
            && SaslBase64.TryDecode(form.ServerKey, read.ServerKey, out int serverLength) && serverLength == hash.Size)
        {
            verifier = read;
            return true;
        }
        read.Dispose();
        return false;
    }

    /// <summary>The stored form of RFC 5803. Octets and no string, so that they can be erased and no log can print them by accident.</summary>
    /// <returns>ASCII, in an array of the caller's own.</returns>
    public byte[] Format()
    {
        using var text = new SecureBufferWriter();
        text.Write(Hash.NameOctets.AsSpan());
        text.Write("$"u8);
        Iterations.TryFormat(text.GetSpan(LongestNumber), out int written, default, CultureInfo.InvariantCulture);
        text.Advance(written);
        text.Write(":"u8);
        SaslBase64.Encode(SaltSpan, text);
        text.Write("$"u8);
        SaslBase64.Encode(StoredKey, text);
        text.Write(":"u8);
        SaslBase64.Encode(ServerKey, text);
        return text.WrittenSpan.ToArray();
    }

    /// <summary>Never the keys.</summary>
    public override string ToString() => Hash.Name;

    /// <summary>Erases the keys.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_octets);

    /// <summary>Another one with the same keys.</summary>
    internal ScramVerifier Copy()
    {
        var copy = new ScramVerifier(Hash, Iterations, _saltLength);
        _octets.CopyTo(copy._octets, 0);
        return copy;
    }

    /// <summary>Whether the proof was made with the password, for this conversation. Takes as long for any proof.</summary>
    internal bool Verify(ReadOnlySpan<byte> authMessage, ReadOnlySpan<byte> proof)
    {
        Span<byte> clientKey = stackalloc byte[Hash.Size];
        Span<byte> recomputed = stackalloc byte[Hash.Size];
        Hash.Hmac(StoredKey, authMessage, clientKey);        // ClientSignature := HMAC(StoredKey, AuthMessage)
        for (int i = 0; i < clientKey.Length; i++)
            clientKey[i] ^= proof[i];                        // ClientKey       := ClientProof XOR ClientSignature
        Hash.Hash(clientKey, recomputed);                    // StoredKey       := H(ClientKey)
        bool matches = CryptographicOperations.FixedTimeEquals(recomputed, StoredKey);
        CryptographicOperations.ZeroMemory(clientKey);
        return matches;
    }

    // 4 characters are 3 octets, less one for each "=" at the end; whether it is base64 at all is seen when it is decoded.
    private static bool TryMeasure(ReadOnlySpan<byte> base64, out int length)
    {
        int padding = base64.EndsWith("=="u8) ? 2 : base64.EndsWith("="u8) ? 1 : 0;
        length = (base64.Length / 4 * 3) - padding;
        return base64.Length % 4 == 0 && length is > 0 and <= MaxSaltLength;
    }
}
