using System.CommandLine;
using Sasl.Mechanisms;

namespace Sasl.Cli;

/// <summary><c>sasl smtp-auth</c>: logs in to a real server and shows how.</summary>
internal static class SmtpAuthCommand
{
    private const int DefaultTimeout = 30;
    private const int MaxTimeout = 3600;

    public static Command Create(CliConsole console)
    {
        var server = new Argument<string>("HOST:PORT") { Description = "The server: mail.example.com:587 or [2001:db8::1]:465." };
        var user = new Option<string?>("--user") { Description = "Who authenticates.", HelpName = "U" };
        var actAs = new Option<string?>("--authzid") { Description = "As whom to act.", HelpName = "Z" };
        var mechanism = new Option<string?>("--mechanism") { Description = "Use this mechanism and no other; needed for CRAM-MD5 and ANONYMOUS.", HelpName = "M" };
        var passwordFile = new Option<string?>("--password-file") { Description = "A file with the password; one newline at its end does not count.", HelpName = "F" };
        var passwordVariable = new Option<string?>("--password-env") { Description = "An environment variable with the password.", HelpName = "VAR" };
        var tokenFile = new Option<string?>("--token-file") { Description = "A file with an access token, for OAUTHBEARER and XOAUTH2; no password is then asked for.", HelpName = "F" };
        var tokenVariable = new Option<string?>("--token-env") { Description = "An environment variable with an access token.", HelpName = "VAR" };
        var startTls = new Option<StartTlsWish>("--starttls") { Description = "Whether to ask for TLS: when offered, or give up, or never.", HelpName = "auto|require|never" };
        var tls = new Option<bool>("--tls") { Description = "Begin with TLS, as port 465 does." };
        var authority = new Option<string?>("--ca-file") { Description = "PEM file with the authorities to trust, instead of the system's.", HelpName = "F" };
        var certificate = new Option<string?>("--client-cert") { Description = "PEM file with a certificate to show the server, for EXTERNAL.", HelpName = "F" };
        var key = new Option<string?>("--client-key") { Description = "PEM file with that certificate's key; the same file unless set.", HelpName = "F" };
        var binding = new Option<SaslBindingPolicy>("--binding") { Description = "Whether the login is bound to the TLS connection (-PLUS).", HelpName = "prefer|require|disable" };
        var allowPlaintext = new Option<bool>("--allow-plaintext") { Description = "Let the password itself cross a connection that is not encrypted." };
        var timeout = new Option<int?>("--timeout") { Description = $"How many seconds the server may take; {DefaultTimeout} unless set.", HelpName = "S" };
        var command = new CliCommand("smtp-auth", "Authenticates to an SMTP server and shows the conversation, without its secrets.")
        {
            server, user, actAs, mechanism, passwordFile, passwordVariable, tokenFile, tokenVariable, startTls, tls, authority, certificate, key, binding, allowPlaintext, timeout,
        };
        command.UsageError = ExitCode.Usage;
        command.ExitCodes =
        [
            (ExitCode.Success, "authenticated"),
            (ExitCode.Failure, "the server refused the credentials"),
            (ExitCode.Usage, "the command line is wrong, or a file it names cannot be used"),
            (ExitCode.Unavailable, "the server cannot be reached, has no TLS, or its certificate is not trusted"),
            (ExitCode.Temporary, "the server cannot say now, took too long or closed the connection"),
            (ExitCode.Protocol, "the server does not speak SMTP AUTH as it should, or no mechanism fits both sides"),
        ];
        command.Validators.Add(result =>
        {
            if (result.GetValue(server) is { } address && HostAndPort.Parse(address) is null)
                result.AddError("The server is HOST:PORT; an IPv6 address stands in brackets.");
            if (result.GetValue(mechanism) is { } name && !SaslCatalogue.All.Any(known => known.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
                result.AddError($"There is no mechanism of that name here; there are {string.Join(", ", SaslCatalogue.All.Select(static known => known.Name))}.");
            if (result.GetValue(tls) && result.GetValue(startTls) is StartTlsWish.Require)
                result.AddError("--tls begins with TLS, so that --starttls has no meaning.");
            if (result.GetValue(passwordFile) is not null && result.GetValue(passwordVariable) is not null)
                result.AddError("--password-file and --password-env exclude each other.");
            if (result.GetValue(tokenFile) is not null && result.GetValue(tokenVariable) is not null)
                result.AddError("--token-file and --token-env exclude each other.");
            if (result.GetValue(key) is not null && result.GetValue(certificate) is null)
                result.AddError("--client-key needs --client-cert.");
            if (result.GetValue(timeout) is < 1 or > MaxTimeout)
                result.AddError($"--timeout takes 1 to {MaxTimeout} seconds.");
        });
        command.SetAction((parsed, cancellationToken) => RunAsync(console, new SmtpAuthRequest(HostAndPort.Parse(parsed.GetValue(server)!)!)
            {
                User = parsed.GetValue(user),
                ActAs = parsed.GetValue(actAs),
                Mechanism = parsed.GetValue(mechanism)?.ToUpperInvariant(),
                PasswordFile = parsed.GetValue(passwordFile),
                PasswordVariable = parsed.GetValue(passwordVariable),
                TokenFile = parsed.GetValue(tokenFile),
                TokenVariable = parsed.GetValue(tokenVariable),
                StartTls = parsed.GetValue(startTls),
                ImplicitTls = parsed.GetValue(tls),
                AuthorityFile = parsed.GetValue(authority),
                CertificateFile = parsed.GetValue(certificate),
                KeyFile = parsed.GetValue(key) ?? parsed.GetValue(certificate),
                Binding = parsed.GetValue(binding),
                AllowPlaintext = parsed.GetValue(allowPlaintext),
                Timeout = TimeSpan.FromSeconds(parsed.GetValue(timeout) ?? DefaultTimeout),
            }, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliConsole console, SmtpAuthRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await new SmtpLogin(console, request).RunAsync(cancellationToken);
        }
        catch (SmtpToolException exception)
        {
            await console.Error.WriteLineAsync($"sasl smtp-auth: {exception.Message}");
            return exception.ExitCode;
        }
    }
}
