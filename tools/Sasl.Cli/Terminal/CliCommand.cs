using System.CommandLine;

namespace Sasl.Cli;

/// <summary>A sub-command that says in its help how it ends.</summary>
internal sealed class CliCommand(string name, string description) : Command(name, description)
{
    /// <summary>The exit code for a command line that cannot be read. Cyrus SASL's tools have 1.</summary>
    public int UsageError { get; set; } = ExitCode.Failure;

    /// <summary>Every exit code and what it means, for the help.</summary>
    public IReadOnlyList<(int Code, string Meaning)> ExitCodes { get; set; } = [];
}
