using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Saslauthd.Tests.Ldap;

/// <summary>Servers that are no directory.</summary>
public sealed class LdapMisbehaviourTests : IDisposable
{
    private readonly CheckerRun _run = new();
    private readonly SaslWorkQueue _work = new(maxRunning: 16);

    public void Dispose() => _work.Dispose();

    [Theory]
    [InlineData("ldap", false)]
    [InlineData("ldap", true)]
    [InlineData("ldaps", false)]
    public async Task A_server_that_says_nothing_costs_the_time_limit_and_no_more(string scheme, bool startTls)
    {
        await using FakeServer server = FakeServer.Start((_, _, token) => Task.Delay(Timeout.Infinite, token));
        using LdapVerifier verifier = Verifier(server.Port, scheme, startTls);
        PasswordVerdict verdict = await _run.AskAsync(verifier, "alice", "secret");
        Assert.Equal(PasswordOutcome.Unavailable, verdict.Outcome);
        Assert.Single(_run.Warnings);
        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task Half_an_answer_costs_the_time_limit_and_no_more()
    {
        await using FakeServer server = FakeServer.Start(async (_, stream, token) =>
        {
            await stream.WriteAsync("\u0030\u000c\u0002"u8.ToArray(), token);
            await Task.Delay(Timeout.Infinite, token);
        });
        using LdapVerifier verifier = Verifier(server.Port, "ldap", startTls: false);
        Assert.Equal(PasswordOutcome.Unavailable, await _run.OutcomeAsync(verifier, "alice", "secret"));
        Assert.Equal(1, server.Connections);
    }

    [Theory]
    [InlineData("")]
    [InlineData("220 mail.example.com ESMTP\r\n")]
    [InlineData("\u0030\u0084\u007f\u00ff\u00ff\u00ff")]
    [InlineData("\u0030\u0080\u0002\u0001\u0001")]
    [InlineData("\u0030\u000c\u0002\u0001\u0001\u0061\u0007\u000a\u0001\u0000\u0004\u0000\u0004")]
    public async Task A_server_that_says_what_no_directory_says_is_a_temporary_failure(string greeting)
    {
        await using FakeServer server = FakeServer.Start(async (_, stream, token) =>
        {
            byte[] request = new byte[4];
            await stream.ReadExactlyAsync(request, token);
            await stream.WriteAsync(System.Text.Encoding.Latin1.GetBytes(greeting), token);
        });
        using LdapVerifier verifier = Verifier(server.Port, "ldap", startTls: false);
        Assert.Equal(PasswordOutcome.Unavailable, await _run.OutcomeAsync(verifier, "alice", "secret"));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_temporary_failure()
    {
        using LdapVerifier verifier = Verifier(FreePort.Find(), "ldap", startTls: false);
        Assert.Equal(PasswordOutcome.Unavailable, await _run.OutcomeAsync(verifier, "alice", "secret"));
        Assert.Single(_run.Warnings);
    }

    [Theory]
    [InlineData(LdapAuthMethod.Bind, false)]
    [InlineData(LdapAuthMethod.Custom, false)]
    [InlineData(LdapAuthMethod.FastBind, false)]
    [InlineData(LdapAuthMethod.FastBind, true)]
    public async Task An_empty_password_is_never_sent(LdapAuthMethod method, bool useSasl)
    {
        await using FakeServer server = FakeServer.Start((_, _, _) => Task.CompletedTask);
        using var verifier = new LdapVerifier(
            new LdapOptions { Servers = [$"ldap://127.0.0.1:{server.Port}"], Method = method, UseSasl = useSasl }, _work, _run.Warn);
        Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(verifier, "alice", ""));
        Assert.Equal(0, server.Connections);
    }

    private LdapVerifier Verifier(int port, string scheme, bool startTls) => new(
        new LdapOptions { Servers = [$"{scheme}://127.0.0.1:{port}"], StartTls = startTls, Timeout = TimeSpan.FromSeconds(1) }, _work, _run.Warn);
}
