using System.CommandLine;
using System.Globalization;
using System.Text;
using Sasl.Saslauthd;

namespace Sasl.Cli;

/// <summary><c>sasl testsaslauthd</c>: the original's flags, lines and exit codes; and a question where the password is not given.</summary>
internal static class TestSaslauthdCommand
{
    private const int MostRepeats = 1_000_000;

    // The original ends with -1.
    private const int NotAuthenticated = 255;

    public static Command Create(CliConsole console)
    {
        var user = new Option<string?>("-u") { Description = "Who logs in; a realm belongs behind -r.", HelpName = "username" };
        var password = new Option<string?>("-p") { Description = "The password, which others can see in the list of processes; asked for unless given.", HelpName = "password" };
        var realm = new Option<string>("-r") { Description = "The realm.", HelpName = "realm", DefaultValueFactory = static _ => "" };
        var service = new Option<string>("-s") { Description = "The service's registered name: imap, unless given.", HelpName = "servicename", DefaultValueFactory = static _ => "imap" };
        var path = new Option<string?>("-f") { Description = "The socket, or its folder; where systems have it, unless given.", HelpName = "socket path" };
        var repeat = new Option<int?>("-R") { Description = "How often to ask; once, unless given.", HelpName = "repeatnum" };
        var address = new Option<string?>("-a") { Description = "The client's address as address;port, which only daemons of the development version read.", HelpName = "address" };
        var command = new CliCommand("testsaslauthd", "Asks saslauthd whether a password is right (testsaslauthd).") { user, password, realm, service, path, repeat, address };
        command.ExitCodes =
        [
            (ExitCode.Success, "the daemon says yes"),
            (ExitCode.Failure, "the command line is wrong, or there is no password"),
            (NotAuthenticated, "the daemon says no, or cannot be asked"),
        ];
        command.Validators.Add(result =>
        {
            if (string.IsNullOrEmpty(result.GetValue(user)))
                result.AddError("-u is missing.");
            if (result.GetValue(repeat) is < 1 or > MostRepeats)
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"-R takes numbers from 1 to {MostRepeats}."));
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var login = new SaslauthdLogin(parsed.GetValue(user)!, parsed.GetValue(service)!, parsed.GetValue(realm)!, parsed.GetValue(address));
            try
            {
                using SaslSecret secret = parsed.GetValue(password) is { } given
                    ? SaslSecret.FromText(given)
                    : await PasswordQuestion.AskAsync(console, cancellationToken);
                return await AskAsync(console, parsed.GetValue(path), login, secret, parsed.GetValue(repeat) ?? 1, cancellationToken);
            }
            catch (IOException exception)
            {
                await console.Error.WriteLineAsync($"sasl testsaslauthd: {exception.Message}");
                return ExitCode.Failure;
            }
            catch (ArgumentException exception)
            {
                await console.Error.WriteLineAsync($"sasl testsaslauthd: {exception.Message}");
                return ExitCode.Failure;
            }
        });
        return command;
    }

    private static async Task<int> AskAsync(
        CliConsole console, string? path, SaslauthdLogin login, SaslSecret password, int repeats, CancellationToken cancellationToken)
    {
        using var verifier = new SaslauthdVerifier(new SaslauthdVerifierOptions { Path = path, SendClientAddress = login.Client is not null });
        int result = ExitCode.Success;
        for (int i = 0; i < repeats; i++)
        {
            try
            {
                PasswordVerdict verdict = await verifier.VerifyLoginAsync(login, password.Memory, cancellationToken);
                bool yes = verdict.Outcome is PasswordOutcome.Match;
                result = yes ? ExitCode.Success : NotAuthenticated;
                await console.Output.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture, $"{i}: {(yes ? "OK \"Success.\"" : "NO \"authentication failed\"")}"));
                if (!yes && verdict.Reason is { } reason)
                    await console.Error.WriteLineAsync(reason);
            }
            catch (SaslUnavailableException exception)
            {
                result = NotAuthenticated;
                if (exception.InnerException is System.Net.Sockets.SocketException reported)
                    await console.Error.WriteLineAsync($"connect() : {reported.Message}");
                await console.Error.WriteLineAsync(exception.Message);
            }
        }
        return result;
    }
}
