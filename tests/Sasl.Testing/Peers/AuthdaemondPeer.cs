namespace Sasl.Testing.Peers;

/// <summary>
/// Courier's authdaemond with authpam, and alice of <see cref="WrappedAccounts"/>. Its socket's folder is compiled in; it sees a private one
/// there, because it runs in a mount namespace of its own. Needs root, and the program "authdaemond".
/// </summary>
public sealed class AuthdaemondPeer : IAsyncDisposable
{
    private const string CompiledFolder = "/run/courier/authdaemon";

    private readonly PrivateDirectory _directory;
    private readonly PeerProcess _daemon;

    private AuthdaemondPeer(PrivateDirectory directory, PeerProcess daemon, string socketPath)
    {
        _directory = directory;
        _daemon = daemon;
        SocketPath = socketPath;
    }

    /// <summary>Its socket.</summary>
    public string SocketPath { get; }

    /// <summary>What it prints.</summary>
    public PeerTranscript Log => _daemon.Transcript;

    /// <summary>Starts one that takes logins for the service smtp.</summary>
    public static async Task<AuthdaemondPeer> StartAsync()
    {
        PeerPrograms.Require("authdaemond", "unshare");
        PrivateDirectory directory = PrivateDirectory.Create("authdaemond");
        try
        {
            string run = directory.MakeFolder("run");
            var accounts = WrappedAccounts.Write(directory, shadowed: true);
            const string Script = "mount --bind \"$0\" \"$1\" && LD_PRELOAD=\"$WRAPPERS\" exec /usr/lib/courier/courier-authlib/authdaemond";
            PeerCommand command = new("unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", Script, run, CompiledFolder)
            {
                Environment = new Dictionary<string, string>(accounts.Environment)
                {
                    ["LD_PRELOAD"] = "",
                    ["WRAPPERS"] = accounts.Environment["LD_PRELOAD"],
                    ["authmodulelist"] = "authpam",
                    ["authmodulelistorig"] = "authpam",
                    ["daemons"] = "2",
                    ["DEBUG_LOGIN"] = "0",
                    ["DEFAULTOPTIONS"] = "",
                },
                Limit = TimeSpan.FromMinutes(10),
            };
            string socketPath = Path.Combine(run, "socket");
            PeerProcess daemon = await PeerProcess.StartServerAsync(command, token => SaslauthdPeer.ListensAsync(socketPath, token));
            return new AuthdaemondPeer(directory, daemon, socketPath);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _daemon.DisposeAsync();
        _directory.Dispose();
    }
}
