using System.CommandLine;
using Sasl.Saslauthd;

namespace Sasl.Cli;

/// <summary><c>sasl saslcache</c>: what a running daemon remembers.</summary>
internal static class SaslcacheCommand
{
    public static Command Create(CliConsole console)
    {
        var dump = new Option<bool>("-d") { Description = "List how many seconds each remembered login has left. Names are not kept." };
        var statistics = new Option<bool>("-s") { Description = "Show the counters." };
        var flush = new Option<bool>("--flush") { Description = "Forget every login." };
        var directory = new Option<string>("-m")
        {
            Description = "The daemon's run directory.",
            HelpName = "path",
            DefaultValueFactory = static _ => SaslauthdServerOptions.DefaultRunDirectory,
        };
        var command = new CliCommand("saslcache", "Shows and empties what a running sasl saslauthd remembers (saslcache).") { dump, statistics, flush, directory };
        command.ExitCodes = [(ExitCode.Success, "done"), (ExitCode.Failure, "the command line is wrong, or no daemon answers")];
        command.Validators.Add(result =>
        {
            if (!result.GetValue(dump) && !result.GetValue(statistics) && !result.GetValue(flush))
                result.AddError("One of -d, -s and --flush is needed.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string path = parsed.GetValue(directory)!;
            try
            {
                if (parsed.GetValue(statistics))
                    await ShowStatisticsAsync(console, path, cancellationToken);
                if (parsed.GetValue(dump))
                    await DumpAsync(console, path, cancellationToken);
                if (parsed.GetValue(flush))
                    await SaslauthdControl.FlushAsync(path, cancellationToken);
                return ExitCode.Success;
            }
            catch (IOException exception)
            {
                await console.Error.WriteLineAsync($"sasl saslcache: {Printable.Of(exception.Message)}");
                return ExitCode.Failure;
            }
        });
        return command;
    }

    private static async Task ShowStatisticsAsync(CliConsole console, string path, CancellationToken cancellationToken)
    {
        foreach ((string name, string value) in await SaslauthdControl.GetStatisticsAsync(path, cancellationToken))
            await console.Output.WriteLineAsync($"{name,-12}: {value}");
    }

    private static async Task DumpAsync(CliConsole console, string path, CancellationToken cancellationToken)
    {
        foreach (long seconds in await SaslauthdControl.GetEntriesAsync(path, cancellationToken))
            await console.Output.WriteLineAsync($"{seconds}");
    }
}
