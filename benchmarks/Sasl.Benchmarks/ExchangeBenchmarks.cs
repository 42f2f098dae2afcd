using BenchmarkDotNet.Attributes;
using Sasl.Mechanisms;

namespace Sasl.Benchmarks;

/// <summary>Whole exchanges in memory, both halves: sessions created, authenticated and disposed. No socket, no back end that waits.</summary>
[MemoryDiagnoser]
[ShortRunJob]
public class ExchangeBenchmarks : IDisposable
{
    private static readonly SaslChannel s_tls = new() { ExternalSsf = 256 };

    private readonly SaslSecret _password = SaslSecret.FromText("secret");
    private SaslServer _server = null!;
    private SaslClient _client = null!;
    private string[] _offered = [];

    /// <summary>The mechanism.</summary>
    [Params("PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512")]
    public string Mechanism { get; set; } = "";

    /// <summary>One user with SCRAM keys and a plain-text password, in memory.</summary>
    [GlobalSetup]
    public async Task SetUpAsync()
    {
        var user = new SaslUser("alice", "");
        var store = new MemoryCredentialStore();
        await store.StoreAsync(user, [
            new SaslPropertyValue(SaslProperty.UserPassword.Name, "secret"u8.ToArray()),
            .. SaslMechanisms.Standard.Where(static mechanism => mechanism.DeriveSecrets is not null)
                .SelectMany(mechanism => mechanism.DeriveSecrets!(user, "secret"u8))], default);
        _offered = [Mechanism];
        _server = new SaslServer(new SaslServerOptions
        {
            Service = "smtp",
            ServerName = "localhost",
            Mechanisms = SaslMechanisms.Standard,
            Policy = SaslPolicy.Default with { Allow = [Mechanism] },
            CredentialStore = store,
            PasswordVerifier = new StoredPasswordVerifier(store, [PlainTextForm.Instance], new SaslWorkQueue()),
        });
        _client = new SaslClient(new SaslClientOptions
        {
            Service = "smtp",
            ServerName = "localhost",
            Mechanisms = SaslMechanisms.Standard,
            Policy = SaslPolicy.Default with { Allow = [Mechanism] },
            UserName = "alice",
            Password = _password,
        });
    }

    /// <summary>A login; the client has logged in before, so SCRAM's keys are cached.</summary>
    [Benchmark]
    public async Task<bool> LogInAsync()
    {
        using SaslServerSession server = _server.CreateSession(s_tls);
        using SaslClientSession client = _client.CreateSession(s_tls);
        SaslReply fromClient = await client.StartAsync(_offered);
        SaslReply fromServer = await server.StartAsync(Mechanism, fromClient.Message);
        while (fromServer.NeedsMore)
        {
            fromClient = await client.StepAsync(fromServer.Message ?? default);
            fromServer = await server.StepAsync(fromClient.Message ?? default);
        }
        return fromServer.IsSuccess && (await client.CompleteAsync()).IsSuccess
            ? true : throw new InvalidOperationException("The login failed.");
    }

    /// <summary>What every connection costs, before anybody authenticates.</summary>
    [Benchmark]
    public int CreateSession()
    {
        using SaslServerSession server = _server.CreateSession(s_tls);
        return server.Mechanisms.Length;
    }

    /// <inheritdoc/>
    [GlobalCleanup]
    public void Dispose()
    {
        _client.Dispose();
        _password.Dispose();
        GC.SuppressFinalize(this);
    }
}
