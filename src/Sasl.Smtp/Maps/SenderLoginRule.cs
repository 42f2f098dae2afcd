namespace Sasl.Smtp;

/// <summary>Which verdicts are refused: Postfix's restrictions of the same names.</summary>
public enum SenderLoginRule
{
    /// <summary><c>reject_sender_login_mismatch</c>: the next and the last one together.</summary>
    RejectSenderLoginMismatch,

    /// <summary><c>reject_authenticated_sender_login_mismatch</c>: a client that is logged in sends only as addresses it owns.</summary>
    RejectAuthenticatedSenderLoginMismatch,

    /// <summary><c>reject_known_sender_login_mismatch</c>: an address that somebody owns is used by its owners only.</summary>
    RejectKnownSenderLoginMismatch,

    /// <summary><c>reject_unauthenticated_sender_login_mismatch</c>: a client that is not logged in uses no address that somebody owns.</summary>
    RejectUnauthenticatedSenderLoginMismatch,
}
