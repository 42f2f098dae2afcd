using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Sasl.Saslauthd;

/// <summary>One login as the cache knows it.</summary>
internal struct SaslauthdCacheKey
{
    private Octets _proof;

    /// <summary>Whose. Two users may have the same; they only displace each other.</summary>
    public int User;

    /// <summary>The HMAC of names and password.</summary>
    [UnscopedRef]
    public Span<byte> Proof => _proof;

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> ReadProof => _proof;

    [InlineArray(SHA256.HashSizeInBytes)]
    internal struct Octets
    {
        private byte _first;
    }
}
