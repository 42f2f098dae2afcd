using System.Collections.Immutable;
using System.CommandLine;
using System.Net.Sockets;
using Sasl.Cli.Sample;
using Sasl.Kerberos;
using Sasl.Mechanisms;

namespace Sasl.Cli;

/// <summary><c>sasl sample-client</c>: Debian's sasl-sample-client, and with --connect Cyrus SASL's <c>client</c>.</summary>
internal static class SampleClientCommand
{
    private const string Name = "sample-client";

    public static Command Create(CliConsole console)
    {
        var options = new SampleOptions();
        var realm = new Option<string?>("-r") { Description = "The realm to log in to.", HelpName = "REALM" };
        var host = new Option<string>("-n") { Description = "The server's host name.", HelpName = "FQDN", DefaultValueFactory = static _ => SaslServerOptions.DefaultServerName };
        var actAs = new Option<string?>("-u") { Description = "As whom to act (authorization id).", HelpName = "ID" };
        var user = new Option<string>("-a") { Description = "Who authenticates.", HelpName = "ID", DefaultValueFactory = static _ => Environment.UserName };
        var serverFirst = new Option<bool>("-d") { Description = "Send nothing before the server's first challenge." };
        var connect = new Option<string?>("--connect") { Description = "Connect to a server that speaks as Cyrus SASL's 'server' does.", HelpName = "HOST:PORT" };
        var tokenFile = new Option<string?>("--token-file") { Description = "A file with an access token, for OAUTHBEARER and XOAUTH2; no password is then asked for.", HelpName = "F" };
        var tokenVariable = new Option<string?>("--token-env") { Description = "An environment variable with an access token.", HelpName = "VAR" };
        var command = new CliCommand(Name, "Plays the client of Cyrus SASL's sample programs, on standard input and output or TCP.");
        options.AddTo(command);
        foreach (Option option in (Option[])[realm, host, actAs, user, serverFirst, connect, tokenFile, tokenVariable])
            command.Options.Add(option);
        command.ExitCodes =
        [
            (ExitCode.Success, "authenticated, and both messages came through"),
            (ExitCode.Failure, "anything else, a wrong command line included"),
        ];
        command.SetAction((parsed, cancellationToken) => SampleRun.GuardAsync(console, Name, async () =>
        {
            using SaslSecret? token = GivenSecret.Read(parsed.GetValue(tokenFile), parsed.GetValue(tokenVariable), "--token");
            SaslChannel channel = options.Channel(parsed);
            using TcpClient? connection = parsed.GetValue(connect) is { } address ? await ConnectAsync(address, cancellationToken) : null;
            await using SampleTransport transport = connection is null
                ? new LineTransport(console.Lines, console.Output, isServer: false)
                : new SocketTransport(connection.GetStream());
            string list = await transport.ReceiveMechanismsAsync(cancellationToken);
            string[] offered = list.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (options.IsVerbose(parsed))
                await console.Error.WriteLineAsync($"the server offers {Printable.Of(list)}");

            string name = parsed.GetValue(user)!;
            SaslPolicy policy = options.Policy(parsed);
            var account = new SaslClientOptions
            {
                Service = options.Service(parsed),
                ServerName = parsed.GetValue(host)!,
                Mechanisms = KnownTo(offered, policy),
                Policy = policy,
                UserName = name,
                // Cyrus SASL's client wants -u even where nobody acts as somebody else; LOGIN and CRAM-MD5 could not say it.
                AuthorizationId = parsed.GetValue(actAs) is { Length: > 0 } other && other != name ? other : null,
                Realm = parsed.GetValue(realm),
                AccessToken = token is null ? null : (_, _) => new(SaslSecret.FromOctets(token.Span)),
            };
            using SaslSecret? password = token is null && PasswordQuestion.IsNeeded(account, channel, offered)
                ? await PasswordQuestion.AskAsync(console, cancellationToken)
                : null;
            using var client = new SaslClient(account with { Password = password });
            var conversation = new SampleClient(
                client, channel, transport, console.Output, initialResponse: !parsed.GetValue(serverFirst), options.ServerSendsLast(parsed));
            return await conversation.RunAsync(offered, cancellationToken);
        }));
        return command;
    }

    // Kerberos where the server has it and there is a ticket; -f passcred passes that on.
    private static ImmutableArray<SaslMechanism> KnownTo(string[] offered, SaslPolicy policy) =>
        offered.Intersect(KerberosMechanisms.Names, StringComparer.OrdinalIgnoreCase).Any()
            ? [.. KerberosMechanisms.ForClient(new KerberosOptions { Delegate = policy.Require.HasFlag(SaslSecurityFlags.PassCredentials) }), .. SaslMechanisms.Standard]
            : SaslMechanisms.Standard;

    private static async Task<TcpClient> ConnectAsync(string address, CancellationToken cancellationToken)
    {
        HostAndPort server = HostAndPort.Parse(address) ?? throw new SampleException("--connect takes HOST:PORT");
        var connection = new TcpClient();
        try
        {
            await connection.ConnectAsync(server.Host, server.Port, cancellationToken);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
