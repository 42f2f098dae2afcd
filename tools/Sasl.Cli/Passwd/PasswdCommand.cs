using System.CommandLine;
using System.Reflection;
using Sasl.Sasldb;

namespace Sasl.Cli;

/// <summary><c>sasl passwd</c>: saslpasswd2's flags and exit codes.</summary>
internal static class PasswdCommand
{
    private const string Standard = "-";

    public static Command Create(CliConsole console)
    {
        var pipe = new Option<bool>("-p") { Description = "Take the password from standard input without asking, even from a terminal." };
        var create = new Option<bool>("-c") { Description = "Create the account. An account that is missing is created without it, too." };
        var disable = new Option<bool>("-d") { Description = "Delete the account with all its secrets." };
        var noPlain = new Option<bool>("-n") { Description = "Never store the password itself." };
        var plain = new Option<bool>("--plain") { Description = "Store the password itself, too, as CRAM-MD5 and the like need it." };
        var file = new Option<string?>("-f") { Description = "The sasldb file, instead of the configured one.", HelpName = "file" };
        var domain = new Option<string?>("-u") { Description = "The realm; the host's name unless set or part of the userid.", HelpName = "DOM" };
        var application = new Option<string>("-a")
        {
            Description = "Whose configuration file to read.",
            HelpName = "appname",
            DefaultValueFactory = static _ => AccountStores.DefaultApplication,
        };
        var format = SasldbFormats.Option("The form of a sasldb that is made.");
        var import = new Option<string?>("--import")
        {
            Description = "Store everything that 'sasl users --export' wrote, all of it or nothing; '-' is standard input.",
            HelpName = "FILE",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "With --import: read all of the text and change nothing." };
        var progress = new Option<bool>("--progress") { Description = "With --import: say every ten seconds how far it is, even where nobody watches." };
        var version = new Option<bool>("-v") { Description = "Print the version and exit." };
        var user = new Argument<string?>("userid") { Description = "The user, with or without @realm.", Arity = ArgumentArity.ZeroOrOne };
        var command = new CliCommand("passwd", "Sets or removes a user's password (saslpasswd2); imports accounts.")
        {
            pipe, create, disable, noPlain, plain, file, domain, application, format, import, dryRun, progress, version, user,
        };
        command.StopsTidily = true;
        command.ExitCodes =
        [
            (ExitCode.Success, "done; also for -d of a user who does not exist"),
            (ExitCode.Failure, "the command line is wrong, the accounts cannot be opened or written, or the text to import is wrong"),
            (ExitCode.BadParameter, "the password is empty, too long, cannot be used, or the two typed differ; or the userid cannot be used"),
            (ExitCode.CyrusConfiguration, "the configuration cannot work"),
        ];
        command.Validators.Add(result =>
        {
            if (result.GetValue(version))
                return;
            bool imports = result.GetResult(import) is not null;
            if (!imports && result.GetValue(user) is null)
                result.AddError("A userid is needed.");
            if (imports && (result.GetValue(user) is not null || ((Option[])[pipe, create, disable, noPlain, plain, domain]).Any(other => result.GetResult(other) is not null)))
                result.AddError("--import takes no userid, and none of -p -c -d -n --plain -u.");
            if (!imports && (result.GetValue(dryRun) || result.GetValue(progress)))
                result.AddError("--dry-run and --progress belong to --import.");
            if (result.GetValue(create) && result.GetValue(disable))
                result.AddError("-c and -d exclude each other.");
            if (result.GetValue(noPlain) && result.GetValue(plain))
                result.AddError("-n and --plain exclude each other.");
        });
        command.SetAction((parsed, cancellationToken) => parsed.GetValue(version)
            ? PrintVersionAsync(console)
            : RunAsync(console, new PasswdRequest(parsed.GetValue(user) ?? "")
            {
                Realm = parsed.GetValue(domain),
                Application = parsed.GetValue(application)!,
                File = parsed.GetValue(file),
                Delete = parsed.GetValue(disable),
                Format = SasldbFormats.Parse(parsed.GetValue(format)),
                Import = parsed.GetResult(import) is null ? null : parsed.GetValue(import) ?? Standard,
                DryRun = parsed.GetValue(dryRun),
                Progress = parsed.GetValue(progress),
                FromPipe = parsed.GetValue(pipe) || !console.InputIsTerminal,
                PlainText = parsed.GetValue(noPlain) ? PlainTextWish.Never : parsed.GetValue(plain) ? PlainTextWish.Always : PlainTextWish.WhereNeeded,
            }, cancellationToken));
        return command;
    }

    private static async Task<int> PrintVersionAsync(CliConsole console)
    {
        Assembly assembly = typeof(PasswdCommand).Assembly;
        string? version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        await console.Output.WriteLineAsync($"sasl passwd {version}");
        return ExitCode.Success;
    }

    private static async Task<int> RunAsync(CliConsole console, PasswdRequest request, CancellationToken cancellationToken)
    {
        (int code, string? problem) = await TryRunAsync(console, request, cancellationToken);
        if (problem is not null)
            await console.Error.WriteLineAsync($"sasl passwd: {problem}");
        return code;
    }

    private static async Task<(int Code, string? Problem)> TryRunAsync(CliConsole console, PasswdRequest request, CancellationToken cancellationToken)
    {
        try
        {
            using SaslServerSetup setup = AccountStores.Open(console, request.Application, request.File, request.Format);
            if (request.Import is not null)
                await new TextImport(console, AccountStores.Sasldb(setup)).RunAsync(request, cancellationToken);
            else
                await new PasswordChange(console, setup, request).RunAsync(cancellationToken);
            return (ExitCode.Success, null);
        }
        catch (PasswordRefusedException exception)
        {
            return (ExitCode.BadParameter, exception.Message);
        }
        catch (SaslConfigurationException exception)
        {
            return (ExitCode.CyrusConfiguration, exception.Message);
        }
        catch (Exception exception) when (exception is IOException or SaslUnavailableException or UnauthorizedAccessException or ArgumentException or SasldbTextException)
        {
            return (ExitCode.Failure, exception.Message);
        }
    }
}
