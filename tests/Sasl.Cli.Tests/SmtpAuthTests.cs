using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Sasl.Mechanisms;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Cli.Tests;

public sealed class SmtpAuthTests : IDisposable
{
    private readonly CliFolder _folder = new();
    private readonly TestAuthority _authority = TestAuthority.Create();
    private readonly SaslServer _sasl = Sasl(SaslMechanisms.Standard);

    public static TheoryData<string> WithPassword => SampleTests.WithPassword;

    [Theory]
    [MemberData(nameof(WithPassword))]
    [InlineData("SCRAM-SHA-1-PLUS")]
    [InlineData("SCRAM-SHA-256-PLUS")]
    [InlineData("SCRAM-SHA-512-PLUS")]
    public async Task Every_mechanism_logs_in_after_STARTTLS_and_shows_no_secret(string mechanism)
    {
        await using var server = new TestSmtpServer(_sasl) { Certificate = _authority.Server.Certificate };

        CliResult result = await RunAsync(server, "--user", "alice", "--mechanism", mechanism);

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("C: STARTTLS\n", result.Output);
        Assert.Contains($"C: AUTH {mechanism}", result.Output);
        Assert.Contains($"Outcome: Success with {mechanism} (235 2.7.0)", result.Output);
        Assert.Contains("TLS: Tls13, TLS_", result.Output);
        Assert.Contains($"Channel binding: {(mechanism.EndsWith("-PLUS", StringComparison.Ordinal) ? "tls-" : "none")}", result.Output);
        Assert.Contains("C: QUIT\n", result.Output);
        string shown = result.Output + result.Error;
        Assert.DoesNotContain(CliFolder.Password, shown);
        Assert.DoesNotContain(Base64(CliFolder.Password), shown);
        Assert.DoesNotContain(Base64($"\0alice\0{CliFolder.Password}"), shown);
    }

    [Fact]
    public async Task The_strongest_mechanism_that_binds_is_negotiated()
    {
        await using var server = new TestSmtpServer(_sasl) { Certificate = _authority.Server.Certificate };

        CliResult result = await RunAsync(server, "--user", "alice");
        CliResult unbound = await RunAsync(server, "--user", "alice", "--binding", "disable");

        Assert.Contains("Mechanism: SCRAM-SHA-512-PLUS\n", result.Output);
        Assert.Contains("Mechanism: SCRAM-SHA-512\n", unbound.Output);
        Assert.Equal((0, 0), (result.ExitCode, unbound.ExitCode));
    }

