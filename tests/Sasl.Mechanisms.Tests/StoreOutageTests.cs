using System.Text;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>While one store of a chain is down and passed over, nobody can tell whom the others know.</summary>
public sealed class StoreOutageTests : IDisposable
{
    private readonly MemoryCredentialStore _store = new();
    private readonly Recorder _observer = new();
    private readonly SaslServer _server;

    public StoreOutageTests()
    {
        _store.Add(new SaslUser("alice", ""), "userPassword", "pencil"u8);
        _server = new SaslServer(new SaslServerOptions
        {
            Service = "imap",
            Mechanisms = SaslMechanisms.Standard,
            Policy = new SaslPolicy { Allow = ["SCRAM-SHA-256", "CRAM-MD5"] },
            CredentialStore = new CredentialStoreChain([new("sql", new DownStore()) { OnError = SaslChainErrorRule.Continue }, new("memory", _store)]),
            Observer = _observer,
            SuccessData = true,
        });
    }

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("CRAM-MD5")]
    public async Task A_right_password_still_logs_in(string mechanism) => Assert.Equal([SaslError.None], await LogInAsync(mechanism, "alice", "pencil"));

    [Theory]
    [InlineData("SCRAM-SHA-256", "alice")]
    [InlineData("SCRAM-SHA-256", "nobody")]
    [InlineData("CRAM-MD5", "alice")]
    [InlineData("CRAM-MD5", "nobody")]
    public async Task Whatever_is_wrong_is_a_temporary_failure_in_the_last_step(string mechanism, string user)
    {
        Assert.Equal([SaslError.TemporaryFailure], await LogInAsync(mechanism, user, "wrong"));
        Assert.Equal("the credential store 'sql' could not answer", _observer.Thrown?.Message);
    }

    [Fact]
    public async Task The_next_attempt_on_the_connection_starts_afresh()
    {
        using SaslServerSession session = _server.CreateSession(SaslChannel.Plaintext);
        await session.StartAsync("CRAM-MD5");
        Assert.Equal(SaslError.TemporaryFailure, (await session.StepAsync(Encoding.ASCII.GetBytes($"alice {new string('0', 32)}"))).Error);
        await session.StartAsync("CRAM-MD5");
        Assert.Equal(SaslError.InvalidCredentials, (await session.StepAsync(Encoding.ASCII.GetBytes($"@ {new string('0', 32)}"))).Error);
    }

    // The answer to the last message of the mechanism; an answer that came earlier has its step before it.
    private async Task<SaslError[]> LogInAsync(string mechanism, string user, string password)
    {
        using var secret = SaslSecret.FromText(password);
        using var client = new SaslClient(new SaslClientOptions
        {
            Service = "imap", ServerName = "srv.example.com", Mechanisms = SaslMechanisms.Standard,
            Policy = new SaslPolicy { Allow = [mechanism] }, UserName = user, Password = secret,
        });
        using SaslServerSession server = _server.CreateSession(SaslChannel.Plaintext);
        using SaslClientSession session = client.CreateSession(SaslChannel.Plaintext);
        SaslReply toServer = await session.StartAsync([mechanism]);
        SaslReply first = await server.StartAsync(mechanism, toServer.Message);
        if (!first.NeedsMore)
            return [SaslError.None, first.Error];
        toServer = await session.StepAsync(first.Message!.Value);
        return [(await server.StepAsync(toServer.Message!.Value)).Error];
    }

    private sealed class DownStore : ICredentialStore
    {
        public ValueTask<bool> LookupAsync(SaslUser user, PropertySet properties, CancellationToken cancellationToken) => throw new IOException("down");
    }

    private sealed class Recorder : SaslObserver
    {
        public Exception? Thrown { get; private set; }

        public override void BackendThrew(SaslAttempt attempt, Exception exception) => Thrown = exception;
    }
}
