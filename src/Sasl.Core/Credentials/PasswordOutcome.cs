namespace Sasl;

/// <summary>What a password verifier found.</summary>
public enum PasswordOutcome
{
    /// <summary>This verifier cannot say now. In a chain the next one is asked; alone it is a temporary failure.</summary>
    Unavailable,

    /// <summary>The password is the user's.</summary>
    Match,

    /// <summary>The password is not the user's.</summary>
    Mismatch,

    /// <summary>The verifier does not know the user.</summary>
    UnknownUser,

    /// <summary>The password may be right, but the account is disabled.</summary>
    Disabled,

    /// <summary>The password is right, but has expired.</summary>
    Expired,
}
