namespace Sasl.Testing.Peers;

/// <summary>The signals for a peer, with their numbers on Linux.</summary>
public enum UnixSignal
{
    /// <summary>SIGHUP: most daemons read their configuration again.</summary>
    Hangup = 1,

    /// <summary>SIGINT: PostgreSQL's fast shutdown.</summary>
    Interrupt = 2,

    /// <summary>SIGKILL: cannot be refused.</summary>
    Kill = 9,

    /// <summary>SIGTERM: the polite request to end.</summary>
    Terminate = 15,

    /// <summary>SIGCONT: goes on after <see cref="Stop"/>.</summary>
    Continue = 18,

    /// <summary>SIGSTOP: hangs it, as far as others can see.</summary>
    Stop = 19,
}
