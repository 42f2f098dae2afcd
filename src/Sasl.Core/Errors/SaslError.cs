namespace Sasl;

/// <summary>Why an exchange failed, in the words a protocol may repeat to the peer.</summary>
/// <remarks>The administrator learns more: a constant diagnostic that goes to the observer only.</remarks>
public enum SaslError
{
    /// <summary>It did not fail.</summary>
    None,

    /// <summary>The peer's message is not what the mechanism's grammar allows (Cyrus: SASL_BADPROT).</summary>
    Malformed,

    /// <summary>The peer's message is longer than the configured limit.</summary>
    MessageTooLong,

    /// <summary>The mechanism is unknown, not offered, or no mechanism fits both sides (Cyrus: SASL_NOMECH).</summary>
    MechanismUnavailable,

    /// <summary>The mechanism gives fewer guarantees than the policy requires (Cyrus: SASL_TOOWEAK).</summary>
    MechanismTooWeak,

    /// <summary>The mechanism may be used only inside encryption (Cyrus: SASL_ENCRYPT).</summary>
    EncryptionRequired,

    /// <summary>The credentials are wrong or the user is unknown; a stranger cannot tell which (Cyrus: SASL_BADAUTH, SASL_NOUSER).</summary>
    InvalidCredentials,

    /// <summary>The credentials are right, but this user may not act as the requested one (Cyrus: SASL_NOAUTHZ).</summary>
    NotAuthorized,

    /// <summary>The account is disabled (Cyrus: SASL_DISABLED).</summary>
    AccountDisabled,

    /// <summary>The password has expired and must be changed (Cyrus: SASL_EXPIRED).</summary>
    PasswordExpired,

    /// <summary>One login with a plain-text mechanism would make this mechanism usable (Cyrus: SASL_TRANS).</summary>
    TransitionNeeded,

    /// <summary>The channel-binding data of the two sides differ, or one side should have sent some (Cyrus: SASL_BADBINDING).</summary>
    ChannelBindingMismatch,

    /// <summary>The server did not prove that it knows the secret (Cyrus: SASL_BADSERV).</summary>
    ServerNotAuthentic,

    /// <summary>One side cancelled the exchange.</summary>
    Aborted,

    /// <summary>A back end could not answer; the same attempt may succeed later (Cyrus: SASL_UNAVAIL, SASL_TRYAGAIN).</summary>
    TemporaryFailure,
}
