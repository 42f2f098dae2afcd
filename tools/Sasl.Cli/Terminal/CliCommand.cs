using System.CommandLine;

namespace Sasl.Cli;

/// <summary>A sub-command that says in its help how it ends.</summary>
internal sealed class CliCommand(string name, string description) : Command(name, description)
{
    /// <summary>The exit code for a command line that cannot be read. Cyrus SASL's tools have 1.</summary>
    public int UsageError { get; set; } = ExitCode.Failure;

    /// <summary>
    /// Whether it is given all the time it takes, when a signal stops it, to put away what is half done and to say what became of it; a second
    /// signal ends it at once. Else the parser gives it two seconds.
    /// </summary>
    public bool StopsTidily { get; set; }

    /// <summary>Every exit code and what it means, for the help.</summary>
    public IReadOnlyList<(int Code, string Meaning)> ExitCodes { get; set; } = [];
}
