namespace Sasl.Kerberos;

/// <summary>Reads the library's codes: which problem it is, what the peer is told, and what the administrator.</summary>
internal static class KerberosVerdict
{
    // Major statuses, RFC 2744 section 3.9.1, shifted to their place.
    private const uint RoutineMask = 0x00ff0000;
    private const uint BadMechanism = 1 << 16;
    private const uint BadBindings = 4 << 16;
    private const uint BadSignature = 6 << 16;
    private const uint NoCredential = 7 << 16;
    private const uint DefectiveToken = 9 << 16;
    private const uint DefectiveCredential = 10 << 16;
    private const uint CredentialsExpired = 11 << 16;

    // MIT's and Heimdal's common codes: RFC 4120 section 7.5.9 counted from here on, then the library's own.
    private const int Table = -1765328384;

    /// <summary>Names the problem that a call came to.</summary>
    /// <param name="status">What the library answered.</param>
    /// <param name="usage">On whose side.</param>
    public static KerberosProblem Judge(GssStatus status, GssUsage usage) => FromCode(status.Code) is not KerberosProblem.None and var known
        ? known
        : (status.Major & RoutineMask) switch
        {
            0 => status.IsComplete ? KerberosProblem.None : KerberosProblem.Replay,
            BadBindings => KerberosProblem.BindingMismatch,
            CredentialsExpired => KerberosProblem.TicketExpired,
            NoCredential or DefectiveCredential => usage is GssUsage.Accept ? KerberosProblem.NoKey : KerberosProblem.NoTicket,
            BadSignature or DefectiveToken or BadMechanism => KerberosProblem.BadToken,
            _ => KerberosProblem.Other,
        };

    /// <summary>Names the problem of a call that has failed in any case.</summary>
    public static KerberosProblem JudgeFailure(GssStatus status, GssUsage usage) =>
        Judge(status, usage) is not KerberosProblem.None and var problem ? problem : KerberosProblem.Other;

    /// <summary>What a server's peer is told.</summary>
    public static SaslError ErrorOnServer(KerberosProblem problem) => problem switch
    {
        KerberosProblem.BindingMismatch => SaslError.ChannelBindingMismatch,
        KerberosProblem.BadToken => SaslError.Malformed,
        KerberosProblem.NoLibrary or KerberosProblem.NotSupported or KerberosProblem.BadConfiguration => SaslError.TemporaryFailure,
        _ => SaslError.InvalidCredentials,
    };

    /// <summary>What a client's user is told.</summary>
    public static SaslError ErrorOnClient(KerberosProblem problem) => problem switch
    {
        KerberosProblem.NoKdc or KerberosProblem.BadConfiguration => SaslError.TemporaryFailure,
        KerberosProblem.NoLibrary or KerberosProblem.NotSupported => SaslError.MechanismUnavailable,
        KerberosProblem.BadToken or KerberosProblem.WrongKey or KerberosProblem.Replay => SaslError.ServerNotAuthentic,
        KerberosProblem.BindingMismatch => SaslError.ChannelBindingMismatch,
        _ => SaslError.InvalidCredentials,
    };

    /// <summary>The problem as a constant sentence without a full stop.</summary>
    public static string Explain(KerberosProblem problem) => problem switch
    {
        KerberosProblem.None => "Kerberos can be used",
        KerberosProblem.NoLibrary => "the system has no GSS library",
        KerberosProblem.NotSupported => "the GSS library cannot do what an option asks for",
        KerberosProblem.BadConfiguration => "krb5.conf cannot be used or names no realm",
        KerberosProblem.NoTicket => "there is no Kerberos ticket (kinit)",
        KerberosProblem.TicketExpired => "the Kerberos ticket has expired",
        KerberosProblem.TicketNotYetValid => "the Kerberos ticket is not valid yet",
        KerberosProblem.NoKey => "the keytab cannot be read or has no key for this service",
        KerberosProblem.WrongKey => "the ticket does not open with the key in the keytab",
        KerberosProblem.WrongService => "the ticket is for another service",
        KerberosProblem.UnknownService => "the KDC knows no such service, or no way to its realm",
        KerberosProblem.NoKdc => "no KDC answers",
        KerberosProblem.ClockSkew => "the clocks of client, server and KDC differ too much",
        KerberosProblem.Replay => "the Kerberos token was seen before",
        KerberosProblem.BindingMismatch => "client and server do not see the same channel",
        KerberosProblem.BadToken => "the Kerberos token is damaged or of another mechanism",
        KerberosProblem.Other => "Kerberos refused",
    };

    private static KerberosProblem FromCode(int code) => (code - Table) switch
    {
        7 or 154 or 155 => KerberosProblem.UnknownService,               // S_PRINCIPAL_UNKNOWN, REALM_UNKNOWN, SERVICE_UNKNOWN
        185 => KerberosProblem.UnknownService,                           // NO_TKT_IN_RLM
        32 => KerberosProblem.TicketExpired,                             // TKT_EXPIRED
        33 => KerberosProblem.TicketNotYetValid,                         // TKT_NYV
        34 => KerberosProblem.Replay,                                    // REPEAT
        35 => KerberosProblem.WrongService,                   // NOT_US
        37 => KerberosProblem.ClockSkew,                                 // SKEW
        31 or 44 or 230 => KerberosProblem.WrongKey,                     // BAD_INTEGRITY, BADKEYVER, KT_KVNONOTFOUND
        41 => KerberosProblem.BadToken,                                  // MODIFIED
        46 or 158 => KerberosProblem.BadToken,                           // MUT_FAIL, MUTUAL_FAILED
        45 or 181 or 184 => KerberosProblem.NoKey,                       // NOKEY, KT_NOTFOUND, KT_IOERR
        156 or 220 => KerberosProblem.NoKdc,                             // KDC_UNREACH, REALM_CANT_RESOLVE
        135 or 136 or 224 => KerberosProblem.BadConfiguration,           // CONFIG_CANTOPEN, CONFIG_BADFORMAT, CONFIG_NODEFREALM
        141 or 194 or 195 or 203 => KerberosProblem.NoTicket,            // CC_NOTFOUND, FCC_PERM, FCC_NOFILE, NOCREDS_SUPPLIED
        199 => KerberosProblem.NoTicket,                                 // CC_FORMAT
        _ => KerberosProblem.None,
    };
}
