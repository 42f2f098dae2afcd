namespace Sasl.Saslauthd;

/// <summary>Why a daemon could not be asked, or did not answer.</summary>
public enum PasswordDaemonFault
{
    /// <summary>There is no socket: ENOENT.</summary>
    Absent,

    /// <summary>This process may not use the socket: EACCES.</summary>
    Forbidden,

    /// <summary>There is a socket, and nobody listens on it: ECONNREFUSED.</summary>
    NotListening,

    /// <summary>The daemon takes no more connections.</summary>
    Busy,

    /// <summary>Too many checks are under way or waiting already, in this process.</summary>
    Crowded,

    /// <summary>It did not answer in time.</summary>
    Silent,

    /// <summary>It closed the connection before its reply was complete.</summary>
    ClosedEarly,

    /// <summary>Its reply is none.</summary>
    Garbage,

    /// <summary>It says that it cannot check passwords now.</summary>
    Unable,

    /// <summary>The system reported something else.</summary>
    Other,
}
