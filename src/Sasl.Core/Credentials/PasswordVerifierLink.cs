namespace Sasl;

/// <summary>One verifier of a <see cref="PasswordVerifierChain"/>, and whether the next one is asked after each of its answers.</summary>
/// <param name="Name">What the administrator calls it, such as <c>saslauthd</c>; becomes <see cref="PasswordVerdict.DecidedBy"/>.</param>
/// <param name="Verifier">Whom to ask.</param>
public sealed record PasswordVerifierLink(string Name, IPasswordVerifier Verifier)
{
    /// <summary>After <see cref="PasswordOutcome.Match"/>. With <see cref="SaslChainRule.Continue"/> a later verifier may still find the account disabled or expired.</summary>
    public SaslChainRule OnMatch { get; init; } = SaslChainRule.Stop;

    /// <summary>After <see cref="PasswordOutcome.Mismatch"/>.</summary>
    public SaslChainRule OnMismatch { get; init; } = SaslChainRule.Continue;

    /// <summary>After <see cref="PasswordOutcome.UnknownUser"/>.</summary>
    public SaslChainRule OnUnknownUser { get; init; } = SaslChainRule.Continue;

    /// <summary>After <see cref="PasswordOutcome.Unavailable"/>, and when the verifier threw.</summary>
    public SaslChainRule OnUnavailable { get; init; } = SaslChainRule.Continue;

    /// <summary>After <see cref="PasswordOutcome.Disabled"/>.</summary>
    public SaslChainRule OnDisabled { get; init; } = SaslChainRule.Stop;

    /// <summary>After <see cref="PasswordOutcome.Expired"/>.</summary>
    public SaslChainRule OnExpired { get; init; } = SaslChainRule.Stop;

    internal SaslChainRule RuleFor(PasswordOutcome outcome) => outcome switch
    {
        PasswordOutcome.Unavailable => OnUnavailable,
        PasswordOutcome.Match => OnMatch,
        PasswordOutcome.Mismatch => OnMismatch,
        PasswordOutcome.UnknownUser => OnUnknownUser,
        PasswordOutcome.Disabled => OnDisabled,
        PasswordOutcome.Expired => OnExpired,
    };
}
