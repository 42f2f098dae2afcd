namespace Sasl;

/// <summary>A token validator's answer.</summary>
public sealed record TokenVerdict
{
    private TokenVerdict(TokenOutcome outcome) => Outcome = outcome;

    /// <summary>What was found.</summary>
    public TokenOutcome Outcome { get; }

    /// <summary>What the token says; null unless it is valid.</summary>
    public TokenGrant? Grant { get; private init; }

    /// <summary>Which validator said so, for the administrator; null when it did not say.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>Why, for the administrator and never for the peer; contains nothing of the token. Null when it did not say.</summary>
    public string? Reason { get; init; }

    /// <summary>The token is valid.</summary>
    /// <param name="grant">What it says.</param>
    public static TokenVerdict Valid(TokenGrant grant)
    {
        ArgumentNullException.ThrowIfNull(grant);
        return new(TokenOutcome.Valid) { Grant = grant };
    }

    /// <summary>The token is not valid.</summary>
    /// <param name="reason">Why, for the administrator; contains nothing of the token.</param>
    public static TokenVerdict Invalid(string? reason = null) => new(TokenOutcome.Invalid) { Reason = reason };

    /// <summary>The token is valid, but its scope does not suffice.</summary>
    /// <param name="reason">Why, for the administrator; contains nothing of the token.</param>
    public static TokenVerdict InsufficientScope(string? reason = null) => new(TokenOutcome.InsufficientScope) { Reason = reason };

    /// <summary>The validator cannot say now.</summary>
    /// <param name="reason">Why, for the administrator; contains nothing of the token.</param>
    public static TokenVerdict Unavailable(string? reason = null) => new(TokenOutcome.Unavailable) { Reason = reason };
}
