using System.CommandLine;
using System.Reflection;
using Sasl.Saslauthd;

namespace Sasl.Cli;

/// <summary><c>sasl saslauthd</c>: the daemon with the original's flags.</summary>
internal static class SaslauthdCommand
{
    public static Command Create(CliConsole console)
    {
        var options = new Options();
        var command = new CliCommand("saslauthd", "Checks passwords for other programs over a socket (saslauthd). Stays in the foreground.");
        options.AddTo(command);
        command.ExitCodes =
        [
            (ExitCode.Success, "stopped by a signal; or -v; or the defaults say START=no"),
            (ExitCode.Failure, "the command line is wrong, or the configuration or the run directory cannot be used"),
            (ExitCode.AlreadyRunning, "another instance of saslauthd is running in the run directory"),
        ];
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(options.Version))
                return await ShowVersionAsync(console);
            try
            {
                return await RunAsync(console, options, command, parsed, cancellationToken);
            }
            catch (SaslConfigurationException exception)
            {
                await console.Error.WriteLineAsync($"saslauthd: {Printable.Of(exception.Message)}");
                return ExitCode.Failure;
            }
            catch (SaslauthdAlreadyRunningException exception)
            {
                await console.Error.WriteLineAsync($"saslauthd: {Printable.Of(exception.Message)}");
                return ExitCode.AlreadyRunning;
            }
        });
        return command;
    }

    private static async Task<int> ShowVersionAsync(CliConsole console)
    {
        string version = typeof(SaslauthdServer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
        await console.Error.WriteLineAsync($"saslauthd {version}\nauthentication mechanisms: {DaemonCheckers.Names}\n");
        return ExitCode.Success;
    }

    private static async Task<int> RunAsync(CliConsole console, Options options, Command command, ParseResult parsed, CancellationToken cancellationToken)
    {
        DaemonFlags flags = options.Read(parsed);
        if (parsed.GetValue(options.Defaults) is { } file)
        {
            DaemonDefaults defaults = DaemonDefaults.Read(file);
            foreach (string warning in defaults.Warnings)
                await console.Error.WriteLineAsync($"saslauthd: {warning}");
            await console.Error.WriteLineAsync($"saslauthd: defaults are from {Printable.Of(file)}");
            if (!defaults.MayStart)
            {
                await console.Error.WriteLineAsync("saslauthd: it has START=no, and so nothing is started");
                return ExitCode.Success;
            }
            ParseResult more = command.Parse([.. defaults.Arguments], new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (more.Errors.Count > 0)
                throw new SaslConfigurationException($"{file}: {more.Errors[0].Message}");
            flags = flags.Or(options.Read(more));
        }
        if (flags.WhyWrong() is { } wrong)
            throw new SaslConfigurationException(wrong);
        await using var run = new DaemonRun(console, flags, SystemdNotifier.FromEnvironment());
        await run.RunAsync(cancellationToken);
        return ExitCode.Success;
    }

    private sealed class Options
    {
        private readonly Option<string?> _checker = new("-a") { Description = $"How passwords are checked: {DaemonCheckers.Names}.", HelpName = "authmech" };
        private readonly Option<bool> _caches = new("-c") { Description = "Remember confirmed logins." };
        private readonly Option<bool> _debugs = new("-d") { Description = "Show everything on standard error, too." };
        private readonly Option<bool> _foreground = new("-f") { Description = "Log to standard error, too. It is in the foreground anyhow." };
        private readonly Option<bool> _noAcceptLock = new("-l") { Description = "Accepted: there is no lock around accept." };
        private readonly Option<string?> _runDirectory = new("-m") { Description = $"The directory of the socket; {SaslauthdServerOptions.DefaultRunDirectory} unless set.", HelpName = "path" };
        private readonly Option<int?> _threads = new("-n") { Description = "How many passwords are being checked at once; 32 unless set, 0 for no bound.", HelpName = "number" };
        private readonly Option<string?> _option = new("-O") { Description = "What the checker wants to know: a server, or a configuration file.", HelpName = "option" };
        private readonly Option<bool> _joinsRealm = new("-r") { Description = "Check login@realm instead of login." };
        private readonly Option<int?> _cacheSize = new("-s") { Description = $"The memory for remembered logins, in kilobytes; {SaslauthdCache.DefaultKilobytes} unless set.", HelpName = "kilobytes" };
        private readonly Option<int?> _cacheTime = new("-t") { Description = "How long a login is remembered; 28800 seconds unless set.", HelpName = "seconds" };
        private readonly Option<bool> _timeOfDay = new("-T") { Description = "Accepted: times of day are PAM's affair." };
        private readonly Option<bool> _verbose = new("-V") { Description = "Log more." };
        private readonly Option<string?> _group = new("--group") { Description = "The group that may use the socket.", HelpName = "group" };
        private readonly Option<string?> _facility = new("--facility") { Description = "Where syslog puts the log: authpriv unless set, auth, or none for no syslog.", HelpName = "name" };

        public Option<bool> Version { get; } = new("-v") { Description = "Show the version and the authentication mechanisms." };

        public Option<string?> Defaults { get; } = new("--defaults")
        {
            Description = "Read /etc/default/saslauthd or /etc/sysconfig/saslauthd; flags given here go first.",
            HelpName = "file",
        };

        public void AddTo(Command command)
        {
            _facility.AcceptOnlyFromAmong("auth", "authpriv", "none");
            foreach (Option option in (Option[])
                [_checker, _caches, _debugs, _foreground, _noAcceptLock, _runDirectory, _threads, _option, _joinsRealm, _cacheSize, _cacheTime, _timeOfDay, Version, _verbose, _group, _facility, Defaults])
                command.Add(option);
        }

        public DaemonFlags Read(ParseResult parsed) => new()
        {
            Checker = parsed.GetValue(_checker),
            Option = parsed.GetValue(_option),
            RunDirectory = parsed.GetValue(_runDirectory),
            Threads = parsed.GetValue(_threads),
            CacheKilobytes = parsed.GetValue(_cacheSize),
            CacheSeconds = parsed.GetValue(_cacheTime),
            Group = parsed.GetValue(_group),
            Facility = parsed.GetValue(_facility),
            Caches = parsed.GetValue(_caches),
            JoinsRealm = parsed.GetValue(_joinsRealm),
            Debugs = parsed.GetValue(_debugs),
            IsVerbose = parsed.GetValue(_verbose),
            IsForeground = parsed.GetValue(_foreground),
            Idle = [.. parsed.GetValue(_noAcceptLock) ? ["-l"] : Array.Empty<string>(), .. parsed.GetValue(_timeOfDay) ? (string[])["-T"] : []],
        };
    }
}
