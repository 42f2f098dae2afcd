namespace Sasl.Kerberos;

/// <summary>Why Kerberos cannot be used, or a login with it failed.</summary>
public enum KerberosProblem
{
    /// <summary>It can.</summary>
    None,

    /// <summary>The system has no GSS library.</summary>
    NoLibrary,

    /// <summary>The GSS library cannot do what an option asks for, such as take a keytab by its name.</summary>
    NotSupported,

    /// <summary>krb5.conf cannot be read, or names no realm.</summary>
    BadConfiguration,

    /// <summary>The client has no ticket: no cache, an empty one, or one of another realm.</summary>
    NoTicket,

    /// <summary>The tickets have expired.</summary>
    TicketExpired,

    /// <summary>The tickets are not valid yet.</summary>
    TicketNotYetValid,

    /// <summary>The keytab is not there, cannot be read, or has no key of the service.</summary>
    NoKey,

    /// <summary>The ticket was made with another key than the keytab has.</summary>
    WrongKey,

    /// <summary>The ticket is for another service.</summary>
    WrongService,

    /// <summary>The KDC knows no such service, or no way to its realm.</summary>
    UnknownService,

    /// <summary>No KDC answers.</summary>
    NoKdc,

    /// <summary>The clocks of client, server and KDC differ too much.</summary>
    ClockSkew,

    /// <summary>The token was seen before.</summary>
    Replay,

    /// <summary>The two sides do not see the same channel, or the same message before the token.</summary>
    BindingMismatch,

    /// <summary>The token is damaged, or none of Kerberos.</summary>
    BadToken,

    /// <summary>Something else.</summary>
    Other,
}
