using System.Text;

namespace Sasl.Testing.Peers;

/// <summary>
/// OpenLDAP's server with a directory of its own below dc=interop,dc=test: user alice, password secret, in ou=people; uid=proxy, password
/// proxypw, who may read passwords and act as anybody; two entries of uid=twin; the group cn=mail,ou=groups with alice; and what a test adds.
/// It takes simple binds, and SASL binds by PLAIN, LOGIN, CRAM-MD5, DIGEST-MD5 and SCRAM for users with a plain-text password, on ldap with StartTLS,
/// ldaps and ldapi, where root is its administrator by EXTERNAL. Needs the program "slapd".
/// </summary>
public sealed class SlapdPeer : IAsyncDisposable
{
    /// <summary>Where everything is.</summary>
    public const string Suffix = "dc=interop,dc=test";

    /// <summary>Where the users are.</summary>
    public const string People = "ou=people," + Suffix;

    /// <summary>Who may read passwords.</summary>
    public const string Proxy = "uid=proxy," + People;

    private readonly PrivateDirectory _directory;
    private PeerProcess _server;

    private SlapdPeer(PrivateDirectory directory, PeerProcess server, int port, int tlsPort)
    {
        _directory = directory;
        _server = server;
        Port = port;
        TlsPort = tlsPort;
    }

    /// <summary>The port without TLS, where StartTLS is offered.</summary>
    public int Port { get; }

    /// <summary>The port with TLS from the first octet.</summary>
    public int TlsPort { get; }

    /// <summary>The address without TLS.</summary>
    public string Address => $"ldap://127.0.0.1:{Port}/";

    /// <summary>The address with TLS.</summary>
    public string TlsAddress => $"ldaps://127.0.0.1:{TlsPort}/";

    /// <summary>The address of its socket.</summary>
    public string SocketAddress => SocketAddressOf(_directory);

    /// <summary>What it printed: a line of each operation. Since the last start.</summary>
    public PeerTranscript Log => _server.Transcript;

    /// <summary>Starts one on free ports, with the server certificate of an authority.</summary>
    /// <param name="authority">Whose certificate it has.</param>
    /// <param name="users">More users in ou=people: uid and userPassword, as it is stored.</param>
    /// <param name="moreEntries">More entries, as LDIF.</param>
    public static async Task<SlapdPeer> StartAsync(
        TestAuthority authority, IReadOnlyDictionary<string, string>? users = null, string moreEntries = "")
    {
        PeerPrograms.Require("slapd");
        PrivateDirectory directory = PrivateDirectory.Create("slapd");
        try
        {
            directory.MakeFolder("db");
            directory.Write("slapd.conf", Settings(directory, authority));
            string entries = directory.Write("entries.ldif", Entries(users ?? new Dictionary<string, string>()) + moreEntries);
            await PeerProcess.RunSuccessfullyAsync(new PeerCommand("slapd", "-T", "add", "-q", "-f", directory.At("slapd.conf"), "-l", entries));
            (int port, int tlsPort) = (FreePort.Find(), FreePort.Find());
            return new SlapdPeer(directory, await StartServerAsync(directory, port, tlsPort), port, tlsPort);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Stops the server and keeps its directory.</summary>
    public ValueTask StopAsync() => _server.DisposeAsync();

    /// <summary>Starts it again on the same ports after <see cref="StopAsync"/>.</summary>
    public async Task StartAgainAsync() => _server = await StartServerAsync(_directory, Port, TlsPort);

    /// <summary>Waits for a line that it prints; see <see cref="PeerProcess.WaitForLineAsync"/>.</summary>
    public Task<string> WaitForLogAsync(Func<string, bool> condition, int from = 0) => _server.WaitForLineAsync(condition, from);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    private static string SocketAddressOf(PrivateDirectory directory) => $"ldapi://{Uri.EscapeDataString(directory.At("ldapi"))}";

    private static Task<PeerProcess> StartServerAsync(PrivateDirectory directory, int port, int tlsPort) =>
        PeerProcess.StartServerAsync(
            new PeerCommand("slapd", "-d", "stats", "-f", directory.At("slapd.conf"),
                "-h", $"ldap://127.0.0.1:{port}/ ldaps://127.0.0.1:{tlsPort}/ {SocketAddressOf(directory)}")
            {
                Limit = TimeSpan.FromMinutes(15),
                Environment = new Dictionary<string, string> { ["SASL_CONF_PATH"] = directory.FullPath },
            },
            LoopbackProbe.Accepts(port));

    private static string Settings(PrivateDirectory directory, TestAuthority authority) =>
        $$"""
        include /etc/ldap/schema/core.schema
        include /etc/ldap/schema/cosine.schema
        include /etc/ldap/schema/inetorgperson.schema
        pidfile {{directory.At("slapd.pid")}}
        argsfile {{directory.At("slapd.args")}}
        modulepath /usr/lib/ldap
        moduleload back_mdb
        TLSCACertificateFile {{authority.CaFile}}
        TLSCertificateFile {{authority.Server.CertificateFile}}
        TLSCertificateKeyFile {{authority.Server.KeyFile}}
        TLSVerifyClient try
        password-hash {CLEARTEXT}
        sasl-host localhost
        sasl-realm localhost
        sasl-secprops none
        authz-policy to
        authz-regexp "gidNumber=[0-9]+\\+uidNumber=[0-9]+,cn=peercred,cn=external,cn=auth" "cn=admin,{{Suffix}}"
        authz-regexp "^cn=alice$" "uid=alice,{{People}}"
        authz-regexp "uid=([^,@]*)(@localhost)?(,cn=[^,]*)?,cn=[^,]*,cn=auth" "uid=$1,{{People}}"
        access to attrs=userPassword by dn.exact="{{Proxy}}" read by self write by anonymous auth by * none
        access to * by * read
        database mdb
        suffix "{{Suffix}}"
        directory {{directory.At("db")}}
        rootdn "cn=admin,{{Suffix}}"
        rootpw adminpw
        maxsize 16777216
        dbnosync

        """;

    private static string Entries(IReadOnlyDictionary<string, string> users)
    {
        var text = new StringBuilder(
            $"""
            dn: {Suffix}
            objectClass: dcObject
            objectClass: organization
            dc: interop
            o: Interop

            dn: {People}
            objectClass: organizationalUnit
            ou: people

            dn: ou=groups,{Suffix}
            objectClass: organizationalUnit
            ou: groups

            dn: cn=mail,ou=groups,{Suffix}
            objectClass: groupOfUniqueNames
            cn: mail
            uniqueMember: uid=alice,{People}

            dn: {Proxy}
            objectClass: inetOrgPerson
            uid: proxy
            cn: Proxy
            sn: P
            userPassword: proxypw
            authzTo: dn.regex:^uid=.*,{People}$


            """);
        foreach ((string name, string password) in users.Append(new KeyValuePair<string, string>("alice", "secret")))
            text.Append(Entry($"uid={name.Replace("\\", "\\\\", StringComparison.Ordinal)},{People}", name, password));
        text.Append(Entry($"cn=one,{People}", "twin", "secret"));
        text.Append(Entry($"cn=two,{People}", "twin", "secret"));
        return text.ToString();
    }

    private static string Entry(string dn, string uid, string password)
    {
        string commonName = dn.StartsWith("cn=", StringComparison.Ordinal) ? dn[3..6] : uid;
        return $"dn:: {Base64(dn)}\nobjectClass: inetOrgPerson\nuid:: {Base64(uid)}\ncn:: {Base64(commonName)}\nsn: S\nuserPassword:: {Base64(password)}\n\n";
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
