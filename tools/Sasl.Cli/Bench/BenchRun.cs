using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sasl.Kerberos;
using Sasl.Mechanisms;

namespace Sasl.Cli;

/// <summary>The load: so many connections, each one login after the other, until the time is over.</summary>
internal sealed class BenchRun(CliConsole console, BenchRequest request)
{
    private static readonly TimeSpan s_progress = TimeSpan.FromSeconds(0.5);

    // A server that hangs must not make the run hang.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(10);

    // A server that refuses every connection at once is not asked a hundred thousand times a second.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    private readonly BenchTally _tally = new();

    /// <returns>The exit code.</returns>
    /// <exception cref="SmtpToolException">It did not come to a load.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        IPEndPoint server = await FindAsync(cancellationToken);
        SaslChannel channel = ChannelTo(server);
        SaslClientOptions account = Account();
        using SaslSecret? given = PasswordSource.Given(request.PasswordFile, request.PasswordVariable);
        using SaslSecret? asked = given is null && PasswordQuestion.IsNeeded(account, channel, [request.Mechanism])
            ? await PasswordQuestion.AskAsync(console, cancellationToken) : null;
        account = account with { Password = given ?? asked };
        await console.Output.WriteLineAsync(
            $"{request.Mechanism} to {request.Server}, {request.Connections} connection(s), {request.Duration.TotalSeconds:0} s");

        long begun = console.Time.GetTimestamp();
        await LoadAsync(server, channel, account, cancellationToken);
        await ReportAsync(console.Time.GetElapsedTime(begun));
        return _tally.Logins == 0 ? ExitCode.Unavailable : _tally.FailureCount > 0 ? ExitCode.Failure : ExitCode.Success;
    }

    private async Task LoadAsync(IPEndPoint server, SaslChannel channel, SaslClientOptions account, CancellationToken cancellationToken)
    {
        using var client = new SaslClient(account);
        using var hard = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        hard.CancelAfter(request.Duration + s_grace);
        long begun = console.Time.GetTimestamp();
        Task[] workers = [.. Enumerable.Range(0, request.Connections).Select(_ => Task.Run(WorkAsync, CancellationToken.None))];
        Task all = Task.WhenAll(workers);
        while (await Task.WhenAny(all, Task.Delay(s_progress, CancellationToken.None)) != all)
            await ShowProgressAsync(console.Time.GetElapsedTime(begun));
        if (console.ErrorIsTerminal)
            await console.Error.WriteLineAsync();
        await all;
        cancellationToken.ThrowIfCancellationRequested();

        async Task WorkAsync()
        {
            while (console.Time.GetElapsedTime(begun) < request.Duration && !hard.IsCancellationRequested)
            {
                using SaslClient? own = request.Cold ? new SaslClient(account) : null;
                if (!await TryAsync(server, own ?? client, channel, hard.Token))
                    await Task.Delay(s_pause, CancellationToken.None);
            }
        }
    }

    private async Task<bool> TryAsync(IPEndPoint server, SaslClient client, SaslChannel channel, CancellationToken cancellationToken)
    {
        try
        {
            await BenchLogin.RunAsync(server, client, channel, _tally, console.Time, cancellationToken);
            return true;
        }
        catch (SocketException exception)
        {
            _tally.Failed(exception.SocketErrorCode.ToString());
        }
        catch (IOException exception)
        {
            _tally.Failed(exception.InnerException is SocketException { SocketErrorCode: var code } ? code.ToString() : "connection closed");
        }
        catch (OperationCanceledException)
        {
            _tally.Failed("took too long");
        }
        return false;
    }

    private async Task ShowProgressAsync(TimeSpan elapsed)
    {
        if (console.ErrorIsTerminal)
        {
            await console.Error.WriteAsync(string.Create(CultureInfo.InvariantCulture,
                $"\r{elapsed.TotalSeconds,5:0.0} s of {request.Duration.TotalSeconds:0}: {_tally.Logins} logins, {_tally.FailureCount} failures"));
        }
    }

    private async Task ReportAsync(TimeSpan elapsed)
    {
        TextWriter output = console.Output;
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"Logins: {_tally.Logins} in {elapsed.TotalSeconds:0.00} s, {_tally.Logins / elapsed.TotalSeconds:0.0} a second"));
        await output.WriteLineAsync($"AUTH:             {Write(_tally.Auth)}");
        await output.WriteLineAsync($"Whole connection: {Write(_tally.Whole)}");
        await output.WriteLineAsync($"Failures: {_tally.FailureCount}");
        foreach ((string kind, int count) in _tally.Failures)
            await output.WriteLineAsync($"  {count} {kind}");
    }

    private static string Write(LatencyHistogram times) => string.Create(CultureInfo.InvariantCulture,
        $"p50 {Ms(times.Percentile(0.5))}, p95 {Ms(times.Percentile(0.95))}, p99 {Ms(times.Percentile(0.99))}, max {Ms(times.Max)}");

    private static string Ms(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.000} ms");

    private async Task<IPEndPoint> FindAsync(CancellationToken cancellationToken)
    {
        IPAddress[] found;
        try
        {
            found = await Dns.GetHostAddressesAsync(request.Server.Host, cancellationToken);
        }
        catch (SocketException exception)
        {
            throw new SmtpToolException(ExitCode.Unavailable, $"{request.Server}: {exception.Message}");
        }
        IPAddress address = found.FirstOrDefault(IPAddress.IsLoopback) ?? found.FirstOrDefault()
            ?? throw new SmtpToolException(ExitCode.Unavailable, $"{request.Server} has no address");
        if (!IPAddress.IsLoopback(address) && !request.InsistsOnRemote)
            throw new SmtpToolException(ExitCode.Usage, $"{request.Server} is another machine; a load on somebody else's server is an attack. --insist-remote says that it is yours");
        return new IPEndPoint(address, request.Server.Port);
    }

    // What stays on this machine counts as encrypted: nobody else hears it.
    private SaslChannel ChannelTo(IPEndPoint server) => new()
    {
        ExternalSsf = IPAddress.IsLoopback(server.Address) || request.AllowPlaintext ? 256 : 0,
        Remote = server,
    };

    private SaslMechanism Mechanism()
    {
        if (SaslMechanisms.Standard.FirstOrDefault(mechanism => mechanism.Name == request.Mechanism) is { } known)
            return known;
        SaslMechanism kerberos = KerberosMechanisms.ForClient().First(mechanism => mechanism.Name == request.Mechanism);
        return kerberos.MissingOnPlatform is { } reason ? throw new SmtpToolException(ExitCode.Usage, reason) : kerberos;
    }

    private SaslClientOptions Account() => new()
    {
        Service = "smtp",
        ServerName = request.Server.Host,
        Mechanisms = [Mechanism()],
        Policy = new SaslPolicy { Require = SaslSecurityFlags.NoPlaintext, Allow = [request.Mechanism] },
        UserName = request.User,
    };
}
