namespace Sasl;

/// <summary>What one step of an exchange came to: go on, succeeded as someone, or failed for a reason.</summary>
public readonly struct SaslStep : IEquatable<SaslStep>
{
    private SaslStep(SaslStatus status) => Status = status;

    /// <summary>Go on, succeeded or failed.</summary>
    public SaslStatus Status { get; }

    /// <summary>What the peer may learn of a failure.</summary>
    public SaslError Error { get; private init; }

    /// <summary>What the administrator may learn of a failure: a constant naming the check that failed.</summary>
    public string? Diagnostic { get; private init; }

    /// <summary>Who proved to be whom, on the server.</summary>
    public SaslUser? User { get; private init; }

    /// <summary>As whom the peer wants to act, as it was sent; null or empty when it did not say.</summary>
    public string? AuthorizationId { get; private init; }

    /// <summary>The type of channel binding that was verified; null when none was.</summary>
    public string? ChannelBinding { get; private init; }

    /// <summary>On the client, whether the server may answer a finished exchange with the reason why it refuses.</summary>
    public bool MayBeRefused { get; private init; }

    /// <summary>The message written to the output goes to the peer, whose answer is awaited.</summary>
    public static SaslStep Continue => new(SaslStatus.Continue);

    /// <summary>The client side has done its part and, where the mechanism can, has seen the server prove itself.</summary>
    public static SaslStep Finished => new(SaslStatus.Success);

    /// <summary>The client side has done its part; a server that refuses may say why in one more challenge before it does.</summary>
    public static SaslStep FinishedUnlessRefused => new(SaslStatus.Success) { MayBeRefused = true };

    /// <summary>The server has refused inside the mechanism: what was written tells it that this was heard, and the exchange cannot succeed any more.</summary>
    /// <param name="error">Why it refused.</param>
    /// <param name="diagnostic">A constant for the user or the log, never peer data.</param>
    public static SaslStep AcknowledgeRefusal(SaslError error, string diagnostic) =>
        new(SaslStatus.Continue) { Error = error, Diagnostic = diagnostic };

    /// <summary>The peer has proved that it is <paramref name="user"/>; the session decides whether it may act as <paramref name="authorizationId"/>.</summary>
    /// <param name="user">Whose credentials were proved.</param>
    /// <param name="authorizationId">As whom the peer wants to act, as it was sent; null or empty when it did not say.</param>
    /// <param name="channelBinding">The type of channel binding that was verified; null when none was.</param>
    public static SaslStep Authenticated(SaslUser user, string? authorizationId, string? channelBinding = null) =>
        new(SaslStatus.Success) { User = user, AuthorizationId = authorizationId, ChannelBinding = channelBinding };

    /// <summary>The exchange is over.</summary>
    /// <param name="error">What the peer may learn.</param>
    /// <param name="diagnostic">What the administrator may learn: a constant naming the check that failed, never peer data.</param>
    public static SaslStep Fail(SaslError error, string diagnostic) =>
        new(SaslStatus.Failure) { Error = error, Diagnostic = diagnostic };

    /// <summary>Turns a password verdict into a step. An unknown user and a wrong password look the same from outside.</summary>
    /// <param name="verdict">What the verifier said.</param>
    /// <param name="user">Whose password it was.</param>
    /// <param name="authorizationId">As whom the peer wants to act.</param>
    public static SaslStep From(PasswordVerdict verdict, SaslUser user, string? authorizationId) => verdict.Outcome switch
    {
        PasswordOutcome.Match => Authenticated(user, authorizationId),
        PasswordOutcome.Mismatch => Fail(SaslError.InvalidCredentials, "password mismatch"),
        PasswordOutcome.UnknownUser => Fail(SaslError.InvalidCredentials, "unknown user"),
        PasswordOutcome.Disabled => Fail(SaslError.AccountDisabled, "account disabled"),
        PasswordOutcome.Expired => Fail(SaslError.PasswordExpired, "password expired"),
        PasswordOutcome.Unavailable => Fail(SaslError.TemporaryFailure, "no password verifier could answer"),
    };

    /// <inheritdoc/>
    public bool Equals(SaslStep other) =>
        Status == other.Status && Error == other.Error && Diagnostic == other.Diagnostic
        && User == other.User && AuthorizationId == other.AuthorizationId && ChannelBinding == other.ChannelBinding
        && MayBeRefused == other.MayBeRefused;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SaslStep other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Status, Error, Diagnostic, User);

    /// <summary>Whether two steps came to the same.</summary>
    public static bool operator ==(SaslStep left, SaslStep right) => left.Equals(right);

    /// <summary>Whether two steps came to something else.</summary>
    public static bool operator !=(SaslStep left, SaslStep right) => !left.Equals(right);
}
