namespace Sasl;

/// <summary>What a client is told whose token was refused (RFC 7628 section 3.2.2).</summary>
public sealed record TokenDiscovery
{
    /// <summary>Nothing.</summary>
    public static TokenDiscovery None { get; } = new();

    /// <summary>The scopes a token needs, with blanks between them; null to say nothing.</summary>
    public string? Scope { get; init; }

    /// <summary>Where the issuer describes itself (OpenID Connect Discovery, RFC 8414); null to say nothing.</summary>
    public string? OpenIdConfiguration { get; init; }
}
