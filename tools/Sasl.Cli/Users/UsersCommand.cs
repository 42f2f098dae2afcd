using System.CommandLine;
using Sasl.Sasldb;

namespace Sasl.Cli;

/// <summary><c>sasl users</c>: sasldblistusers2's lines, and what an administrator does with a whole sasldb.</summary>
internal static class UsersCommand
{
    private const string Standard = "-";

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
        var export = new Option<string?>("--export")
        {
            Description = "Write everything, secrets included, as text into a new file of mode 0600; '-' is standard output.",
            HelpName = "FILE",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var convert = new Option<string?>("--convert") { Description = "Make a new sasldb of everything, in the form of --format.", HelpName = "NEWFILE" };
        var format = SasldbFormats.Option("The form of the new sasldb.");
        var force = new Option<bool>("--force") { Description = "Replace the file of --export or --convert where there is one." };
        var verify = new Option<bool>("--verify") { Description = "Check the whole file, and count its records." };
        var changeRealm = new Option<string[]>("--change-realm")
        {
            Description = "Move the users of one realm to another.",
            HelpName = "OLD NEW",
            Arity = new ArgumentArity(2, 2),
            AllowMultipleArgumentsPerToken = true,
        };
        var user = new Option<string?>("--user") { Description = "With --change-realm: only this user.", HelpName = "NAME" };
        var progress = new Option<bool>("--progress") { Description = "Say every ten seconds how far long work is, even where nobody watches." };
        var command = new CliCommand("users", "Lists users and what is stored of them (sasldblistusers2); exports, converts, checks, moves.")
        {
            file, realm, application, export, convert, format, force, verify, changeRealm, user, progress, bareFile,
        };
        command.StopsTidily = true;
        command.ExitCodes =
        [
            (ExitCode.Success, "done"),
            (ExitCode.Failure, "the command line is wrong, or the accounts cannot be read or written (sasldblistusers2 ends with 0)"),
            (ExitCode.Configuration, "the configuration cannot work"),
        ];
        command.Validators.Add(result =>
        {
            bool exports = result.GetResult(export) is not null;
            bool converts = result.GetResult(convert) is not null;
            bool moves = result.GetResult(changeRealm) is not null;
            if (result.GetValue(file) is not null && result.GetValue(bareFile) is not null)
                result.AddError("The file is named twice.");
            if (((bool[])[exports, converts, moves, result.GetValue(verify)]).Count(static wish => wish) > 1)
                result.AddError("--export, --convert, --change-realm and --verify exclude each other.");
            if (converts != (result.GetResult(format) is not null))
                result.AddError($"--convert and --format ({SasldbFormats.Names}) need each other.");
            if (result.GetValue(force) && !exports && !converts)
                result.AddError("--force belongs to --export or --convert.");
            if (result.GetValue(user) is not null && !moves)
                result.AddError("--user belongs to --change-realm.");
            if (result.GetValue(realm) is not null && (converts || moves || result.GetValue(verify)))
                result.AddError("--realm belongs to a list or to --export.");
        });
        command.SetAction((parsed, cancellationToken) => RunAsync(console, new UsersRequest
        {
            Application = parsed.GetValue(application)!,
            File = parsed.GetValue(file) ?? parsed.GetValue(bareFile),
            Realm = parsed.GetValue(realm),
            Export = parsed.GetResult(export) is null ? null : parsed.GetValue(export) ?? Standard,
            Convert = parsed.GetValue(convert),
            Format = SasldbFormats.Parse(parsed.GetValue(format)) ?? default,
            Force = parsed.GetValue(force),
            Verify = parsed.GetValue(verify),
            Realms = parsed.GetValue(changeRealm) is [var old, var @new] ? (old, @new) : null,
            User = parsed.GetValue(user),
            Progress = parsed.GetValue(progress),
        }, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliConsole console, UsersRequest request, CancellationToken cancellationToken)
    {
        try
        {
            using SaslServerSetup setup = AccountStores.Open(console, request.Application, request.File);
            await RunAsync(console, setup, request, cancellationToken);
            return ExitCode.Success;
        }
        catch (OperationCanceledException)
        {
            await console.Error.WriteLineAsync(request.Export == Standard ? "sasl users: stopped; the text is not whole" : "sasl users: stopped; nothing was changed");
            throw;
        }
        catch (SaslConfigurationException exception)
        {
            await console.Error.WriteLineAsync($"sasl users: {exception.Message}");
            return ExitCode.Configuration;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or SaslUnavailableException)
        {
            await console.Error.WriteLineAsync($"sasl users: {What(request)}{exception.Message}");
            return ExitCode.Failure;
        }
    }

    private static Task RunAsync(CliConsole console, SaslServerSetup setup, UsersRequest request, CancellationToken cancellationToken) => request switch
    {
        { Export: not null } => TextExport.RunAsync(console, AccountStores.Sasldb(setup), request, cancellationToken),
        { Convert: not null } => Conversion.RunAsync(console, AccountStores.Sasldb(setup), request, cancellationToken),
        { Verify: true } => VerifyAsync(console, AccountStores.Sasldb(setup), cancellationToken),
        { Realms: not null } => RealmMove.RunAsync(console, AccountStores.Sasldb(setup), request, cancellationToken),
        _ => ListAsync(console, setup, request.Realm, cancellationToken),
    };

    // sasldblistusers2's words.
    private static string What(UsersRequest request) =>
        request is { Export: null, Convert: null, Verify: false, Realms: null } ? "listusers failed: " : "";

    private static async Task ListAsync(CliConsole console, SaslServerSetup setup, string? realm, CancellationToken cancellationToken)
    {
        IListableCredentialStore[] stores = [.. setup.Stores.Select(static link => link.Store).OfType<IListableCredentialStore>()];
        if (stores.Length == 0)
            throw new IOException("no credential store that can be listed is configured (auxprop_plugin)");
        foreach (IListableCredentialStore store in stores)
        {
            await foreach ((SaslUser user, string property) in store.ListAsync(realm, cancellationToken))
                await console.Output.WriteLineAsync(Printable.Of($"{user.Name}@{user.Realm}: {property}"));
        }
    }

    private static async Task VerifyAsync(CliConsole console, SasldbStore store, CancellationToken cancellationToken)
    {
        long records = await store.VerifyAsync(cancellationToken);
        string form = SasldbFormats.NameOf(store.DetectFormat() ?? throw new IOException($"{store.Path}: has gone meanwhile"));
        await console.Output.WriteLineAsync($"{store.Path}: {form}, {RecordCount.Of(records)}, sound");
    }
}
