using System.CommandLine;

namespace Sasl.Cli;

/// <summary><c>sasl explain</c>: what a server would offer, and why.</summary>
internal static class ExplainCommand
{
    private const string DefaultApplication = "smtpd";

    // Programs whose service has another name; of all others the two are the same.
    private static readonly Dictionary<string, string> s_services = new()
    {
        ["smtpd"] = "smtp",
        ["imapd"] = "imap",
        ["pop3d"] = "pop",
        ["lmtpd"] = "lmtp",
        ["slapd"] = "ldap",
    };

    public static Command Create(CliConsole console)
    {
        var application = new Argument<string>("application")
        {
            Description = "The application: smtpd for smtpd.conf.",
            DefaultValueFactory = static _ => DefaultApplication,
        };
        var service = new Option<string?>("--service") { Description = "The service's registered name; smtp for smtpd.", HelpName = "S" };
        var realm = new Option<string>("--realm")
        {
            Description = "The realm appended to names without one (Postfix: smtpd_sasl_local_domain).",
            HelpName = "R",
            DefaultValueFactory = static _ => "",
        };
        var serverName = new Option<string?>("--server-name") { Description = "The server's host name (Postfix: myhostname).", HelpName = "H" };
        var directory = new Option<string?>("--config-dir") { Description = "Where to look for the file, and nowhere else (Postfix: cyrus_sasl_config_path).", HelpName = "D" };
        var user = new Option<string?>("--user") { Description = "Show what becomes of a name that a client sends, and where it is looked up.", HelpName = "NAME" };
        var command = new CliCommand("explain", "Shows the configuration in force, and every mechanism with the reason why it is offered or not.")
        {
            application, service, realm, serverName, directory, user,
        };
        command.UsageError = ExitCode.Usage;
        command.ExitCodes =
        [
            (ExitCode.Success, "a server can be built"),
            (ExitCode.Usage, "the command line is wrong"),
            (ExitCode.Configuration, "the configuration cannot work; the text says where and what would be accepted"),
        ];
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string name = parsed.GetValue(application)!;
            var builder = new SaslServerBuilder { Realm = parsed.GetValue(realm)!, Finder = console.Finder };
            builder.ServerName = parsed.GetValue(serverName) ?? builder.ServerName;
            if (parsed.GetValue(directory) is { } path)
                builder.Finder = builder.Finder with { Directories = SaslConfigurationFinder.SplitPath(path) };
            return await RunAsync(
                console, builder, parsed.GetValue(service) ?? s_services.GetValueOrDefault(name, name), name, parsed.GetValue(user), cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        CliConsole console, SaslServerBuilder builder, string service, string application, string? user, CancellationToken cancellationToken)
    {
        var canonicalizer = new CanonicalizerInUse(builder);
        try
        {
            SaslExplanation explanation = builder.Explain(service, application);
            await console.Output.WriteLineAsync(explanation.ToString());
            if (explanation.Error is not null)
                return ExitCode.Configuration;
            if (user is not null)
            {
                using SaslServerSetup setup = builder.Build(service, application);
                await new NameExplanation(console.Output, setup, canonicalizer.Value).WriteAsync(user, cancellationToken);
            }
            return ExitCode.Success;
        }
        catch (SaslConfigurationException exception)
        {
            await console.Error.WriteLineAsync($"sasl explain: {exception.Message}");
            return ExitCode.Configuration;
        }
        catch (ArgumentException exception)
        {
            await console.Error.WriteLineAsync($"sasl explain: {exception.Message}");
            return ExitCode.Usage;
        }
    }
}
