namespace Sasl.Saslauthd;

/// <summary>How far a check got. The texts are those of Cyrus's saslauthd (saslauthd/auth_pam.c).</summary>
internal static class PamPhase
{
    public const string Start = "PAM start error";

    public const string Authenticate = "PAM auth error";

    public const string Account = "PAM acct error";

    /// <summary>What an answer means in the phase it came from.</summary>
    public static PasswordOutcome Judge(PamStatus status) => status switch
    {
        PamStatus.Success => PasswordOutcome.Match,
        PamStatus.AuthenticationError or PamStatus.MaximumTries => PasswordOutcome.Mismatch,
        PamStatus.UserUnknown => PasswordOutcome.UnknownUser,
        PamStatus.PermissionDenied or PamStatus.AccountExpired => PasswordOutcome.Disabled,
        PamStatus.NewPasswordRequired or PamStatus.PasswordExpired => PasswordOutcome.Expired,
        // A module that fails, or one of a later version, has not said that the password is wrong.
        PamStatus.SystemError or PamStatus.CredentialsInsufficient or PamStatus.AuthenticationInfoUnavailable
            or PamStatus.ConversationError or PamStatus.Abort or _ => PasswordOutcome.Unavailable,
    };
}
