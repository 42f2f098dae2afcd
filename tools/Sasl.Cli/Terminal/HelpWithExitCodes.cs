using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Sasl.Cli;

/// <summary>The usual help, and the exit codes after it.</summary>
internal sealed class HelpWithExitCodes(HelpAction usual) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int result = usual.Invoke(parseResult);
        if (parseResult.CommandResult.Command is not CliCommand command)
            return result;
        TextWriter output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Exit codes:");
        foreach ((int code, string meaning) in command.ExitCodes)
            output.WriteLine($"  {code,-3}  {meaning}");
        output.WriteLine();
        return result;
    }
}
