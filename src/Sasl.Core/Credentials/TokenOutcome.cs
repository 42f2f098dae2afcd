namespace Sasl;

/// <summary>What a token validator found.</summary>
public enum TokenOutcome
{
    /// <summary>The validator cannot say now: a temporary failure.</summary>
    Unavailable,

    /// <summary>The token is valid.</summary>
    Valid,

    /// <summary>The token is forged, expired, revoked, for somebody else, or not a token at all.</summary>
    Invalid,

    /// <summary>The token is valid, but its scope does not suffice.</summary>
    InsufficientScope,
}
