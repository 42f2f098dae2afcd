using System.Net.Sockets;

namespace Sasl.Testing.Peers;

/// <summary>
/// Debian's saslauthd on a socket of its own. User alice, password secret where it asks the system (getpwent, shadow, pam), which it sees
/// through <see cref="WrappedAccounts"/>. Needs the program "saslauthd".
/// </summary>
public sealed class SaslauthdPeer : IAsyncDisposable
{
    private readonly PrivateDirectory _directory;
    private readonly PeerProcess _daemon;

    private SaslauthdPeer(PrivateDirectory directory, PeerProcess daemon, string socketPath)
    {
        _directory = directory;
        _daemon = daemon;
        SocketPath = socketPath;
    }

    /// <summary>Its socket.</summary>
    public string SocketPath { get; }

    /// <summary>Its run directory (-m), in which the socket is called mux.</summary>
    public string RunDirectory => Path.GetDirectoryName(SocketPath)!;

    /// <summary>What it prints. A login leaves "auth success: [user=alice] [service=smtp] [realm=] [mech=getpwent]", a refused one "auth failure: …".</summary>
    public PeerTranscript Log => _daemon.Transcript;

    /// <summary>Starts one.</summary>
    public static async Task<SaslauthdPeer> StartAsync(SaslauthdPeerOptions? options = null)
    {
        options ??= new SaslauthdPeerOptions();
        PeerPrograms.Require("saslauthd");
        PrivateDirectory directory = PrivateDirectory.Create("saslauthd");
        try
        {
            string run = directory.MakeFolder("run");
            var accounts = WrappedAccounts.Write(directory, shadowed: options.Mechanism == "shadow", options.PamService, options.PamPassword);
            PeerCommand command = new("saslauthd", [.. Arguments(options, run)])
            {
                Environment = new Dictionary<string, string>(accounts.Environment.Concat(options.Environment)),
                WorkingDirectory = directory.FullPath,
                Limit = TimeSpan.FromMinutes(10),
            };
            string socketPath = Path.Combine(run, "mux");
            PeerProcess daemon = await PeerProcess.StartServerAsync(command, token => ListensAsync(socketPath, token));
            return new SaslauthdPeer(directory, daemon, socketPath);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Makes every process of it hang, until <see cref="GoOn"/>.</summary>
    public void Hang() => _daemon.SignalAll(UnixSignal.Stop);

    /// <summary>Ends <see cref="Hang"/>.</summary>
    public void GoOn() => _daemon.SignalAll(UnixSignal.Continue);

    /// <summary>Ends it. It takes its socket away.</summary>
    public ValueTask StopAsync() => _daemon.DisposeAsync();

    /// <summary>Kills it, so that its socket stays behind.</summary>
    public async Task KillAsync()
    {
        _daemon.SignalAll(UnixSignal.Kill);
        await _daemon.DisposeAsync();
    }

    /// <summary>Waits for a line of its log; see <see cref="PeerProcess.WaitForLineAsync"/>.</summary>
    public Task<string> WaitForLogAsync(Func<string, bool> condition, int from = 0) => _daemon.WaitForLineAsync(condition, from);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GoOn();
        await _daemon.DisposeAsync();
        _directory.Dispose();
    }

    private static IEnumerable<string> Arguments(SaslauthdPeerOptions options, string run)
    {
        yield return "-d";
        yield return "-m";
        yield return run;
        yield return "-n";
        yield return options.Workers.ToString(provider: null);
        if (options.Caches)
        {
            yield return "-c";
        }

        if (options.JoinsRealm)
        {
            yield return "-r";
        }

        if (options.Option is string option)
        {
            yield return "-O";
            yield return option;
        }

        yield return "-a";
        yield return options.Mechanism;
    }

    /// <summary>Whether somebody takes connections at a socket. One that says nothing and ends is no request to a saslauthd.</summary>
    /// <param name="path">The socket.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<bool> ListensAsync(string path, CancellationToken cancellationToken)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
