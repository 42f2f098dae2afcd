namespace Sasl.Testing.Peers;

/// <summary>
/// Postfix as a submission server with Cyrus SASL over a sasldb2 file: user alice, password secret, realm localhost. It takes mail from
/// authenticated users only, and throws it away. It asks for a client certificate: its log then says "Trusted TLS connection". Needs root, and the programs "postfix" and "saslpasswd2".
/// </summary>
public sealed class PostfixServer : IAsyncDisposable
{
    private readonly PostfixInstance _instance;

    private PostfixServer(PostfixInstance instance, int port, int implicitTlsPort)
    {
        _instance = instance;
        Port = port;
        ImplicitTlsPort = implicitTlsPort;
    }

    /// <summary>The port without TLS, where STARTTLS is offered.</summary>
    public int Port { get; }

    /// <summary>The port with TLS from the first octet.</summary>
    public int ImplicitTlsPort { get; }

    /// <summary>The folder it works in.</summary>
    public string Folder => _instance.Folder;

    /// <summary>Its log. A login leaves "sasl_method=PLAIN, sasl_username=alice@localhost" when a message follows it.</summary>
    public PeerTranscript Log => _instance.Master.Transcript;

    /// <summary>Starts one on free ports, with the server certificate of an authority.</summary>
    public static async Task<PostfixServer> StartAsync(TestAuthority authority, PostfixServerOptions? options = null)
    {
        PeerPrograms.Require("postfix", "saslpasswd2");
        options ??= new PostfixServerOptions();
        PrivateDirectory directory = PrivateDirectory.Create("postfix");
        (int port, int implicitTlsPort) = (FreePort.Find(), FreePort.Find());
        await MakeUsersAsync(directory, options);
        string listeners =
            $"""
            127.0.0.1:{port} inet n - n - - smtpd
            127.0.0.1:{implicitTlsPort} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
            """;
        PostfixInstance instance = await PostfixInstance.StartAsync(directory, listeners, Settings(authority, options), port);
        return new PostfixServer(instance, port, implicitTlsPort);
    }

    /// <summary>The port for a way of protection.</summary>
    public int PortFor(PeerTls tls) => tls == PeerTls.Implicit ? ImplicitTlsPort : Port;

    /// <summary>Waits for a line of its log; see <see cref="PeerProcess.WaitForLineAsync"/>.</summary>
    public Task<string> WaitForLogAsync(Func<string, bool> condition, int from = 0) => _instance.Master.WaitForLineAsync(condition, from);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _instance.DisposeAsync();

    // Debian's Postfix ignores cyrus_sasl_config_path: it opens sasl/smtpd.conf in the folder of main.cf. smtpd runs as user postfix.
    private static async Task MakeUsersAsync(PrivateDirectory directory, PostfixServerOptions options)
    {
        string database = directory.At("etc/sasl/sasldb2");
        directory.Write("etc/sasl/smtpd.conf",
            $"""
            pwcheck_method: {(options.SaslauthdPath is null ? "auxprop" : $"saslauthd\nsaslauthd_path: {options.SaslauthdPath}")}
            auxprop_plugin: sasldb
            sasldb_path: {database}
            mech_list: {options.Mechanisms}

            """);
        foreach ((string user, string password) in options.Users)
        {
            await CyrusDatabase.SetPasswordAsync(database, user, password);
        }

        if (File.Exists(database))
        {
            Unix.ChangeOwner(database, "postfix");
        }
    }

    private static string Settings(TestAuthority authority, PostfixServerOptions options) =>
        $"""
        myhostname = localhost
        mydestination = localhost
        mynetworks =
        local_recipient_maps =
        smtpd_relay_restrictions = permit_sasl_authenticated, reject
        smtpd_recipient_restrictions =
        default_transport = discard:
        local_transport = discard:
        relay_transport = discard:
        smtpd_sasl_auth_enable = yes
        smtpd_sasl_type = cyrus
        smtpd_sasl_path = smtpd
        smtpd_sasl_local_domain = localhost
        smtpd_sasl_security_options = {options.SecurityOptions}
        smtpd_sasl_tls_security_options = {options.TlsSecurityOptions}
        smtpd_sasl_authenticated_header = yes
        smtpd_tls_security_level = may
        smtpd_tls_auth_only = no
        smtpd_tls_cert_file = {authority.Server.CertificateFile}
        smtpd_tls_key_file = {authority.Server.KeyFile}
        smtpd_tls_CAfile = {authority.CaFile}
        smtpd_tls_ask_ccert = yes
        smtpd_tls_loglevel = 1

        """;
}
