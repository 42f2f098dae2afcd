namespace Sasl.Saslauthd;

/// <summary>The library's error codes that are told apart: RFC 4120 section 7.5.9, from -1765328384 on, and MIT's own.</summary>
internal static class KerberosFailure
{
    private const int NameExpired = -1765328383;         // KDC_ERR_NAME_EXP
    private const int UnknownPrincipal = -1765328378;    // KDC_ERR_C_PRINCIPAL_UNKNOWN
    private const int Policy = -1765328372;              // KDC_ERR_POLICY
    private const int ClientRevoked = -1765328366;       // KDC_ERR_CLIENT_REVOKED
    private const int ClientNotYetValid = -1765328363;   // KDC_ERR_CLIENT_NOTYET
    private const int KeyExpired = -1765328361;          // KDC_ERR_KEY_EXPIRED
    private const int PreauthenticationFailed = -1765328360;   // KDC_ERR_PREAUTH_FAILED
    private const int BadIntegrity = -1765328353;        // KRB_AP_ERR_BAD_INTEGRITY: the reply does not open with this password
    private const int NoPreauthentication = -1765328174; // KRB5_PREAUTH_FAILED: MIT's word for it when it gives up

    /// <summary>Whether the KDC says that the password has expired, which it does before it looks at the password.</summary>
    public static bool IsExpiredPassword(int code) => code == KeyExpired;

    /// <summary>What a refusal to give a ticket means.</summary>
    public static PasswordOutcome Judge(int code) => code switch
    {
        0 => PasswordOutcome.Match,
        UnknownPrincipal => PasswordOutcome.UnknownUser,
        PreauthenticationFailed or BadIntegrity or NoPreauthentication => PasswordOutcome.Mismatch,
        NameExpired or ClientRevoked or ClientNotYetValid or Policy => PasswordOutcome.Disabled,
        KeyExpired => PasswordOutcome.Expired,
        _ => PasswordOutcome.Unavailable,
    };
}
