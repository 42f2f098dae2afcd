namespace Sasl.Saslauthd;

/// <summary>How the connection to the IMAP server is protected.</summary>
public enum RimapTls
{
    /// <summary>Not at all, as in the original: passwords cross the network in the clear.</summary>
    None,

    /// <summary>TLS from the first octet.</summary>
    Implicit,

    /// <summary>TLS after STARTTLS; no password is sent where the server does not offer it.</summary>
    StartTls,
}
