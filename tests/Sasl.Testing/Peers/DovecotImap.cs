namespace Sasl.Testing.Peers;

/// <summary>
/// Dovecot's IMAP server: user alice, password secret, and users given by whoever starts it. LOGIN is its only way in; STARTTLS on one port
/// and TLS from the first octet on another. It listens on 127.0.0.2, too, for which its certificate is not. Wrong passwords are answered at once, as often as one likes. Needs root, and the programs
/// "dovecot" and "imap-login".
/// </summary>
public sealed class DovecotImap : IAsyncDisposable
{
    private readonly PrivateDirectory _directory;
    private readonly PeerProcess _master;

    private DovecotImap(PrivateDirectory directory, PeerProcess master, int port, int implicitTlsPort)
    {
        _directory = directory;
        _master = master;
        Port = port;
        ImplicitTlsPort = implicitTlsPort;
    }

    /// <summary>The port without TLS, where STARTTLS is offered.</summary>
    public int Port { get; }

    /// <summary>The port with TLS from the first octet.</summary>
    public int ImplicitTlsPort { get; }

    /// <summary>Its log. A login leaves "Login: user=&lt;alice&gt;, method=PLAIN".</summary>
    public PeerTranscript Log => _master.Transcript;

    /// <summary>Starts one on free ports, with the server certificate of an authority.</summary>
    /// <param name="authority">Whose certificate it has.</param>
    /// <param name="users">More users and their passwords; neither may have a colon in the name or a line end.</param>
    /// <param name="plaintextLogin">Whether LOGIN is allowed without TLS; where not, it says LOGINDISABLED on 127.0.0.2; it trusts those who
    /// have its own address.</param>
    public static async Task<DovecotImap> StartAsync(
        TestAuthority authority, IReadOnlyDictionary<string, string>? users = null, bool plaintextLogin = true)
    {
        PeerPrograms.Require("dovecot", "imap-login");
        PrivateDirectory directory = PrivateDirectory.Create("dovecot-imap");
        try
        {
            (int port, int implicitTlsPort) = (FreePort.Find(), FreePort.Find());
            directory.MakeFolder("run");
            directory.MakeFolder("mail", owner: "dovecot");
            directory.Write("users", "alice:{PLAIN}secret::::::\n"
                + string.Concat((users ?? new Dictionary<string, string>()).Select(static user => $"{user.Key}:{{PLAIN.b64}}{Base64(user.Value)}::::::\n")));
            string configuration = directory.Write("dovecot.conf", Settings(directory, authority, port, implicitTlsPort, plaintextLogin));
            PeerCommand command = new("dovecot", "-F", "-c", configuration) { Limit = TimeSpan.FromMinutes(15) };
            PeerProcess master = await PeerProcess.StartServerAsync(command, LoopbackProbe.Accepts(port));
            return new DovecotImap(directory, master, port, implicitTlsPort);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Waits for a line of its log; see <see cref="PeerProcess.WaitForLineAsync"/>.</summary>
    public Task<string> WaitForLogAsync(Func<string, bool> condition, int from = 0) => _master.WaitForLineAsync(condition, from);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _master.DisposeAsync();
        _directory.Dispose();
    }

    private static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));

    private static string Settings(PrivateDirectory directory, TestAuthority authority, int port, int implicitTlsPort, bool plaintextLogin) =>
        $$"""
        base_dir = {{directory.At("run")}}
        state_dir = {{directory.At("run")}}
        log_path = /dev/stderr
        auth_verbose = yes
        listen = 127.0.0.1, 127.0.0.2
        protocols = imap
        ssl = {{(plaintextLogin ? "yes" : "required")}}
        ssl_cert = <{{authority.Server.CertificateFile}}
        ssl_key = <{{authority.Server.KeyFile}}
        ssl_dh =
        disable_plaintext_auth = {{(plaintextLogin ? "no" : "yes")}}
        auth_mechanisms = plain
        auth_username_chars =
        auth_failure_delay = 0
        mail_location = maildir:{{directory.At("mail")}}/%n
        first_valid_uid = 1
        default_internal_user = dovecot
        default_login_user = dovenull
        passdb {
          driver = passwd-file
          args = scheme=PLAIN username_format=%u {{directory.At("users")}}
        }
        userdb {
          driver = static
          args = uid=dovecot gid=dovecot home={{directory.At("mail")}}/%n allow_all_users=yes
        }
        protocol imap {
          mail_max_userip_connections = 1000
        }
        service imap-login {
          inet_listener imap {
            address = 127.0.0.1, 127.0.0.2
            port = {{port}}
          }
          inet_listener imaps {
            address = 127.0.0.1, 127.0.0.2
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
