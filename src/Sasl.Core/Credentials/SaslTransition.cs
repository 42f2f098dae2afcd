namespace Sasl;

/// <summary>How passwords that were verified elsewhere come into a store: Cyrus SASL's <c>auto_transition</c>.</summary>
public sealed record SaslTransition
{
    /// <summary>Where the secrets go.</summary>
    public required IWritableCredentialStore Store { get; init; }

    /// <summary>In which forms the store may hold the password already, in which case nothing is written.</summary>
    public required IReadOnlyList<PasswordForm> Forms { get; init; }

    /// <summary>What makes each mechanism's secrets.</summary>
    public required IReadOnlyList<SaslSecretDeriver> Derivers { get; init; }

    /// <summary>Whether the password itself is written too (<c>auto_transition: yes</c>), or only what is derived from it (<c>noplain</c>).</summary>
    public bool StorePlainText { get; init; } = true;

    /// <summary>Told when a password could not be written, which does not concern the login. Must be quick, thread-safe, and must not throw.</summary>
    public Action<SaslUser, Exception>? Failed { get; init; }
}
