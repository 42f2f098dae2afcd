namespace Sasl;

/// <summary>How much is written to the log: the values of <c>log_level</c>, which are Cyrus SASL's (<c>sasl.h</c>, SASL_LOG_*). Each includes those before it.</summary>
public enum SaslLogLevel
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Back ends that cannot answer. Cyrus SASL's default.</summary>
    Error,

    /// <summary>Failed logins: who, how, from where, and the check that failed. The default here.</summary>
    Failure,

    /// <summary>Warnings of back ends while the server runs. Those of the configuration are written at the start, at every level but 0.</summary>
    Warning,

    /// <summary>Successful logins, and the traces anonymous clients leave.</summary>
    Note,

    /// <summary>Every exchange that begins.</summary>
    Debug,

    /// <summary>No more than <see cref="Debug"/>: messages are never logged.</summary>
    Trace,

    /// <summary>No more than <see cref="Debug"/>: passwords are never logged.</summary>
    Password,
}
