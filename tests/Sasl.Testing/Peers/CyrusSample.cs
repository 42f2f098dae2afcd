namespace Sasl.Testing.Peers;

/// <summary>
/// Debian's sasl-sample-server and sasl-sample-client with a sasldb2 and a sample.conf of their own: user alice, password secret, realm
/// localhost. Needs the programs "sasl-sample-server", "sasl-sample-client" and "saslpasswd2".
/// </summary>
public sealed class CyrusSample : IAsyncDisposable
{
    /// <summary>The mechanisms of the sample server that is started without naming any.</summary>
    public const string UsualMechanisms =
        "PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-224 SCRAM-SHA-256 SCRAM-SHA-384 SCRAM-SHA-512 ANONYMOUS EXTERNAL NTLM";

    private readonly PrivateDirectory _directory;

    private CyrusSample(PrivateDirectory directory) => _directory = directory;

    /// <summary>The sasldb2 file.</summary>
    public string Database => _directory.At("sasldb2");

    /// <summary>Makes the files; the mechanisms are the mech_list, separated by spaces.</summary>
    public static async Task<CyrusSample> StartAsync(string mechanisms = UsualMechanisms)
    {
        PeerPrograms.Require("sasl-sample-server", "sasl-sample-client", "saslpasswd2");
        CyrusSample sample = new(PrivateDirectory.Create("cyrus"));
        sample.Configure(
            $"""
            pwcheck_method: auxprop
            auxprop_plugin: sasldb
            sasldb_path: {sample.Database}
            mech_list: {mechanisms}

            """);
        await CyrusDatabase.SetPasswordAsync(sample.Database, "alice", "secret");
        return sample;
    }

    /// <summary>Replaces sample.conf, for programs started after this.</summary>
    public void Configure(string sampleConf) => _directory.Write("sample.conf", sampleConf);

    /// <summary>Starts a sample server.</summary>
    public SamplePeer StartServer(CyrusSampleOptions? options = null)
    {
        options ??= new CyrusSampleOptions();
        return SamplePeer.Start(SampleRole.Server, Command("sasl-sample-server", options, ["-d", "localhost", "-u", "localhost"]));
    }

    /// <summary>Starts a sample client. It types the password by itself when it is asked for it.</summary>
    public SamplePeer StartClient(CyrusSampleOptions? options = null)
    {
        options ??= new CyrusSampleOptions();
        string[] own =
        [
            "-n", "localhost", "-a", options.User,
            .. Flag("-u", options.ActAs), .. Flag("-r", options.Realm), .. options.NoInitialResponse ? (string[])["-d"] : [],
        ];
        return SamplePeer.Start(SampleRole.Client, Command("sasl-sample-client", options, own) with
        {
            Answers = new Dictionary<string, string> { ["Password: "] = options.Password },
        });
    }

    /// <summary>Deletes the files. Programs that were started are disposed by whoever started them.</summary>
    public ValueTask DisposeAsync()
    {
        _directory.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string[] Flag(string flag, string? value) => value is null ? [] : [flag, value];

    private PeerCommand Command(string program, CyrusSampleOptions options, string[] own) => new(program,
    [
        "-s", options.Service, .. own,
        .. Flag("-m", options.Mechanism), .. Flag("-b", options.Strength), .. Flag("-f", options.Flags), .. Flag("-e", options.External),
        .. options.ServerSendsLast ? (string[])["-l"] : [],
        .. options.ExtraArguments,
    ])
    {
        LineBuffered = true,
        Environment = new Dictionary<string, string>(options.Environment) { ["SASL_CONF_PATH"] = _directory.FullPath },
    };
}
