namespace Sasl.Testing.Peers;

/// <summary>
/// Dovecot's submission server: user alice, password secret; EXTERNAL takes the user from the common name of a client certificate of the
/// same authority. It offers no ANONYMOUS, whatever its configuration says. Mail that it takes arrives in <see cref="Sink"/>. Wrong
/// passwords are answered at once, as often as one likes. Needs root, and the program "dovecot".
/// </summary>
public sealed class DovecotSubmission : IAsyncDisposable
{
    private readonly PrivateDirectory _directory;
    private readonly PeerProcess _master;

    private DovecotSubmission(PrivateDirectory directory, PeerProcess master, SmtpSink sink, int port, int implicitTlsPort)
    {
        _directory = directory;
        _master = master;
        Sink = sink;
        Port = port;
        ImplicitTlsPort = implicitTlsPort;
    }

    /// <summary>The mechanisms of one that is started without naming any.</summary>
    public const string UsualMechanisms = "PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-256 EXTERNAL";

    /// <summary>The port without TLS, where STARTTLS is offered.</summary>
    public int Port { get; }

    /// <summary>The port with TLS from the first octet.</summary>
    public int ImplicitTlsPort { get; }

    /// <summary>Where its mail goes.</summary>
    public SmtpSink Sink { get; }

    /// <summary>The folder it works in.</summary>
    public string Folder => _directory.FullPath;

    /// <summary>Its log. A login leaves "Login: user=&lt;alice&gt;, method=PLAIN".</summary>
    public PeerTranscript Log => _master.Transcript;

    /// <summary>Starts one on free ports, with the server certificate of an authority and these mechanisms, separated by spaces.</summary>
    /// <param name="authority">The authority.</param>
    /// <param name="mechanisms">The mechanisms.</param>
    /// <param name="introspection">Where OAUTHBEARER and XOAUTH2 ask about tokens (RFC 7662; the user is "username"); null without them.</param>
    public static async Task<DovecotSubmission> StartAsync(TestAuthority authority, string mechanisms = UsualMechanisms, Uri? introspection = null)
    {
        PeerPrograms.Require("dovecot");
        PrivateDirectory directory = PrivateDirectory.Create("dovecot");
        SmtpSink sink = SmtpSink.Start();
        try
        {
            (int port, int implicitTlsPort) = (FreePort.Find(), FreePort.Find());
            directory.MakeFolder("run");
            directory.MakeFolder("mail", owner: "dovecot");
            directory.Write("users", "alice:{PLAIN}secret::::::\n");
            string settings = Settings(directory, authority, mechanisms, sink.Port, port, implicitTlsPort);
            if (introspection is not null)
                settings = TokenSettings(directory, introspection) + settings;
            string configuration = directory.Write("dovecot.conf", settings);
            PeerCommand command = new("dovecot", "-F", "-c", configuration) { Limit = TimeSpan.FromMinutes(15) };
            PeerProcess master = await PeerProcess.StartServerAsync(command, LoopbackProbe.GreetsAsSmtp(port));
            return new DovecotSubmission(directory, master, sink, port, implicitTlsPort);
        }
        catch
        {
            await sink.DisposeAsync();
            directory.Dispose();
            throw;
        }
    }

    /// <summary>The port for a way of protection.</summary>
    public int PortFor(PeerTls tls) => tls == PeerTls.Implicit ? ImplicitTlsPort : Port;

    /// <summary>Waits for a line of its log; see <see cref="PeerProcess.WaitForLineAsync"/>.</summary>
    public Task<string> WaitForLogAsync(Func<string, bool> condition, int from = 0) => _master.WaitForLineAsync(condition, from);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _master.DisposeAsync();
        await Sink.DisposeAsync();
        _directory.Dispose();
    }

    private static string TokenSettings(PrivateDirectory directory, Uri introspection)
    {
        string file = directory.Write("oauth2.conf", $"""
            introspection_mode = post
            introspection_url = {introspection}
            username_attribute = username
            active_attribute = active
            active_value = true
            openid_configuration_url = https://id.example.com/.well-known/openid-configuration

            """);
        return $$"""
            passdb {
              driver = oauth2
              mechanisms = oauthbearer xoauth2
              args = {{file}}
            }

            """;
    }

    private static string Settings(
        PrivateDirectory directory, TestAuthority authority, string mechanisms, int sinkPort, int port, int implicitTlsPort) =>
        $$"""
        base_dir = {{directory.At("run")}}
        state_dir = {{directory.At("run")}}
        log_path = /dev/stderr
        auth_verbose = yes
        listen = 127.0.0.1
        protocols = submission
        ssl = yes
        ssl_cert = <{{authority.Server.CertificateFile}}
        ssl_key = <{{authority.Server.KeyFile}}
        ssl_dh =
        ssl_ca = <{{authority.CaFile}}
        ssl_verify_client_cert = yes
        ssl_require_crl = no
        auth_ssl_username_from_cert = yes
        disable_plaintext_auth = no
        auth_mechanisms = {{mechanisms}}
        auth_realms = localhost
        auth_failure_delay = 0
        mail_location = maildir:{{directory.At("mail")}}/%n
        first_valid_uid = 1
        default_internal_user = dovecot
        default_login_user = dovenull
        submission_relay_host = 127.0.0.1
        submission_relay_port = {{sinkPort}}
        hostname = localhost
        passdb {
          driver = static
          mechanisms = external
          args = nopassword=y
        }
        passdb {
          driver = passwd-file
          args = scheme=PLAIN username_format=%n {{directory.At("users")}}
        }
        userdb {
          driver = static
          args = uid=dovecot gid=dovecot home={{directory.At("mail")}}/%n allow_all_users=yes
        }
        service submission-login {
          inet_listener submission {
            address = 127.0.0.1
            port = {{port}}
          }
          inet_listener submissions {
            address = 127.0.0.1
            port = {{implicitTlsPort}}
            ssl = yes
          }
        }
        # Without this each failure makes the next answer from the same address slower.
        service anvil {
          unix_listener anvil-auth-penalty {
            mode = 0
          }
        }

        """;
}
