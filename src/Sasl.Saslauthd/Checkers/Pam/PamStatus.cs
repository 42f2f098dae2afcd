namespace Sasl.Saslauthd;

/// <summary>What a call of Linux-PAM answers: the numbers of <c>_pam_types.h</c>. Those that are not named mean that nothing could be decided.</summary>
internal enum PamStatus
{
    Success = 0,
    SystemError = 4,
    PermissionDenied = 6,
    AuthenticationError = 7,
    CredentialsInsufficient = 8,
    AuthenticationInfoUnavailable = 9,
    UserUnknown = 10,
    MaximumTries = 11,
    NewPasswordRequired = 12,
    AccountExpired = 13,
    ConversationError = 19,
    Abort = 26,
    PasswordExpired = 27,
}
