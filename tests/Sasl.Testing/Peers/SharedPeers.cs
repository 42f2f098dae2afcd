using Xunit;

namespace Sasl.Testing.Peers;

/// <summary>
/// The expensive peers, each started when a test first asks for it and stopped when the last test of the collection has ended. A test
/// assembly makes it a collection fixture: <c>[CollectionDefinition("Peers")] public sealed class PeersCollection : ICollectionFixture&lt;SharedPeers&gt;;</c>.
/// </summary>
public sealed class SharedPeers : IAsyncLifetime
{
    private readonly Lazy<TestAuthority> _authority = new(static () => TestAuthority.Create());
    private readonly Lazy<Task<PostfixServer>> _postfix;
    private readonly Lazy<Task<DovecotSubmission>> _dovecot;
    private readonly Lazy<Task<PostgresServer>> _postgres;
    private readonly Lazy<Task<SlapdPeer>> _slapd;
    private readonly Lazy<Task<CyrusSample>> _cyrus = new(static () => CyrusSample.StartAsync());

    /// <summary>Starts nothing yet.</summary>
    public SharedPeers()
    {
        _postfix = new Lazy<Task<PostfixServer>>(() => PostfixServer.StartAsync(Authority));
        _dovecot = new Lazy<Task<DovecotSubmission>>(() => DovecotSubmission.StartAsync(Authority));
        _postgres = new Lazy<Task<PostgresServer>>(() => PostgresServer.StartAsync(Authority));
        _slapd = new Lazy<Task<SlapdPeer>>(() => SlapdPeer.StartAsync(Authority));
    }

    /// <summary>The authority whose server certificate the servers have.</summary>
    public TestAuthority Authority => _authority.Value;

    /// <summary>A Postfix with every mechanism of the harness.</summary>
    public Task<PostfixServer> PostfixAsync() => _postfix.Value;

    /// <summary>A Dovecot submission server.</summary>
    public Task<DovecotSubmission> DovecotAsync() => _dovecot.Value;

    /// <summary>A PostgreSQL server.</summary>
    public Task<PostgresServer> PostgresAsync() => _postgres.Value;

    /// <summary>OpenLDAP's server.</summary>
    public Task<SlapdPeer> SlapdAsync() => _slapd.Value;

    /// <summary>Cyrus's sample programs and their sasldb2.</summary>
    public Task<CyrusSample> CyrusAsync() => _cyrus.Value;

    /// <inheritdoc/>
    public Task InitializeAsync() => Task.CompletedTask;

    /// <summary>Stops what was started.</summary>
    public async Task DisposeAsync()
    {
        await StopAsync(_postfix);
        await StopAsync(_dovecot);
        await StopAsync(_postgres);
        await StopAsync(_slapd);
        await StopAsync(_cyrus);
        if (_authority.IsValueCreated)
        {
            _authority.Value.Dispose();
        }
    }

    private static async Task StopAsync<T>(Lazy<Task<T>> peer)
        where T : IAsyncDisposable
    {
        if (peer.IsValueCreated && peer.Value.IsCompletedSuccessfully)
        {
            await (await peer.Value).DisposeAsync();
        }
    }
}
