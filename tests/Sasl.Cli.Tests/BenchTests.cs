using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Sasl.Mechanisms;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Cli.Tests;

[Collection(PeersCollection.Name)]
public sealed partial class BenchTests(SharedPeers peers) : IDisposable
{
    private readonly CliFolder _folder = new();
    private readonly SaslServer _sasl = Server();

    public static TheoryData<string> WithPassword => ["PLAIN", "CRAM-MD5", "SCRAM-SHA-256"];

    [Theory]
    [MemberData(nameof(WithPassword))]
    public async Task Our_server_bears_a_load_and_the_figures_add_up(string mechanism)
    {
        await using var server = new TestSmtpServer(_sasl);

        CliResult result = await RunAsync(server.Address, CliFolder.Password, "--mech", mechanism, "--connections", "4", "--duration", "1");

        Assert.True(result.ExitCode == 0, result.ToString());
        Match logins = Logins().Match(result.Output);
        Assert.True(logins.Success && int.Parse(logins.Groups[1].Value) > 0, result.ToString());
        Assert.Equal(2, Latencies().Count(result.Output));
        Assert.Contains("Failures: 0\n", result.Output);
        Assert.DoesNotContain(CliFolder.Password, result.Output + result.Error);
    }

    [Fact]
    public async Task Refused_logins_are_counted_by_kind()
    {
        await using var server = new TestSmtpServer(_sasl);

        CliResult result = await RunAsync(server.Address, "wrong horse", "--mech", "PLAIN", "--connections", "2", "--duration", "1");

        Assert.Equal(69, result.ExitCode);
        Assert.Contains("Logins: 0 in", result.Output);
        Assert.Matches(@"Failures: [1-9]\d*\n  [1-9]\d* InvalidCredentials\n", result.Output);
    }

    [Fact]
    public async Task A_mechanism_that_is_not_offered_is_a_failure_of_its_own_kind()
    {
        await using var server = new TestSmtpServer(new SaslServer(Options() with { Mechanisms = [SaslMechanisms.CramMd5] }));

        CliResult result = await RunAsync(server.Address, CliFolder.Password, "--mech", "PLAIN", "--duration", "1", "--connections", "1");

        Assert.Contains(" MechanismUnavailable\n", result.Output);
    }

    [Fact]
    public async Task Nobody_listening_is_exit_code_69()
    {
        using var unused = new TcpListener(IPAddress.Loopback, 0);
        unused.Start();
        string address = unused.LocalEndpoint.ToString()!;
        unused.Stop();

        CliResult result = await RunAsync(address, CliFolder.Password, "--mech", "PLAIN", "--duration", "1", "--connections", "1");

        Assert.Equal(69, result.ExitCode);
        Assert.Contains(" ConnectionRefused\n", result.Output);
    }

    [Fact]
    public async Task Another_machine_is_not_put_under_load_unless_somebody_insists()
    {
        CliResult result = await RunAsync("192.0.2.1:25", CliFolder.Password, "--mech", "PLAIN", "--duration", "1");

        Assert.Equal(64, result.ExitCode);
        Assert.Contains("--insist-remote", result.Error);
    }

    [Theory]
    [InlineData("--connections", "0")]
    [InlineData("--connections", "1001")]
    [InlineData("--duration", "0")]
    [InlineData("--duration", "601")]
    [InlineData("--mech", "SUPER")]
    public async Task What_is_out_of_bounds_is_refused(string option, string value)
    {
        string[] mechanism = option == "--mech" ? [] : ["--mech", "PLAIN"];
        CliResult result = await RunAsync("127.0.0.1:1", CliFolder.Password, [.. mechanism, option, value]);
        Assert.Equal(64, result.ExitCode);
    }

    [Theory]
    [InlineData("127.0.0.1:25")]
    [InlineData("imap://127.0.0.1:143")]
    [InlineData("smtp://127.0.0.1")]
    public async Task An_address_of_another_form_is_refused(string address)
    {
        CliResult result = await _folder.RunAsync("bench", address, "--mech", "PLAIN");
        Assert.Equal(64, result.ExitCode);
    }

    [PeerTheory("postfix")]
    [MemberData(nameof(WithPassword))]
    public async Task Postfix_bears_a_load(string mechanism)
    {
        PostfixServer postfix = await peers.PostfixAsync();

        CliResult result = await RunAsync($"127.0.0.1:{postfix.Port}", "secret", "--mech", mechanism, "--connections", "2", "--duration", "1");

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("Failures: 0\n", result.Output);
    }

    [Fact]
    public void Percentiles_are_within_two_percent_and_none_is_above_the_greatest()
    {
        var histogram = new LatencyHistogram();
        for (int i = 1; i <= 10_000; i++)
            histogram.Add(TimeSpan.FromMicroseconds(i));

        Assert.Equal(10_000, histogram.Count);
        Assert.InRange(histogram.Percentile(0.5).TotalMicroseconds, 5_000, 5_100);
        Assert.InRange(histogram.Percentile(0.99).TotalMicroseconds, 9_900, 10_000);
        Assert.Equal(TimeSpan.FromMicroseconds(10_000), histogram.Percentile(1));
        Assert.Equal(TimeSpan.FromMicroseconds(10_000), histogram.Max);
        Assert.Equal(TimeSpan.Zero, new LatencyHistogram().Percentile(0.5));
    }

    [Fact]
    public void A_day_fits_into_the_histogram()
    {
        var histogram = new LatencyHistogram();
        histogram.Add(TimeSpan.FromDays(1));
        Assert.Equal(TimeSpan.FromDays(1), histogram.Max);
        Assert.Equal(1, histogram.Count);
    }

    public void Dispose() => _folder.Dispose();

    private static SaslServer Server() => new(Options());

    private static SaslServerOptions Options()
    {
        var store = new MemoryCredentialStore();
        store.Add(new SaslUser("alice", ""), SaslProperty.UserPassword.Name, System.Text.Encoding.UTF8.GetBytes(CliFolder.Password));
        return new SaslServerOptions
        {
            Service = "smtp",
            ServerName = "localhost",
            Mechanisms = SaslMechanisms.Standard,
            Policy = new SaslPolicy { Allow = ["SCRAM-SHA-256", "CRAM-MD5", "PLAIN"] },
            CredentialStore = store,
            PasswordVerifier = new StoredPasswordVerifier(store, [PlainTextForm.Instance], new SaslWorkQueue()),
        };
    }

    private Task<CliResult> RunAsync(string address, string password, params string[] arguments) =>
        _folder.RunAsync(new TypingUser(password), ["bench", $"smtp://{address}", "--user", "alice", .. arguments]);

    [GeneratedRegex(@"Logins: (\d+) in [\d.]+ s, [\d.]+ a second")]
    private static partial Regex Logins();

    [GeneratedRegex(@"p50 [\d.]+ ms, p95 [\d.]+ ms, p99 [\d.]+ ms, max [\d.]+ ms")]
    private static partial Regex Latencies();
}
