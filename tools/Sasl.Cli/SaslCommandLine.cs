using System.CommandLine;
using System.CommandLine.Help;

namespace Sasl.Cli;

/// <summary>The whole command line: parses it and runs one sub-command.</summary>
internal sealed class SaslCommandLine
{
    private readonly CliConsole _console;
    private readonly Command _root;

    public SaslCommandLine(CliConsole console)
    {
        _console = console;
        var help = new HelpOption();
        help.Action = new HelpWithExitCodes((HelpAction)help.Action!);
        // Not a RootCommand: that one calls itself what the file of the program is called.
        _root = new Command("sasl", "Tools of the C# SASL library: accounts, mechanisms, configuration, and logins against real servers.")
        {
            help,
            new VersionOption(),
            PasswdCommand.Create(console),
            UsersCommand.Create(console),
            MechsCommand.Create(console),
            ExplainCommand.Create(console),
            SmtpAuthCommand.Create(console),
            SampleServerCommand.Create(console),
            SampleClientCommand.Create(console),
        };
    }

    /// <summary>Runs what the arguments ask for.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken = default)
    {
        // A user's name may begin with "@": no response files.
        ParseResult parsed = _root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExitCodes)
            return await RefuseAsync(parsed);
        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { Output = _console.Output, Error = _console.Error, EnableDefaultExceptionHandler = false }, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
    }

    private async Task<int> RefuseAsync(ParseResult parsed)
    {
        string name = parsed.CommandResult.Command is CliCommand chosen ? $"sasl {chosen.Name}" : "sasl";
        foreach (System.CommandLine.Parsing.ParseError error in parsed.Errors)
            await _console.Error.WriteLineAsync($"{name}: {error.Message}");
        await _console.Error.WriteLineAsync($"Try '{name} --help'.");
        return (parsed.CommandResult.Command as CliCommand)?.UsageError ?? ExitCode.Usage;
    }
}
