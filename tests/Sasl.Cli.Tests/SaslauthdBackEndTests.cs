using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Cli.Tests;

/// <summary><c>sasl saslauthd</c> with each of its checkers and the back end that the checker is for, asked by Debian's testsaslauthd.</summary>
[Collection(PeersCollection.Name)]
public sealed class SaslauthdBackEndTests(SharedPeers peers) : IDisposable
{
    private const string Right = "0: OK \"Success.\"";
    private const string Wrong = "0: NO \"authentication failed\"";

    private readonly CliFolder _folder = new();
    private readonly PrivateAccounts _accounts = new();

    private string RunDirectory => Path.Combine(_folder.Path, "run");

    public void Dispose()
    {
        _accounts.Dispose();
        _folder.Dispose();
    }

    [PeerFact("testsaslauthd", "unshare", "python3")]
    public async Task Shadow_checks_accounts_with_each_hash_of_the_issue()
    {
        foreach (string method in (string[])["yescrypt", "sha512crypt", "bcrypt"])
            _accounts.Add(method, (await SystemCrypt.HashAsync(("secret"u8.ToArray(), SystemCrypt.Settings[method])))[0]!);
        await using PeerProcess daemon = await StartAsync(_accounts.Wrap(Command("shadow")));

        foreach (string name in (string[])["yescrypt", "sha512crypt", "bcrypt"])
            await AssertTellsRightFromWrongAsync(daemon, "shadow", name);
    }

    [PeerFact("testsaslauthd", "unshare", "python3")]
    public async Task Getpwent_checks_accounts_whose_hash_is_in_passwd()
    {
        _accounts.AddWithoutShadow("alice", (await SystemCrypt.HashAsync(("secret"u8.ToArray(), SystemCrypt.Settings["sha512crypt"])))[0]!);
        await using PeerProcess daemon = await StartAsync(_accounts.Wrap(Command("getpwent")));

        await AssertTellsRightFromWrongAsync(daemon, "getpwent", "alice");
    }

    [PeerFact("testsaslauthd", "unshare", "python3")]
    public async Task Pam_asks_the_services_file_and_pam_unix_and_warns_where_there_is_none()
    {
        string hash = (await SystemCrypt.HashAsync(("secret"u8.ToArray(), SystemCrypt.Settings["sha512crypt"])))[0]!;
        string users = _accounts.Folder.Write("users", $"alice:{hash}\n");
        _accounts.Add("alice", hash)
            .AddPamService("smtp", "auth required pam_unix.so nodelay", "account required pam_unix.so")
            .AddPamService("imap", $"auth required pam_pwdfile.so pwdfile={users} nodelay", "account required pam_permit.so")
            .AddPamService("other", "auth required pam_deny.so", "account required pam_deny.so");
        await using PeerProcess daemon = await StartAsync(_accounts.Wrap(Command("pam")));

        await AssertTellsRightFromWrongAsync(daemon, "pam", "alice", "smtp");
        await AssertTellsRightFromWrongAsync(daemon, "pam", "alice", "imap");
        Assert.Equal((255, Wrong), await AskAsync("alice", "secret", "pop"));
        await daemon.WaitForLineAsync(static line => line.Contains("/etc/pam.d/pop", StringComparison.Ordinal) && line.Contains("/etc/pam.d/other", StringComparison.Ordinal));
    }

    [PeerFact("testsaslauthd", "dovecot", "imap-login")]
    public async Task Rimap_asks_Dovecot_inside_TLS()
    {
        await using DovecotImap dovecot = await DovecotImap.StartAsync(peers.Authority);
        await using PeerProcess daemon = await StartAsync(
            Command("rimap", "-O", $"imaps://localhost:{dovecot.ImplicitTlsPort}?cacert={peers.Authority.CaFile}"));

        await AssertTellsRightFromWrongAsync(daemon, "rimap", "alice");
    }

    [PeerFact("testsaslauthd", "slapd")]
    public async Task Ldap_asks_slapd_after_StartTLS_and_says_no_when_it_has_gone()
    {
        await using SlapdPeer slapd = await SlapdPeer.StartAsync(peers.Authority);
        string configuration = _folder.Write(
            "saslauthd.conf",
            $"""
            ldap_servers: {slapd.Address}
            ldap_start_tls: yes
            ldap_tls_check_peer: yes
            ldap_tls_cacert_file: {peers.Authority.CaFile}
            ldap_search_base: {SlapdPeer.People}
            ldap_filter: uid=%u
            ldap_timeout: 5

            """);
        await using PeerProcess daemon = await StartAsync(Command("ldap", "-O", configuration));

        await AssertTellsRightFromWrongAsync(daemon, "ldap", "alice");
        await slapd.StopAsync();
        Assert.Equal((255, Wrong), await AskAsync("alice", "secret"));
        await slapd.StartAgainAsync();
        Assert.Equal((0, Right), await AskAsync("alice", "secret"));
    }

