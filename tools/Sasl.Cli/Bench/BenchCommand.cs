using System.CommandLine;
using Sasl.Kerberos;
using Sasl.Mechanisms;

namespace Sasl.Cli;

/// <summary><c>sasl bench</c>: puts an SMTP server's AUTH under a bounded load and says how it bears it.</summary>
internal static class BenchCommand
{
    private const int DefaultConnections = 8;
    private const int MaxConnections = 1000;
    private const int DefaultDuration = 10;
    private const int MaxDuration = 600;
    private const string Scheme = "smtp://";

    private static readonly string[] s_known = [.. SaslMechanisms.Standard.Select(static known => known.Name), .. KerberosMechanisms.Names];

    public static Command Create(CliConsole console)
    {
        var server = new Argument<string>("smtp://HOST:PORT") { Description = "The server, as smtp://127.0.0.1:2587. On this machine, unless you insist." };
        var mechanism = new Option<string>("--mech") { Description = "The mechanism; those of Kerberos use the tickets that there are.", HelpName = "M", Required = true };
        var connections = new Option<int?>("--connections") { Description = $"How many log in at once, 1 to {MaxConnections}; {DefaultConnections} unless set.", HelpName = "N" };
        var duration = new Option<int?>("--duration") { Description = $"For how many seconds, 1 to {MaxDuration}; {DefaultDuration} unless set.", HelpName = "S" };
        var user = new Option<string?>("--user") { Description = "Who logs in.", HelpName = "U" };
        var passwordFile = new Option<string?>("--password-file") { Description = "A file with the password; one newline at its end does not count.", HelpName = "F" };
        var passwordVariable = new Option<string?>("--password-env") { Description = "An environment variable with the password.", HelpName = "VAR" };
        var cold = new Option<bool>("--cold") { Description = "Derive SCRAM's keys at every login, as clients do that come for the first time." };
        var insist = new Option<bool>("--insist-remote") { Description = "Put another machine under load, which you say is yours." };
        var allowPlaintext = new Option<bool>("--allow-plaintext") { Description = "With --insist-remote: let the password itself cross the network." };
        var command = new CliCommand("bench", "Logs in to an SMTP server again and again, and shows throughput, latencies and failures.")
        {
            server, mechanism, connections, duration, user, passwordFile, passwordVariable, cold, insist, allowPlaintext,
        };
        command.UsageError = ExitCode.Usage;
        command.ExitCodes =
        [
            (ExitCode.Success, "every login succeeded"),
            (ExitCode.Failure, "some logins failed"),
            (ExitCode.Usage, "the command line is wrong, a file it names cannot be used, or the server is another machine"),
            (ExitCode.Unavailable, "no login succeeded"),
        ];
        command.Validators.Add(result =>
        {
            if (result.GetValue(server) is { } address && Parse(address) is null)
                result.AddError("The server is smtp://HOST:PORT; an IPv6 address stands in brackets.");
            if (result.GetValue(mechanism) is { } name && !s_known.Contains(name, StringComparer.OrdinalIgnoreCase))
                result.AddError($"There is no mechanism of that name here; there are {string.Join(", ", s_known)}.");
            if (result.GetValue(connections) is < 1 or > MaxConnections)
                result.AddError($"--connections takes 1 to {MaxConnections}.");
            if (result.GetValue(duration) is < 1 or > MaxDuration)
                result.AddError($"--duration takes 1 to {MaxDuration} seconds.");
            if (result.GetValue(passwordFile) is not null && result.GetValue(passwordVariable) is not null)
                result.AddError("--password-file and --password-env exclude each other.");
        });
        command.SetAction((parsed, cancellationToken) => RunAsync(
            console, new BenchRequest(Parse(parsed.GetValue(server)!)!, parsed.GetValue(mechanism)!.ToUpperInvariant())
            {
                Connections = parsed.GetValue(connections) ?? DefaultConnections,
                Duration = TimeSpan.FromSeconds(parsed.GetValue(duration) ?? DefaultDuration),
                User = parsed.GetValue(user),
                PasswordFile = parsed.GetValue(passwordFile),
                PasswordVariable = parsed.GetValue(passwordVariable),
                Cold = parsed.GetValue(cold),
                InsistsOnRemote = parsed.GetValue(insist),
                AllowPlaintext = parsed.GetValue(allowPlaintext),
            }, cancellationToken));
        return command;
    }

    private static HostAndPort? Parse(string address) =>
        address.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? HostAndPort.Parse(address[Scheme.Length..].TrimEnd('/')) : null;

    private static async Task<int> RunAsync(CliConsole console, BenchRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await new BenchRun(console, request).RunAsync(cancellationToken);
        }
        catch (SmtpToolException exception)
        {
            await console.Error.WriteLineAsync($"sasl bench: {exception.Message}");
            return exception.ExitCode;
        }
        catch (IOException exception)
        {
            await console.Error.WriteLineAsync($"sasl bench: {exception.Message}");
            return ExitCode.Usage;
        }
    }
}
