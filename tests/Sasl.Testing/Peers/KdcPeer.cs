namespace Sasl.Testing.Peers;

/// <summary>
/// MIT's Kerberos KDC on 127.0.0.1, TCP only, with a realm, a database and keytabs of its own: principal alice with password secret, and
/// the host's key host/localhost in <see cref="Keytab"/>. Needs the programs "krb5kdc", "kdb5_util" and "kadmin.local"; no root.
/// </summary>
public sealed class KdcPeer : IAsyncDisposable
{
    private readonly PrivateDirectory _directory;
    private PeerProcess? _server;

    private KdcPeer(PrivateDirectory directory, string realm, int port)
    {
        _directory = directory;
        Realm = realm;
        Port = port;
        ConfigurationFile = directory.Write("krb5.conf", Configuration());
        directory.Write("kdc.conf", ServerConfiguration());
    }

    /// <summary>Its realm, which is also the default realm of its krb5.conf.</summary>
    public string Realm { get; }

    /// <summary>Its port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>The folder it works in.</summary>
    public string Folder => _directory.FullPath;

    /// <summary>A krb5.conf for its clients and servers.</summary>
    public string ConfigurationFile { get; }

    /// <summary>The keytab of this host's services: <see cref="AddServiceAsync"/> adds to it.</summary>
    public string Keytab => _directory.At("server.keytab");

    /// <summary>What it and its clients log.</summary>
    public string LogFile => _directory.At("kdc.log");

    /// <summary>Environment variables by which a process uses this KDC: its krb5.conf, the keytab, a credential cache and no replay cache.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["KRB5_CONFIG"] = ConfigurationFile,
        ["KRB5_KDC_PROFILE"] = _directory.At("kdc.conf"),
        ["KRB5_KTNAME"] = $"FILE:{Keytab}",
        ["KRB5CCNAME"] = $"FILE:{_directory.At("ccache")}",
        ["KRB5RCACHENAME"] = "none:",
    };

    /// <summary>Makes a database and starts the KDC. Takes about a second.</summary>
    /// <param name="realm">The realm.</param>
    public static async Task<KdcPeer> StartAsync(string realm = "SASL.TEST")
    {
        PeerPrograms.Require("krb5kdc", "kdb5_util", "kadmin.local");
        PrivateDirectory directory = PrivateDirectory.Create("kdc");
        KdcPeer kdc = new(directory, realm, FreePort.Find());
        try
        {
            await kdc.RunAsync("kdb5_util", "create", "-s", "-r", realm, "-P", "master");
            await kdc.AddUserAsync("alice", "secret");
            await kdc.AddServiceAsync("host/localhost");
            await kdc.ResumeAsync();
            return kdc;
        }
        catch
        {
            await kdc.DisposeAsync();
            throw;
        }
    }

    /// <summary>Adds a user.</summary>
    /// <param name="name">The principal, in this realm.</param>
    /// <param name="password">Its password.</param>
    /// <param name="options">Options of kadmin's addprinc, such as <c>+needchange</c>.</param>
    public Task AddUserAsync(string name, string password, params string[] options) =>
        AdministrateAsync(["addprinc", .. options, "-pw", password, name]);

    /// <summary>Adds a service with a random key.</summary>
    /// <param name="name">The principal, in this realm: <c>imap/localhost</c>.</param>
    /// <param name="keytab">The keytab that gets the key; <see cref="Keytab"/> where none is given.</param>
    public async Task AddServiceAsync(string name, string? keytab = null)
    {
        await AdministrateAsync("addprinc", "-randkey", name);
        await AdministrateAsync("ktadd", "-k", keytab ?? Keytab, name);
    }

    /// <summary>Logs in with kinit, as a user does. Needs the program "kinit".</summary>
    /// <param name="name">The principal, in this realm.</param>
    /// <param name="password">Its password.</param>
    /// <param name="cache">The file that gets the ticket; the cache of <see cref="Environment"/> where none is given.</param>
    /// <param name="options">Options of kinit, such as <c>-f</c>.</param>
    public Task TakeTicketAsync(string name, string password, string? cache = null, params string[] options) =>
        PeerProcess.RunSuccessfullyAsync(
            new PeerCommand("kinit", ["-c", cache ?? _directory.At("ccache"), .. options, name])
            {
                Environment = Environment,
                WorkingDirectory = Folder,
                Input = $"{password}\n",
            });

    /// <summary>Trusts another realm: its users get tickets for the services of this one, and this realm's krb5.conf knows its KDC.</summary>
    public async Task TrustAsync(KdcPeer other)
    {
        ArgumentNullException.ThrowIfNull(other);
        string way = $"krbtgt/{Realm}@{other.Realm}";
        await AddUserAsync(way, "shared");
        await other.AddUserAsync(way, "shared");
        await File.AppendAllTextAsync(other.ConfigurationFile, RealmSection(Realm, Port));
        await File.AppendAllTextAsync(ConfigurationFile, RealmSection(other.Realm, other.Port));
    }

    /// <summary>Runs one command of kadmin.local, which must succeed.</summary>
    public Task AdministrateAsync(params string[] command) => RunAsync("kadmin.local", ["-r", Realm, .. command]);

    /// <summary>Stops the KDC; its database stays.</summary>
    public async Task PauseAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
            _server = null;
        }
    }

    /// <summary>Starts the KDC again.</summary>
    public async Task ResumeAsync() => _server ??= await PeerProcess.StartServerAsync(
        new PeerCommand("krb5kdc", "-n", "-r", Realm)
        {
            Environment = Environment,
            WorkingDirectory = Folder,
            Limit = TimeSpan.FromMinutes(15),
        },
        LoopbackProbe.Accepts(Port));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await PauseAsync();
        _directory.Dispose();
    }

    private Task<string> RunAsync(string program, params string[] arguments) =>
        PeerProcess.RunSuccessfullyAsync(new PeerCommand(program, arguments) { Environment = Environment, WorkingDirectory = Folder });

    private string Configuration() =>
        $$"""
        [libdefaults]
          default_realm = {{Realm}}
          dns_lookup_kdc = false
          dns_lookup_realm = false
          dns_canonicalize_hostname = false
          rdns = false
          qualify_shortname = ""
          udp_preference_limit = 1
          default_keytab_name = FILE:{{Keytab}}
          default_ccache_name = FILE:{{_directory.At("ccache")}}
        {{RealmSection(Realm, Port)}}
        [domain_realm]
          localhost = {{Realm}}

        """;

    private static string RealmSection(string realm, int port) =>
        $$"""
        [realms]
          {{realm}} = {
            kdc = 127.0.0.1:{{port}}
          }

        """;

    private string ServerConfiguration() =>
        $$"""
        [kdcdefaults]
          kdc_listen = 127.0.0.1:{{Port}}
          kdc_tcp_listen = 127.0.0.1:{{Port}}
        [realms]
          {{Realm}} = {
            database_name = {{_directory.At("principal")}}
            key_stash_file = {{_directory.At("stash")}}
            acl_file = {{_directory.At("kadm5.acl")}}
            supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal
            max_life = 10h 0m 0s
          }
        [logging]
          kdc = FILE:{{LogFile}}
          admin_server = FILE:{{LogFile}}

        """;
}
