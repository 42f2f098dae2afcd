using System.CommandLine;
using Sasl.Sasldb;

namespace Sasl.Cli;

/// <summary><c>sasl users</c>: sasldblistusers2's lines.</summary>
internal static class UsersCommand
{
    public static Command Create(CliConsole console)
    {
        var file = new Option<string?>("-f") { Description = "The sasldb file, instead of the configured one.", HelpName = "file" };
        var bareFile = new Argument<string?>("file") { Description = "The same as -f.", Arity = ArgumentArity.ZeroOrOne };
        var realm = new Option<string?>("--realm") { Description = "Only users of this realm.", HelpName = "R" };
        var application = new Option<string>("-a")
        {
            Description = "Whose configuration file to read.",
            HelpName = "appname",
            DefaultValueFactory = static _ => AccountStores.DefaultApplication,
        };
        var command = new CliCommand("users", "Lists users and what is stored of them, never its values (sasldblistusers2).")
        {
            file, realm, application, bareFile,
        };
        command.ExitCodes =
        [
            (ExitCode.Success, "listed"),
            (ExitCode.Failure, "the command line is wrong, or the accounts cannot be read (sasldblistusers2 ends with 0)"),
            (ExitCode.Configuration, "the configuration cannot work"),
        ];
        command.Validators.Add(result =>
        {
            if (result.GetValue(file) is not null && result.GetValue(bareFile) is not null)
                result.AddError("The file is named twice.");
        });
        command.SetAction((parsed, cancellationToken) => RunAsync(
            console, parsed.GetValue(application)!, parsed.GetValue(file) ?? parsed.GetValue(bareFile), parsed.GetValue(realm), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliConsole console, string application, string? file, string? realm, CancellationToken cancellationToken)
    {
        try
        {
            using SaslServerSetup setup = AccountStores.Open(console, application, file);
            IListableCredentialStore[] stores = [.. setup.Stores.Select(static link => link.Store).OfType<IListableCredentialStore>()];
            if (stores.Length == 0)
                throw new IOException("no credential store that can be listed is configured (auxprop_plugin)");
            foreach (IListableCredentialStore store in stores)
            {
                await foreach ((SaslUser user, string property) in store.ListAsync(realm, cancellationToken))
                    await console.Output.WriteLineAsync(Printable.Of($"{user.Name}@{user.Realm}: {property}"));
            }
            return ExitCode.Success;
        }
        catch (Exception exception) when (exception is SaslConfigurationException)
        {
            await console.Error.WriteLineAsync($"sasl users: {exception.Message}");
            return ExitCode.Configuration;
        }
        catch (Exception exception) when (exception is SasldbException or IOException or ArgumentException)
        {
            await console.Error.WriteLineAsync($"sasl users: listusers failed: {exception.Message}");
            return ExitCode.Failure;
        }
    }
}
