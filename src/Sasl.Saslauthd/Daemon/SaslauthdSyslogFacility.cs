namespace Sasl.Saslauthd;

/// <summary>Which of syslog's facilities the daemon's lines belong to (RFC 3164 section 4.1.1).</summary>
public enum SaslauthdSyslogFacility
{
    /// <summary><c>auth</c>, the original's.</summary>
    Auth = 4,

    /// <summary><c>authpriv</c>, which systems keep in files that only administrators read.</summary>
    AuthPriv = 10,
}
