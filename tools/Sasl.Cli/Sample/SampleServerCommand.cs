using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Sasl.Cli.Sample;

namespace Sasl.Cli;

/// <summary><c>sasl sample-server</c>: Debian's sasl-sample-server, and with --listen Cyrus SASL's <c>server</c>.</summary>
internal static class SampleServerCommand
{
    private const string Name = "sample-server";
    private const int MaxPort = 65_535;

    // A client that says nothing must not keep the others waiting for ever.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public static Command Create(CliConsole console)
    {
        var options = new SampleOptions();
        var domain = new Option<string?>("-d") { Description = "The server's host name.", HelpName = "DOM" };
        var realm = new Option<string>("-u") { Description = "The realm appended to names without one.", HelpName = "DOM", DefaultValueFactory = static _ => "" };
        var listen = new Option<int?>("--listen") { Description = "Serve TCP on this port of 127.0.0.1, 0 for any, until Ctrl-C.", HelpName = "PORT" };
        var once = new Option<bool>("--once") { Description = "With --listen: end after one connection." };
        var command = new CliCommand(Name, "Plays the server of Cyrus SASL's sample programs, on standard input and output or TCP.");
        options.AddTo(command);
        foreach (Option option in (Option[])[domain, realm, listen, once])
            command.Options.Add(option);
        command.ExitCodes =
        [
            (ExitCode.Success, "the client is authenticated, and both messages came through"),
            (ExitCode.Failure, "anything else, a wrong command line or configuration included"),
        ];
        command.Validators.Add(result =>
        {
            if (result.GetValue(listen) is < 0 or > MaxPort)
                result.AddError($"A port is a number from 0 to {MaxPort}.");
        });
        command.SetAction((parsed, cancellationToken) => SampleRun.GuardAsync(console, Name, async () =>
        {
            SaslServerBuilder builder = MakeBuilder(console, options, parsed);
            builder.ServerName = parsed.GetValue(domain) ?? builder.ServerName;
            builder.Realm = parsed.GetValue(realm)!;
            using SaslServerSetup setup = builder.Build(options.Service(parsed), SampleOptions.Application);
            SaslChannel channel = options.Channel(parsed);
            if (options.IsVerbose(parsed))
                await console.Error.WriteLineAsync(setup.Server.Explain(channel).ToString());
            if (parsed.GetValue(listen) is { } port)
                return await ListenAsync(console, setup.Server, channel, port, parsed.GetValue(once), cancellationToken);
            await using var transport = new LineTransport(console.Lines, console.Output, isServer: true);
            return await new SampleServer(setup.Server, channel, transport, console.Output).RunAsync(cancellationToken);
        }));
        return command;
    }

    private static SaslServerBuilder MakeBuilder(CliConsole console, SampleOptions options, ParseResult parsed)
    {
        var builder = new SaslServerBuilder { Finder = console.Finder, Policy = options.Policy(parsed), SuccessData = options.ServerSendsLast(parsed) };
        // mech_list would come before the policy's list; -m comes before both.
        if (options.Mechanism(parsed) is { } name)
        {
            builder.Mechanisms =
            [
                .. SaslCatalogue.All.Where(mechanism => name.Equals(mechanism.Name, StringComparison.OrdinalIgnoreCase)
                    || name.Equals(mechanism.BaseName, StringComparison.OrdinalIgnoreCase)),
            ];
        }
        return builder;
    }

    private static async Task<bool> ListenAsync(
        CliConsole console, SaslServer server, SaslChannel channel, int port, bool once, CancellationToken cancellationToken)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        await console.Output.WriteLineAsync($"listening on {listener.LocalEndpoint}");
        while (true)
        {
            using TcpClient connection = await listener.AcceptTcpClientAsync(cancellationToken);
            bool authenticated = await ServeAsync(console, server, channel, connection, cancellationToken);
            if (once)
                return authenticated;
        }
    }

    private static async Task<bool> ServeAsync(
        CliConsole console, SaslServer server, SaslChannel channel, TcpClient connection, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_patience);
        try
        {
            await using var transport = new SocketTransport(connection.GetStream());
            SaslChannel ends = channel with
            {
                Local = channel.Local ?? connection.Client.LocalEndPoint,
                Remote = channel.Remote ?? connection.Client.RemoteEndPoint,
            };
            return await new SampleServer(server, ends, transport, console.Output).RunAsync(limit.Token);
        }
        catch (Exception exception) when (exception is SampleException or IOException)
        {
            await console.Error.WriteLineAsync($"sasl {Name}: {exception.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await console.Error.WriteLineAsync($"sasl {Name}: the client took too long");
        }
        return false;
    }
}
