namespace Sasl.Cli;

/// <summary>How the tools end. The greater numbers are those of <c>sysexits.h</c>, the small ones Cyrus SASL's result codes without their sign.</summary>
internal static class ExitCode
{
    /// <summary>It is done.</summary>
    public const int Success = 0;

    /// <summary>It is not done, and no other code fits (SASL_FAIL).</summary>
    public const int Failure = 1;

    /// <summary>Another daemon has the run directory, as saslauthd says it.</summary>
    public const int AlreadyRunning = 2;

    /// <summary>What was asked for cannot be done, such as setting an empty password (SASL_BADPARAM).</summary>
    public const int BadParameter = 7;

    /// <summary>The command line cannot be read (EX_USAGE).</summary>
    public const int Usage = 64;

    /// <summary>The server cannot be reached, or TLS could not be had (EX_UNAVAILABLE).</summary>
    public const int Unavailable = 69;

    /// <summary>Later it may work (EX_TEMPFAIL).</summary>
    public const int Temporary = 75;

    /// <summary>The two sides do not understand each other, or no mechanism fits both (EX_PROTOCOL).</summary>
    public const int Protocol = 76;

    /// <summary>The configuration cannot work (EX_CONFIG).</summary>
    public const int Configuration = 78;

    /// <summary>The configuration cannot work, in the words of saslpasswd2 (SASL_CONFIGERR).</summary>
    public const int CyrusConfiguration = 100;

    /// <summary>Ctrl-C, in a shell's way of counting (128 and SIGINT).</summary>
    public const int Interrupted = 130;
}