    [PeerFact("testsaslauthd", "slapd")]
    public async Task Ldap_says_what_is_wrong_with_a_certificate()
    {
        using TestAuthority stranger = TestAuthority.Create();
        await using SlapdPeer slapd = await SlapdPeer.StartAsync(peers.Authority);
        string configuration = _folder.Write(
            "saslauthd.conf", $"ldap_servers: {slapd.TlsAddress}\nldap_search_base: {SlapdPeer.People}\nldap_tls_check_peer: yes\nldap_tls_cacert_file: {stranger.CaFile}\n");
        await using PeerProcess daemon = await StartAsync(Command("ldap", "-O", configuration));

        Assert.Equal((255, Wrong), await AskAsync("alice", "secret"));
        await daemon.WaitForLineAsync(static line => line.Contains("certificate", StringComparison.OrdinalIgnoreCase) && line.Contains("auth failure", StringComparison.Ordinal));
    }

    [PeerFact("testsaslauthd", "slapd")]
    public async Task Ldap_binds_by_the_socket_and_lets_no_wrong_password_in_as_root()
    {
        await using SlapdPeer slapd = await SlapdPeer.StartAsync(peers.Authority);
        foreach (string method in (string[])["bind", "fastbind"])
        {
            string configuration = _folder.Write(
                $"{method}.conf",
                $"""
                ldap_servers: {slapd.SocketAddress}
                ldap_auth_method: {method}
                ldap_search_base: {SlapdPeer.People}
                ldap_filter: {(method == "bind" ? "uid=%u" : $"uid=%u,{SlapdPeer.People}")}

                """);
            await using PeerProcess daemon = await StartAsync(Command("ldap", "-O", configuration));

            await AssertTellsRightFromWrongAsync(daemon, "ldap", "alice");
        }
    }

    [PeerFact("testsaslauthd", "krb5kdc", "kdb5_util", "kadmin.local")]
    public async Task Kerberos5_asks_the_KDC_and_the_keytab()
    {
        await using KdcPeer kdc = await KdcPeer.StartAsync();
        string configuration = _folder.Write("saslauthd.conf", "krb5_servername: localhost\n");
        PeerCommand command = Command("kerberos5", "-O", configuration);
        await using PeerProcess daemon = await StartAsync(
            command with { Environment = new Dictionary<string, string>(command.Environment.Concat(kdc.Environment)) });

        await AssertTellsRightFromWrongAsync(daemon, "kerberos5", "alice");
        Assert.Equal((0, Right), await AskAsync("alice", "secret", "smtp", kdc.Realm));
        Assert.Equal((255, Wrong), await AskAsync("alice", "secret", "smtp", "ELSEWHERE.TEST"));
    }

    [PeerFact("testsaslauthd", "python3")]
    public async Task Httpform_posts_a_form()
    {
        await using PythonFormServer form = await PythonFormServer.StartAsync();
        string configuration = _folder.Write(
            "saslauthd.conf", $"httpform_host: 127.0.0.1\nhttpform_port: {form.Port}\nhttpform_uri: /auth\nhttpform_data: user=%u&password=%p\n");
        await using PeerProcess daemon = await StartAsync(Command("httpform", "-O", configuration));

        await AssertTellsRightFromWrongAsync(daemon, "httpform", "alice");
    }

    private async Task AssertTellsRightFromWrongAsync(PeerProcess daemon, string checker, string user, string service = "smtp")
    {
        int from = daemon.Transcript.Count;
        (int, string) right = await AskAsync(user, "secret", service);
        if (right != (0, Right))
            await daemon.WaitForLineAsync(static line => line.Contains("auth failure", StringComparison.Ordinal), from);
        Assert.True(right == (0, Right), $"{right}\n{daemon.Transcript}");
        Assert.Equal((255, Wrong), await AskAsync(user, "Secret-of-nobody", service));
        Assert.Equal((255, Wrong), await AskAsync("nobody-there", "secret", service));
        await daemon.WaitForLineAsync(line => line.Contains($"auth success: [user={user}] [service={service}] [realm=] [mech={checker}]", StringComparison.Ordinal), from);
        await daemon.WaitForLineAsync(line => line.Contains($"auth failure: [user={user}] [service={service}] [realm=] [mech={checker}]", StringComparison.Ordinal), from);
        await daemon.WaitForLineAsync(line => line.Contains($"auth failure: [user=nobody-there] [service={service}] [realm=] [mech={checker}]", StringComparison.Ordinal), from);
        Assert.DoesNotContain("Secret-of-nobody", daemon.Transcript.ToString(), StringComparison.Ordinal);
    }

    private PeerCommand Command(string checker, params string[] more) =>
        CliProgram.Command(_folder.Path, ["saslauthd", "-a", checker, "-m", RunDirectory, "-d", "--facility", "none", .. more]);

    private static Task<PeerProcess> StartAsync(PeerCommand command) => PeerProcess.StartServerAsync(command, "listening on socket:");

    private async Task<(int ExitCode, string Answer)> AskAsync(string user, string password, string service = "smtp", string realm = "")
    {
        string[] inRealm = realm.Length > 0 ? ["-r", realm] : [];
        PeerResult result = await PeerProcess.RunAsync(
            new PeerCommand("testsaslauthd", ["-f", Path.Combine(RunDirectory, "mux"), "-u", user, "-p", password, "-s", service, .. inRealm]));
        return (result.ExitCode, result.Transcript.Trim());
    }
}
