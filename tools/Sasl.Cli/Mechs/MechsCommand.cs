using System.Collections.Immutable;
using System.CommandLine;
using Sasl.Cli.Sample;
using Sasl.Mechanisms;

namespace Sasl.Cli;

/// <summary><c>sasl mechs</c>: pluginviewer's lists.</summary>
internal static class MechsCommand
{
    public static Command Create(CliConsole console)
    {
        var auxprop = new Option<bool>("-a") { Description = "List the credential stores." };
        var server = new Option<bool>("-s") { Description = "List the mechanisms of servers." };
        var client = new Option<bool>("-c") { Description = "List the mechanisms of clients." };
        var strength = new Option<string?>("-b") { Description = "The strength wanted of a security layer, in bits.", HelpName = "min=N,max=N" };
        var external = new Option<string?>("-e") { Description = "What the channel below already gives.", HelpName = "ssf=N,id=ID" };
        var mechanisms = new Option<string?>("-m") { Description = "Only these mechanisms.", HelpName = "MECHS" };
        var stores = new Option<string?>("-x") { Description = "Only these credential stores.", HelpName = "AUXPROP" };
        var flags = new Option<string?>("-f") { Description = "What every mechanism must promise: noplain, noactive, nodict, forwardsec, noanonymous, passcred, maximum.", HelpName = "FLAGS" };
        var addresses = new Option<string?>("-i") { Description = "Accepted; no mechanism here looks at addresses.", HelpName = "local=IP,remote=IP" };
        var path = new Option<string?>("-p") { Description = "Accepted; there are no plug-in files.", HelpName = "PATH" };
        var command = new CliCommand("mechs", "Lists mechanisms and credential stores (pluginviewer).")
        {
            auxprop, server, client, strength, external, mechanisms, stores, flags, addresses, path,
        };
        command.ExitCodes =
        [
            (ExitCode.Success, "listed; also when nothing fits -b, -e and -f"),
            (ExitCode.Failure, "the command line is wrong, or -m names no mechanism there is"),
        ];
        command.SetAction(async (parsed, _) =>
        {
            if (parsed.GetValue(path) is not null)
                await console.Error.WriteLineAsync("sasl mechs: warning: -p has no effect, because mechanisms are not loaded from files");
            bool all = !parsed.GetValue(auxprop) && !parsed.GetValue(server) && !parsed.GetValue(client);
            try
            {
                string? named = parsed.GetValue(mechanisms);
                var view = new MechanismView(
                    console.Output, SaslCatalogue.All, named is null ? null : SampleArguments.Policy(parsed.GetValue(strength), parsed.GetValue(flags), named).Allow,
                    SampleArguments.Policy(parsed.GetValue(strength), parsed.GetValue(flags), null),
                    SampleArguments.Channel(parsed.GetValue(external), null, null));
                if (all || parsed.GetValue(auxprop))
                    await view.WriteStoresAsync([.. new SaslServerBuilder().Stores.Keys], parsed.GetValue(stores));
                if (all || parsed.GetValue(server))
                    await view.WriteServersAsync();
                if (all || parsed.GetValue(client))
                    await view.WriteClientsAsync();
                return ExitCode.Success;
            }
            catch (SampleException exception)
            {
                await console.Error.WriteLineAsync($"sasl mechs: {exception.Message}");
                return ExitCode.Failure;
            }
        });
        return command;
    }
}