    [Fact]
    public async Task Implicit_TLS_needs_no_STARTTLS()
    {
        await using var server = new TestSmtpServer(_sasl) { Certificate = _authority.Server.Certificate, ImplicitTls = true };

        CliResult result = await RunAsync(server, "--user", "alice", "--tls", "--mechanism", "PLAIN");

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.DoesNotContain("STARTTLS", result.Output);
        Assert.Contains("certificate verified: CN=localhost", result.Output);
    }

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("CRAM-MD5")]
    [InlineData("SCRAM-SHA-256")]
    public async Task A_refused_password_is_exit_code_1(string mechanism)
    {
        await using var server = new TestSmtpServer(_sasl) { Certificate = _authority.Server.Certificate };

        CliResult result = await RunAsync(server, new TypingUser("wrong horse"), "--user", "alice", "--mechanism", mechanism);

        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Contains($"Outcome: InvalidCredentials with {mechanism} (535 5.7.8)", result.Output);
    }

    [Fact]
    public async Task Acting_as_somebody_else_is_refused()
    {
        await using var server = new TestSmtpServer(_sasl) { Certificate = _authority.Server.Certificate };

        CliResult result = await RunAsync(server, "--user", "alice", "--authzid", "bob", "--mechanism", "PLAIN");

        Assert.True(result.ExitCode == 1, result.ToString());
    }

    [Fact]
    public async Task No_password_crosses_a_connection_that_is_not_encrypted_unless_that_is_wanted()
    {
        await using var server = new TestSmtpServer(Sasl([SaslMechanisms.Plain]));

        CliResult refused = await RunAsync(server, new TypingUser(), "--user", "alice");
        CliResult wanted = await RunAsync(server, "--user", "alice", "--allow-plaintext");

        Assert.True(refused.ExitCode == 76, refused.ToString());
        Assert.Contains("PLAIN               hidden: noplaintext is required", refused.Output);
        Assert.DoesNotContain("AUTH PLAIN ***", refused.Output);
        Assert.True(wanted.ExitCode == 0, wanted.ToString());
    }

    [Fact]
    public async Task A_certificate_of_an_unknown_authority_is_refused_with_its_name()
    {
        using TestAuthority other = TestAuthority.Create();
        await using var server = new TestSmtpServer(_sasl) { Certificate = other.Server.Certificate };

        CliResult result = await RunAsync(server, new TypingUser(), "--user", "alice");

        Assert.True(result.ExitCode == 69, result.ToString());
        Assert.Contains("certificate is not trusted (CN=localhost)", result.Error);
        Assert.DoesNotContain("C: AUTH", result.Output);
    }

    [Fact]
    public async Task A_certificate_for_another_host_is_refused()
    {
        await using var server = new TestSmtpServer(_sasl, IPAddress.Parse("127.0.0.2")) { Certificate = _authority.Server.Certificate };

        CliResult result = await RunAsync(server, new TypingUser(), "--user", "alice");

        Assert.True(result.ExitCode == 69, result.ToString());
        Assert.Contains("it is not for 127.0.0.2", result.Error);
    }

    [Fact]
    public async Task The_system_does_not_trust_the_test_authority()
    {
        await using var server = new TestSmtpServer(_sasl) { Certificate = _authority.Server.Certificate };

        CliResult result = await _folder.RunAsync(new TypingUser(), "smtp-auth", server.Address, "--user", "alice");

        Assert.True(result.ExitCode == 69, result.ToString());
    }

    [Fact]
    public async Task Required_TLS_that_is_not_offered_is_exit_code_69()
    {
        await using var server = new TestSmtpServer(_sasl);

        CliResult result = await RunAsync(server, new TypingUser(), "--user", "alice", "--starttls", "require");

        Assert.True(result.ExitCode == 69, result.ToString());
        Assert.Contains("does not offer STARTTLS", result.Error);
    }

    [Fact]
    public async Task Without_STARTTLS_a_mechanism_that_hides_the_password_is_used()
    {
        await using var server = new TestSmtpServer(_sasl) { Certificate = _authority.Server.Certificate };

        CliResult result = await RunAsync(server, "--user", "alice", "--starttls", "never");

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("Mechanism: SCRAM-SHA-512\n", result.Output);
        Assert.Contains("TLS: none", result.Output);
    }

    [Fact]
    public async Task A_required_binding_that_the_server_cannot_give_is_explained()
    {
        await using var server = new TestSmtpServer(Sasl([ScramMechanisms.Sha256])) { Certificate = _authority.Server.Certificate };

        CliResult result = await RunAsync(server, new TypingUser(), "--user", "alice", "--binding", "require");

        Assert.True(result.ExitCode == 76, result.ToString());
        Assert.Contains("SCRAM-SHA-256       hidden: ", result.Output);
    }

    [Fact]
    public async Task A_client_certificate_logs_in_without_a_password()
    {
        await using var server = new TestSmtpServer(_sasl) { Certificate = _authority.Server.Certificate, ClientAuthority = _authority.Certificate };

        CliResult result = await RunAsync(
            server, new TypingUser(), "--mechanism", "EXTERNAL", "--client-cert", _authority.Client.CertificateFile, "--client-key", _authority.Client.KeyFile);

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("Mechanism: EXTERNAL", result.Output);
    }

    [Fact]
    public async Task Anonymous_needs_neither_user_nor_password()
    {
        await using var server = new TestSmtpServer(_sasl) { Certificate = _authority.Server.Certificate };

        CliResult result = await RunAsync(server, new TypingUser(), "--mechanism", "ANONYMOUS");

        Assert.True(result.ExitCode == 0, result.ToString());
    }

    [Fact]
    public async Task A_password_may_come_from_a_file_the_environment_or_standard_input()
    {
        await using var server = new TestSmtpServer(_sasl) { Certificate = _authority.Server.Certificate };
        string file = _folder.Write("password", CliFolder.Password + "\n");
        string variable = $"SASL_TEST_{Guid.NewGuid():N}";
        Environment.SetEnvironmentVariable(variable, CliFolder.Password);

        CliResult fromFile = await RunAsync(server, new TypingUser(), "--user", "alice", "--password-file", file);
        CliResult fromEnvironment = await RunAsync(server, new TypingUser(), "--user", "alice", "--password-env", variable);
        CliResult fromInput = await _folder.RunAsync(CliFolder.Password + "\n", "smtp-auth", server.Address, "--ca-file", _authority.CaFile, "--user", "alice");
        Environment.SetEnvironmentVariable(variable, null);

        Assert.All([fromFile, fromEnvironment, fromInput], static result => Assert.True(result.ExitCode == 0, result.ToString()));
        Assert.Contains("Password: ", fromInput.Error);
    }

    [Theory]
    [InlineData("421 4.3.2 Shutting down", 75)]
    [InlineData("554 No", 76)]
    [InlineData("SSH-2.0-OpenSSH_9.2", 76)]
    [InlineData("22", 76)]
    public async Task A_server_that_does_not_greet_is_told_from_one_that_cannot_now(string greeting, int code)
    {
        await using var server = new TestSmtpServer(_sasl) { OnlySay = greeting };

        CliResult result = await RunAsync(server, new TypingUser(), "--user", "alice");

        Assert.True(result.ExitCode == code, result.ToString());
        Assert.Contains($"S: {greeting}\n", result.Output);
    }

    [Theory]
    [InlineData("454 4.7.0 Later", 75)]
    [InlineData("535 5.7.8 No", 1)]
    [InlineData("504 5.5.4 Unknown", 76)]
    [InlineData("535 \u001b[2J", 1)]
    public async Task The_servers_answer_decides_the_exit_code(string reply, int code)
    {
        await using var server = new TestSmtpServer(_sasl) { Certificate = _authority.Server.Certificate, AuthReply = reply };

        CliResult result = await RunAsync(server, "--user", "alice");

        Assert.True(result.ExitCode == code, result.ToString());
        Assert.DoesNotContain('\u001b', result.Output);
    }

    [Fact]
    public async Task What_somebody_put_before_the_handshake_ends_the_connection()
    {
        await using var server = new TestSmtpServer(_sasl) { Certificate = _authority.Server.Certificate, Injected = "\r\n250 AUTH PLAIN" };

        CliResult result = await RunAsync(server, new TypingUser(), "--user", "alice");

        Assert.True(result.ExitCode == 76, result.ToString());
        Assert.Contains("before the TLS handshake", result.Error);
    }

    [Fact]
    public async Task A_server_without_AUTH_is_said_to_have_none()
    {
        await using var server = new TestSmtpServer(sasl: null);

        CliResult result = await RunAsync(server, new TypingUser(), "--user", "alice");

        Assert.True(result.ExitCode == 76, result.ToString());
        Assert.Contains("does not offer AUTH", result.Error);
    }

    [Theory]
    [InlineData(CliFolder.Password, 0)]
    [InlineData("wrong", 1)]
    public async Task A_server_that_says_no_good_bye_does_not_hide_how_the_login_went(string password, int code)
    {
        await using var server = new TestSmtpServer(_sasl) { Certificate = _authority.Server.Certificate, EndsPolitely = false };

        CliResult result = await RunAsync(server, new TypingUser(), "--user", "alice", "--password-file", _folder.Write("password", password));

        Assert.True(result.ExitCode == code, result.ToString());
        Assert.Contains("--- the server did not say good-bye\n", result.Output);
        Assert.Contains("Outcome: ", result.Output);
    }

    [Fact]
    public async Task Nobody_at_the_port_is_exit_code_69()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string address = listener.LocalEndpoint.ToString()!;
        listener.Stop();

        CliResult result = await _folder.RunAsync(new TypingUser(), "smtp-auth", address, "--user", "alice");

        Assert.True(result.ExitCode == 69, result.ToString());
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost:0")]
    [InlineData("localhost:65536")]
    [InlineData("::1:25")]
    [InlineData("localhost:25", "--mechanism", "NOSUCH")]
    [InlineData("localhost:25", "--tls", "--starttls", "require")]
    [InlineData("localhost:25", "--starttls", "sometimes")]
    [InlineData("localhost:25", "--binding", "sometimes")]
    [InlineData("localhost:25", "--client-key", "x")]
    [InlineData("localhost:25", "--timeout", "0")]
    [InlineData("localhost:25", "--password-file", "x", "--password-env", "y")]
    [InlineData("localhost:25", "--token-file", "x", "--token-env", "y")]
    [InlineData("localhost:25", "--token-file", "/nonexistent/token")]
    [InlineData("localhost:25", "--token-env", "SASL_TEST_NO_SUCH_VARIABLE")]
    [InlineData("localhost:25", "--ca-file", "/nonexistent/ca.pem")]
    [InlineData("localhost:25", "--password-file", "/nonexistent/password")]
    [InlineData("localhost:25", "--password-env", "SASL_TEST_NO_SUCH_VARIABLE")]
    [InlineData("localhost:25", "--client-cert", "/nonexistent/cert.pem")]
    public async Task A_command_line_that_cannot_be_obeyed_is_exit_code_64(params string[] arguments)
    {
        CliResult result = await _folder.RunAsync(new TypingUser(), ["smtp-auth", .. arguments]);

        Assert.True(result.ExitCode == 64, result.ToString());
        Assert.NotEqual("", result.Error);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));

    private static SaslServer Sasl(ImmutableArray<SaslMechanism> mechanisms)
    {
        var store = new MemoryCredentialStore();
        store.StoreAsync(
            new SaslUser("alice", ""), [new SaslPropertyValue(SaslProperty.UserPassword.Name, Encoding.ASCII.GetBytes(CliFolder.Password))], CancellationToken.None)
            .AsTask().GetAwaiter().GetResult();
        return new SaslServer(new SaslServerOptions
        {
            Service = "smtp",
            ServerName = "localhost",
            Mechanisms = mechanisms,
            Policy = new SaslPolicy { Allow = [.. mechanisms.Select(static mechanism => mechanism.Name)] },
            CredentialStore = store,
            PasswordVerifier = new StoredPasswordVerifier(store, [PlainTextForm.Instance], new SaslWorkQueue()),
        });
    }

    private Task<CliResult> RunAsync(TestSmtpServer server, params string[] arguments) => RunAsync(server, new TypingUser(CliFolder.Password), arguments);

    private Task<CliResult> RunAsync(TestSmtpServer server, TypingUser user, params string[] arguments) =>
        _folder.RunAsync(user, ["smtp-auth", server.Address, "--ca-file", _authority.CaFile, .. arguments]);
}
