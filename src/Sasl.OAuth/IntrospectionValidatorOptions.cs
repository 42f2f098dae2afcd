namespace Sasl.OAuth;

/// <summary>Who is asked about tokens, and how.</summary>
public sealed record IntrospectionValidatorOptions
{
    /// <summary>The longest <see cref="CacheLifetime"/>.</summary>
    public static TimeSpan MaxCacheLifetime { get; } = TimeSpan.FromMinutes(5);

    private const int DefaultMaxTokenLength = 16 * 1024;
    private const int DefaultCacheSize = 10_000;
    private const int MaxCacheSize = 1_000_000;

    /// <summary>The issuer's introspection endpoint: https, or http on this machine.</summary>
    public required Uri Address { get; init; }

    /// <summary>As whom this server asks (HTTP Basic, RFC 6749 section 2.3.1); null asks without a name.</summary>
    public string? ClientId { get; init; }

    /// <summary>With which secret; null for an empty one. The caller owns it, and may dispose it when the validator has been made.</summary>
    public SaslSecret? ClientSecret { get; init; }

    /// <summary>What an active token must say. An issuer that the answer does not name is not asked for; an audience is.</summary>
    public TokenRules Rules { get; init; } = TokenRules.Default;

    /// <summary>The longest token, in octets; 16384 unless set.</summary>
    public int MaxTokenLength { get; init; } = DefaultMaxTokenLength;

    /// <summary>How long a yes is remembered, and never beyond the token's end: zero unless set, <see cref="MaxCacheLifetime"/> at most. For as long a token that was
    /// revoked still works. A no is not remembered.</summary>
    public TimeSpan CacheLifetime { get; init; }

    /// <summary>How many tokens are remembered at most, the oldest forgotten first; 10000 unless set. Their SHA-256 is kept, and not they.</summary>
    public int CacheSize { get; init; } = DefaultCacheSize;

    /// <summary>How the issuer is asked.</summary>
    public TokenHttpOptions Http { get; init; } = TokenHttpOptions.Default;

    /// <summary>What a client is told besides the scope whose token was refused; null says nothing.</summary>
    public string? OpenIdConfiguration { get; init; }

    /// <summary>The time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    internal void ThrowIfInvalid()
    {
        TokenHttp.ThrowIfForbidden(Address, nameof(Address));
        if (ClientSecret is not null && string.IsNullOrEmpty(ClientId))
            throw new ArgumentException("A secret needs the name whose it is.", nameof(ClientId));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxTokenLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(CacheLifetime, TimeSpan.Zero, nameof(CacheLifetime));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(CacheLifetime, MaxCacheLifetime, nameof(CacheLifetime));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(CacheSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(CacheSize, MaxCacheSize);
        Rules.ThrowIfInvalid();
    }
}
