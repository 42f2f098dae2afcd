namespace Sasl;

/// <summary>What one step of an exchange came to: go on, succeeded as someone, or failed for a reason.</summary>
public readonly struct SaslStep : IEquatable<SaslStep>
{
    // Four fields, which is what the compiler still keeps in registers: a step is handed on six times on its way.
    private readonly Head _head;
    private readonly object? _subject;    // the user of a success, the diagnostic of a refusal
    private readonly string? _authorizationId;
    private readonly string? _channelBinding;

    private SaslStep(Head head, object? subject = null, string? authorizationId = null, string? channelBinding = null)
    {
        _head = head;
        _subject = subject;
        _authorizationId = authorizationId;
        _channelBinding = channelBinding;
    }

    // Status, error and flag in one number.
    private readonly record struct Head(int Number)
    {
        private const int ErrorShift = 8;
        private const int RefusableShift = 16;

        public Head(SaslStatus status, SaslError error = SaslError.None, bool mayBeRefused = false)
            : this((int)status | ((int)error << ErrorShift) | (mayBeRefused ? 1 << RefusableShift : 0))
        {
        }

        public SaslStatus Status => (SaslStatus)(byte)Number;

        public SaslError Error => (SaslError)(byte)(Number >> ErrorShift);

        public bool MayBeRefused => Number >> RefusableShift != 0;
    }

    /// <summary>Go on, succeeded or failed.</summary>
    public SaslStatus Status => _head.Status;

    /// <summary>What the peer may learn of a failure.</summary>
    public SaslError Error => _head.Error;

    /// <summary>What the administrator may learn of a failure: a constant naming the check that failed.</summary>
    public string? Diagnostic => _subject as string;

    /// <summary>Who proved to be whom, on the server.</summary>
    public SaslUser? User => _subject as SaslUser;

    /// <summary>As whom the peer wants to act, as it was sent; null or empty when it did not say.</summary>
    public string? AuthorizationId => _authorizationId;

    /// <summary>The type of channel binding that was verified; null when none was.</summary>
    public string? ChannelBinding => _channelBinding;

    /// <summary>On the client, whether the server may answer a finished exchange with the reason why it refuses.</summary>
    public bool MayBeRefused => _head.MayBeRefused;

    /// <summary>The message written to the output goes to the peer, whose answer is awaited.</summary>
    public static SaslStep Continue => new(new Head(SaslStatus.Continue));

    /// <summary>The client side has done its part and, where the mechanism can, has seen the server prove itself.</summary>
    public static SaslStep Finished => new(new Head(SaslStatus.Success));

    /// <summary>The client side has done its part; a server that refuses may say why in one more challenge before it does.</summary>
    public static SaslStep FinishedUnlessRefused => new(new Head(SaslStatus.Success, mayBeRefused: true));

    /// <summary>The server has refused inside the mechanism: what was written tells it that this was heard, and the exchange cannot succeed any more.</summary>
    /// <param name="error">Why it refused.</param>
    /// <param name="diagnostic">A constant for the user or the log, never peer data.</param>
    public static SaslStep AcknowledgeRefusal(SaslError error, string diagnostic) =>
        new(new Head(SaslStatus.Continue, error), diagnostic);

    /// <summary>The peer has proved that it is <paramref name="user"/>; the session decides whether it may act as <paramref name="authorizationId"/>.</summary>
    /// <param name="user">Whose credentials were proved.</param>
    /// <param name="authorizationId">As whom the peer wants to act, as it was sent; null or empty when it did not say.</param>
    /// <param name="channelBinding">The type of channel binding that was verified; null when none was.</param>
    public static SaslStep Authenticated(SaslUser user, string? authorizationId, string? channelBinding = null) =>
        new(new Head(SaslStatus.Success), user, authorizationId, channelBinding);

    /// <summary>The exchange is over.</summary>
    /// <param name="error">What the peer may learn.</param>
    /// <param name="diagnostic">What the administrator may learn: a constant naming the check that failed, never peer data.</param>
    public static SaslStep Fail(SaslError error, string diagnostic) =>
        new(new Head(SaslStatus.Failure, error), diagnostic);

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
        _head == other._head && Equals(_subject, other._subject) && AuthorizationId == other.AuthorizationId && ChannelBinding == other.ChannelBinding;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SaslStep other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Status, Error, Diagnostic, User);

    /// <summary>Whether two steps came to the same.</summary>
    public static bool operator ==(SaslStep left, SaslStep right) => left.Equals(right);

    /// <summary>Whether two steps came to something else.</summary>
    public static bool operator !=(SaslStep left, SaslStep right) => !left.Equals(right);
}
