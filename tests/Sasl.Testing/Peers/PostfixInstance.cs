namespace Sasl.Testing.Peers;

/// <summary>One Postfix with a configuration, a queue and a log of its own; nothing of the system's Postfix is read or written.</summary>
internal sealed class PostfixInstance : IAsyncDisposable
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // The services that both a server and a client need; all without chroot.
    private const string Services =
        """
        cleanup   unix  n  -  n  -      0  cleanup
        qmgr      unix  n  -  n  300    1  qmgr
        tlsmgr    unix  -  -  n  1000?  1  tlsmgr
        rewrite   unix  -  -  n  -      -  trivial-rewrite
        bounce    unix  -  -  n  -      0  bounce
        defer     unix  -  -  n  -      0  bounce
        trace     unix  -  -  n  -      0  bounce
        proxymap  unix  -  -  n  -      -  proxymap
        smtp      unix  -  -  n  -      -  smtp
        error     unix  -  -  n  -      -  error
        retry     unix  -  -  n  -      -  error
        discard   unix  -  -  n  -      -  discard
        anvil     unix  -  -  n  -      1  anvil
        scache    unix  -  -  n  -      1  scache
        postlog   unix-dgram n - n  -   1  postlogd

        """;

    private readonly PrivateDirectory _directory;

    private PostfixInstance(PrivateDirectory directory, PeerProcess master)
    {
        _directory = directory;
        Master = master;
    }

    /// <summary>The folder it works in.</summary>
    public string Folder => _directory.FullPath;

    /// <summary>The master daemon; the log of the whole instance is on its standard output.</summary>
    public PeerProcess Master { get; }

    /// <summary>Starts an instance.</summary>
    /// <param name="directory">Its folder. The instance owns it from here on, and deletes it.</param>
    /// <param name="listeners">The lines of master.cf for the ports it listens on.</param>
    /// <param name="settings">The lines of main.cf that differ from the common ones.</param>
    /// <param name="port">A port that greets as SMTP when it is ready.</param>
    public static async Task<PostfixInstance> StartAsync(PrivateDirectory directory, string listeners, string settings, int port)
    {
        try
        {
            MakeQueue(directory);
            directory.Write("etc/master.cf", listeners + "\n" + Services);
            string main = directory.Write("etc/main.cf", CommonSettings(directory) + settings);
            string configuration = Path.GetDirectoryName(main)!;
            MakeLookOld(configuration);
            PeerCommand command = new(Path.Combine(DaemonDirectory(), "master"), "-s", "-c", configuration)
            {
                Environment = new Dictionary<string, string> { ["MAIL_CONFIG"] = configuration },
                Limit = TimeSpan.FromMinutes(15),
                StopSignal = UnixSignal.Kill, // An orderly stop takes two seconds, and nothing in the queue is worth it.
            };
            return new PostfixInstance(directory, await PeerProcess.StartServerAsync(command, LoopbackProbe.GreetsAsSmtp(port)));
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
        await Master.DisposeAsync();
        _directory.Dispose();
    }

    private static string DaemonDirectory() =>
        ((string[])["/usr/lib/postfix/sbin", "/usr/libexec/postfix", "/usr/lib/postfix"]).FirstOrDefault(static folder => File.Exists(Path.Combine(folder, "smtpd")))
        ?? throw new MissingPeerException("Postfix is installed, but its smtpd daemon is in none of the known folders");

    private static string CommonSettings(PrivateDirectory directory) =>
        $"""
        compatibility_level = 3.6
        queue_directory = {directory.At("queue")}
        data_directory = {directory.At("data")}
        command_directory = /usr/sbin
        daemon_directory = {DaemonDirectory()}
        mail_owner = postfix
        setgid_group = postdrop
        maillog_file = /dev/stdout
        inet_interfaces = 127.0.0.1
        inet_protocols = ipv4
        alias_maps =
        notify_classes =
        smtpd_error_sleep_time = 0
        smtpd_hard_error_limit = 1000
        smtpd_client_connection_count_limit = 0
        smtp_dns_support_level = disabled
        smtp_host_lookup = native

        """;

    // Postfix waits until a file is two seconds old before it believes what it read there.
    private static void MakeLookOld(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow - TimeSpan.FromMinutes(1));
        }
    }

    // What "postfix check" would make in a second and a half, with the same modes and owners.
    private static void MakeQueue(PrivateDirectory directory)
    {
        directory.MakeFolder("data", Owner, "postfix");
        directory.MakeFolder("queue");
        directory.MakeFolder("queue/pid");
        string[] ofTheMailSystem = ["active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace"];
        foreach (string name in ofTheMailSystem)
        {
            directory.MakeFolder($"queue/{name}", Owner, "postfix");
        }

        directory.MakeFolder("queue/public", Owner | UnixFileMode.GroupExecute, "postfix", "postdrop");
        directory.MakeFolder("queue/maildrop", Owner | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.StickyBit, "postfix", "postdrop");
    }
}
