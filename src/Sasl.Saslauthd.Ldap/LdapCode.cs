namespace Sasl.Saslauthd;

/// <summary>The result codes that are told apart: RFC 4511 section 4.1.9, and below zero libldap's own.</summary>
internal static class LdapCode
{
    public const int Success = 0;
    public const int SizeLimitExceeded = 4;
    public const int CompareFalse = 5;
    public const int CompareTrue = 6;
    public const int SaslBindInProgress = 14;
    public const int NoSuchAttribute = 16;
    public const int ConstraintViolation = 19;
    public const int NoSuchObject = 32;
    public const int InvalidDnSyntax = 34;
    public const int InappropriateAuthentication = 48;
    public const int InvalidCredentials = 49;
    public const int Busy = 51;
    public const int Unavailable = 52;
    public const int UnwillingToPerform = 53;
    public const int ServerDown = -1;
    public const int Timeout = -5;
    public const int ConnectError = -11;
}
