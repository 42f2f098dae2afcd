using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;

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
            BenchCommand.Create(console),
            SaslauthdCommand.Create(console),
            SaslcacheCommand.Create(console),
            TestSaslauthdCommand.Create(console),
            SampleServerCommand.Create(console),
            SampleClientCommand.Create(console),
        };
    }

    /// <summary>The sub-commands.</summary>
    public IEnumerable<CliCommand> Commands => _root.Subcommands.OfType<CliCommand>();

    /// <summary>Runs what the arguments ask for.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken = default)
    {
        // A user's name may begin with "@": no response files.
        ParseResult parsed = _root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        bool asksForHelp = parsed.Action is HelpWithExitCodes;
        if (parsed.Errors.Count > 0 && !asksForHelp)
            return await RefuseAsync(parsed, parsed.Errors.Select(static error => error.Message));
        if (!asksForHelp && MistakenOption(parsed) is { } option)
            return await RefuseAsync(parsed, [$"There is no option {Printable.Of(option)}; what begins with '-' and is none stands behind '--'."]);
        var how = new InvocationConfiguration { Output = _console.Output, Error = _console.Error, EnableDefaultExceptionHandler = false };
        try
        {
            if (parsed.CommandResult.Command is not CliCommand { StopsTidily: true })
                return await parsed.InvokeAsync(how, cancellationToken);
            how.ProcessTerminationTimeout = null;
            using var stop = new StopSignals(cancellationToken);
            return await parsed.InvokeAsync(how, stop.Token);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
    }

    // The parser takes an option it does not know for an argument, and so a slip of the finger for a user's name.
    private static string? MistakenOption(ParseResult parsed) => parsed.Tokens.Any(static token => token.Type is TokenType.DoubleDash)
        ? null
        : parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(static result => result.Tokens)
            .FirstOrDefault(static token => token.Value is ['-', _, ..])?.Value;

    private async Task<int> RefuseAsync(ParseResult parsed, IEnumerable<string> complaints)
    {
        string name = parsed.CommandResult.Command is CliCommand chosen ? $"sasl {chosen.Name}" : "sasl";
        foreach (string complaint in complaints)
            await _console.Error.WriteLineAsync($"{name}: {complaint}");
        await _console.Error.WriteLineAsync($"Try '{name} --help'.");
        return (parsed.CommandResult.Command as CliCommand)?.UsageError ?? ExitCode.Usage;
    }
}
