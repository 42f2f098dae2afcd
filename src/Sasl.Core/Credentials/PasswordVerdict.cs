namespace Sasl;

/// <summary>A verifier's answer.</summary>
/// <param name="Outcome">What was found.</param>
/// <param name="DecidedBy">Which verifier said so, for the administrator; null when it did not say.</param>
public readonly record struct PasswordVerdict(PasswordOutcome Outcome, string? DecidedBy = null)
{
    /// <summary>Why, in the verifier's words, for the administrator and never for the peer; contains no secret. Null when it did not say.</summary>
    public string? Reason { get; init; }

    /// <summary>How long whoever serves the peer should hold the answer back, so that guessing is slow; zero where the verifier has waited itself.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>An answer without the verifier's name.</summary>
    /// <param name="outcome">What was found.</param>
    public static implicit operator PasswordVerdict(PasswordOutcome outcome) => new(outcome);

    /// <summary>An answer without the verifier's name.</summary>
    /// <param name="outcome">What was found.</param>
    public static PasswordVerdict FromPasswordOutcome(PasswordOutcome outcome) => new(outcome);
}
