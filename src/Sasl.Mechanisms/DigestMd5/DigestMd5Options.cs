namespace Sasl.Mechanisms;

/// <summary>What DIGEST-MD5 remembers, and with what it encrypts.</summary>
public sealed record DigestMd5Options
{
    /// <summary>The defaults.</summary>
    public static DigestMd5Options Default { get; } = new();

    /// <summary>How long a login is remembered, so that the next one takes one round trip less (RFC 2831 section 2.2). Zero, the default,
    /// remembers none. Cyrus's <c>reauth_timeout</c>, which is in minutes.</summary>
    public TimeSpan ReauthenticationTimeout { get; init; }

    /// <summary>The ciphers that may be used where the policy allows a layer of their strength.</summary>
    public DigestMd5Ciphers Ciphers { get; init; } = DigestMd5Ciphers.All;

    internal void ThrowIfInvalid()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ReauthenticationTimeout, TimeSpan.Zero, nameof(ReauthenticationTimeout));
        ArgumentOutOfRangeException.ThrowIfNotEqual((int)(Ciphers & ~DigestMd5Ciphers.All), 0, nameof(Ciphers));
    }
}
