namespace Sasl;

/// <summary>Guarantees a mechanism gives and a policy may require. Names and values are Cyrus SASL's (<c>sasl.h</c>, SASL_SEC_*).</summary>
[Flags]
public enum SaslSecurityFlags
{
    /// <summary>No guarantee.</summary>
    None = 0,

    /// <summary>The password does not cross the connection in plain text (<c>noplaintext</c>).</summary>
    NoPlaintext = 0x01,

    /// <summary>An attacker who sits in the middle cannot take the session over (<c>noactive</c>).</summary>
    NoActive = 0x02,

    /// <summary>A listener cannot try passwords from a dictionary (<c>nodictionary</c>).</summary>
    NoDictionary = 0x04,

    /// <summary>Breaking one session does not help to break the next (<c>forward_secrecy</c>).</summary>
    ForwardSecrecy = 0x08,

    /// <summary>Nobody logs in anonymously (<c>noanonymous</c>).</summary>
    NoAnonymous = 0x10,

    /// <summary>The client's credentials are passed on to the server (<c>pass_credentials</c>).</summary>
    PassCredentials = 0x20,

    /// <summary>The server proves itself too (<c>mutual_auth</c>).</summary>
    MutualAuth = 0x40,
}
