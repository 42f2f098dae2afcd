using System.Text;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Saslauthd.Tests.Verifiers;

/// <summary>Servers whose configuration names a password daemon, and nothing else.</summary>
public sealed class ConfiguredServerTests
{
    private static readonly SaslChannel s_tls = new() { ExternalSsf = 256 };

    private readonly List<string> _log = [];

    [PeerFact("saslauthd")]
    public async Task A_server_with_saslauthd_alone_offers_PLAIN_and_LOGIN_and_asks_Debians_daemon()
    {
        await using SaslauthdPeer peer = await SaslauthdPeer.StartAsync(new() { Mechanism = "pam" });
        using SaslServerSetup setup = Build($"pwcheck_method: saslauthd\nsaslauthd_path: {peer.SocketPath}\nlog_level: 4");
        using SaslServerSession session = setup.Server.CreateSession(s_tls);
        Assert.Equal(["PLAIN", "LOGIN"], session.Mechanisms.Select(static mechanism => mechanism.Name));
        Assert.Empty(setup.Explanation.Warnings);
        Assert.True((await LogInAsync(setup, "alice", "secret")).IsSuccess);
        Assert.Equal(SaslError.InvalidCredentials, (await LogInAsync(setup, "alice", "wrong")).Error);
        Assert.Contains(
            "PLAIN: failed (InvalidCredentials: password mismatch), user \"alice\", decided by saslauthd (\"PAM auth error\"), service smtp", _log);
    }

    [Theory]
    [InlineData("saslauthd", "saslauthd_path")]
    [InlineData("pwcheck", "pwcheck_path")]
    [InlineData("authdaemond", "authdaemond_path")]
    [InlineData("authdaemond", "authdaemon_path")]
    public async Task A_daemon_that_does_not_run_is_a_warning_at_the_start_and_a_temporary_failure_at_each_login(string method, string key)
    {
        using PrivateDirectory directory = PrivateDirectory.Create("absent");
        using SaslServerSetup setup = Build($"pwcheck_method: {method}\n{key}: {directory.At("mux")}\nlog_level: 4");
        SaslConfigurationWarning warning = Assert.Single(setup.Explanation.Warnings);
        Assert.StartsWith($"smtpd.conf(2): {key}: {method} has no socket at {directory.At("mux")}", warning.ToString(), StringComparison.Ordinal);
        Assert.Equal(SaslError.TemporaryFailure, (await LogInAsync(setup, "alice", "secret")).Error);
        Assert.Contains(_log, line => line.Contains($"the password verifier '{method}' could not answer: {method} has no socket at", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_key_of_saslauthd_has_its_effect()
    {
        await using FakeDaemon daemon = FakeDaemon.Saying("\0\u0002OK");
        using SaslServerSetup setup = Build(
            $"pwcheck_method: saslauthd\nsaslauthd_path: {daemon.Folder}\nsaslauthd_client_address: yes\nsaslauthd_timeout: 7\nsaslauthd_max_connections: 3");
        Assert.True((await LogInAsync(setup, "alice", "secret")).IsSuccess);
        Assert.EndsWith("\0\u0004smtp\0\0\0\0", daemon.Requests[^1], StringComparison.Ordinal);
        Assert.Equal(
            $"smtpd.conf(2): saslauthd_path: is a folder; {daemon.Path} is asked. Cyrus SASL takes only the socket itself", Assert.Single(setup.Explanation.Warnings).ToString());
        Assert.Equal([daemon.Path], ((SaslauthdVerifier)Assert.Single(setup.PasswordVerifiers).Verifier).Paths.ToArray());
    }

    [Theory]
    [InlineData("saslauthd_timeout: 0", "accepted are whole numbers from 1 to 3600")]
    [InlineData("saslauthd_connect_timeout: 3601", "accepted are whole numbers from 0 to 3600")]
    [InlineData("saslauthd_max_connections: many", "accepted are whole numbers from 1 to 10000")]
    [InlineData("saslauthd_path: /x", "no socket can have that path: it is too long")]
    public void A_value_that_cannot_be_used_stops_the_server(string line, string accepted)
    {
        string text = line == "saslauthd_path: /x" ? line + new string('x', 200) : line;
        SaslConfigurationException exception = Assert.Throws<SaslConfigurationException>(() => Build($"pwcheck_method: saslauthd\n{text}"));
        Assert.StartsWith("smtpd.conf(2): ", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith(accepted, exception.Message, StringComparison.Ordinal);
    }

    [PeerFact("saslauthd", "saslpasswd2")]
    public async Task A_login_through_saslauthd_fills_the_store_of_auto_transition()
    {
        await using SaslauthdPeer peer = await SaslauthdPeer.StartAsync();
        using PrivateDirectory directory = PrivateDirectory.Create("transition");
        string conf = $"pwcheck_method: auxprop saslauthd\nsaslauthd_path: {peer.SocketPath}\nauto_transition: noplain\nauxprop_plugin: sasldb\nsasldb_path: ";
        SaslauthdVerifier verifier;
        using (SaslServerSetup setup = Build(conf + directory.At("sasldb2")))
        {
            verifier = (SaslauthdVerifier)setup.PasswordVerifiers[1].Verifier;
            await setup.Stores.Select(static link => link.Store).OfType<IWritableCredentialStore>().Single().StoreAsync(
                new SaslUser("somebody", "mail.example.com"), [new SaslPropertyValue("userPassword", "else"u8.ToArray())], default);
            Assert.True((await LogInAsync(setup, "alice", "secret")).IsSuccess);
            await peer.StopAsync();
            Assert.True((await LogInAsync(setup, "alice", "secret")).IsSuccess);
        }
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await verifier.AskAsync("alice", "secret"));
    }

    private SaslServerSetup Build(string conf)
    {
        var builder = new SaslServerBuilder { ServerName = "mail.example.com", Log = (_, line) => _log.Add(line) };
        return builder.Build("smtp", SaslConfiguration.Parse(conf, "smtpd.conf"));
    }

    private static async Task<SaslReply> LogInAsync(SaslServerSetup setup, string user, string password)
    {
        using SaslServerSession session = setup.Server.CreateSession(s_tls);
        return await session.StartAsync("PLAIN", Encoding.UTF8.GetBytes($"\0{user}\0{password}"));
    }
}
