namespace Sasl;

/// <summary>Whether logins are bound to the channel below.</summary>
public enum SaslBindingPolicy
{
    /// <summary>Bind where both sides can.</summary>
    Prefer,

    /// <summary>Never bind, and behave as a side that cannot.</summary>
    Disable,

    /// <summary>Use only mechanisms that bind.</summary>
    Require,
}
