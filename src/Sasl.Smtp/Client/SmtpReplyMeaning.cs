namespace Sasl.Smtp;

/// <summary>What a server's final reply to AUTH means (RFC 4954 section 6).</summary>
internal static class SmtpReplyMeaning
{
    public const int ServiceClosing = 421;

    public static SaslError Of(SmtpServerReply reply) => reply.Code switch
    {
        432 => SaslError.TransitionNeeded,
        >= 400 and < 500 => SaslError.TemporaryFailure,
        500 when reply.Status is "5.5.6" => SaslError.MessageTooLong,
        500 or 501 => SaslError.Malformed,
        502 or 504 => SaslError.MechanismUnavailable,
        530 or 538 => SaslError.EncryptionRequired,
        534 => SaslError.MechanismTooWeak,
        535 => SaslError.InvalidCredentials,
        _ => SaslError.Aborted,    // the server ended it, for a reason of its own
    };

    /// <summary>Whether the reply says that this mechanism cannot be used here, and nothing about the credentials.</summary>
    public static bool IsAboutTheMechanism(SmtpAuthResult result) =>
        result.ReplyCode is 504 or 534 or 538 || (result.ReplyCode is 500 && result.EnhancedStatus is "5.5.6");
}
