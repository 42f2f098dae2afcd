using System.Collections.Immutable;
using Microsoft.IdentityModel.Tokens;

namespace Sasl.OAuth;

/// <summary>Which JSON web tokens are taken.</summary>
public sealed record JwtValidatorOptions
{
    private const string WellKnown = "/.well-known/openid-configuration";
    private const int DefaultMaxTokenLength = 16 * 1024;

    /// <summary>The signatures that can be allowed: those that are made with a private key and checked with a public one.</summary>
    public static ImmutableArray<string> KnownAlgorithms { get; } =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    /// <summary>Who must have issued a token, exactly as its <c>iss</c> claim says it. Without <see cref="KeyFile"/> and <see cref="KeyAddress"/>
    /// also where the keys are found: OpenID Connect Discovery at this address.</summary>
    public required string Issuer { get; init; }

    /// <summary>For whom a token must be: one of these in its <c>aud</c> claim. At least one, or a token for anybody's service would do.</summary>
    public required ImmutableArray<string> Audiences { get; init; }

    /// <summary>What else a token must say. Its issuer and audiences are not read.</summary>
    public TokenRules Rules { get; init; } = TokenRules.Default;

    /// <summary>The signatures allowed; all of <see cref="KnownAlgorithms"/> unless set.</summary>
    public ImmutableArray<string> Algorithms { get; init; } = KnownAlgorithms;

    /// <summary>A file with the issuer's public keys (a JWK set, RFC 7517 section 5); null asks the issuer.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Where the issuer's public keys are, as a JWK set; null finds it by discovery.</summary>
    public Uri? KeyAddress { get; init; }

    /// <summary>How long keys are used before they are read again; 10 minutes unless set.</summary>
    public TimeSpan KeyLifetime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long after one reading the next may begin, when a token names a key that is not known or a reading failed; 10 seconds unless set.</summary>
    public TimeSpan KeyRetryInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long keys are used that could not be read again; a day unless set.</summary>
    public TimeSpan KeyGrace { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The longest token, in octets; 16384 unless set.</summary>
    public int MaxTokenLength { get; init; } = DefaultMaxTokenLength;

    /// <summary>How the issuer is asked for its keys.</summary>
    public TokenHttpOptions Http { get; init; } = TokenHttpOptions.Default;

    /// <summary>What a client is told besides the scope whose token was refused; null makes it the issuer's discovery document, where the issuer is an address.</summary>
    public string? OpenIdConfiguration { get; init; }

    /// <summary>The time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    internal Uri? DiscoveryAddress => Uri.TryCreate(Issuer.TrimEnd('/') + WellKnown, UriKind.Absolute, out Uri? address) && TokenHttp.IsAllowed(address) ? address : null;

    internal void ThrowIfInvalid()
    {
        ArgumentException.ThrowIfNullOrEmpty(Issuer);
        if (Audiences.IsDefaultOrEmpty || Audiences.Any(string.IsNullOrEmpty))
            throw new ArgumentException("A token must be for somebody: name at least one audience.", nameof(Audiences));
        if (Algorithms.IsDefaultOrEmpty || Algorithms.Any(static one => !KnownAlgorithms.Contains(one, StringComparer.Ordinal)))
            throw new ArgumentException($"An algorithm is one of {string.Join(", ", KnownAlgorithms)}; what is checked with a shared secret, or not at all, is none.", nameof(Algorithms));
        if (KeyFile is not null && KeyAddress is not null)
            throw new ArgumentException("The keys are in a file or at an address, not both.", nameof(KeyFile));
        if (KeyAddress is not null)
            TokenHttp.ThrowIfForbidden(KeyAddress, nameof(KeyAddress));
        if (KeyFile is null && KeyAddress is null && DiscoveryAddress is null)
            throw new ArgumentException("The issuer is no https address at which its keys could be found; name a file or an address with the keys.", nameof(Issuer));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxTokenLength);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(KeyLifetime, TimeSpan.Zero, nameof(KeyLifetime));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(KeyRetryInterval, TimeSpan.Zero, nameof(KeyRetryInterval));
        ArgumentOutOfRangeException.ThrowIfLessThan(KeyGrace, TimeSpan.Zero, nameof(KeyGrace));
        Rules.ThrowIfInvalid();
    }
}
