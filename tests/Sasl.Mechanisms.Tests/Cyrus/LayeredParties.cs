using System.Text;

namespace Sasl.Mechanisms.Tests;

/// <summary>A server that knows alice, and a client for it, with a mechanism that has layers.</summary>
internal sealed class LayeredParties : IDisposable
{
    private readonly SaslSecret _password;
    private readonly string _name;

    public LayeredParties(
        SaslMechanism mechanism, SaslMechanism? clientMechanism = null, int serverMax = 0, int clientMax = 0, int serverMin = 0, int clientMin = 0, string password = "secret", string user = "alice",
        string realm = "", string stored = "secret", string? authzid = null, SaslNonceSource? serverNonces = null, SaslNonceSource? clientNonces = null, int maxBuffer = 65536,
        int? clientMaxBuffer = null)
    {
        _name = mechanism.Name;
        if (stored.Length > 0)
            Store.Add(new SaslUser("alice", realm), "userPassword", Encoding.UTF8.GetBytes(stored));
        Server = new SaslServer(new SaslServerOptions
        {
            Service = "imap",
            ServerName = "srv.example.com",
            Realm = realm,
            Mechanisms = [mechanism],
            Policy = new SaslPolicy { Allow = [_name], MaxSsf = serverMax, MinSsf = serverMin, MaxBuffer = maxBuffer },
            CredentialStore = Store,
            PasswordVerifier = new StoredPasswordVerifier(Store, [PlainTextForm.Instance], new SaslWorkQueue()),
            DecoyKey = new byte[32],
            Nonces = serverNonces ?? SaslNonceSource.Random,
        });
        _password = SaslSecret.FromText(password);
        Client = new SaslClient(new SaslClientOptions
        {
            Service = "imap",
            ServerName = "srv.example.com",
            Mechanisms = [clientMechanism ?? mechanism],
            Policy = new SaslPolicy { Allow = [_name], MaxSsf = clientMax, MinSsf = clientMin, MaxBuffer = clientMaxBuffer ?? maxBuffer },
            UserName = user,
            AuthorizationId = authzid,
            Password = _password,
            Nonces = clientNonces ?? SaslNonceSource.Random,
        });
    }

    public MemoryCredentialStore Store { get; } = new();

    public SaslServer Server { get; }

    public SaslClient Client { get; }

    /// <summary>One login; somebody on the way may change what is said.</summary>
    /// <param name="onTheWay">Gets the message's number, from 0, and the message.</param>
    public async Task<LayeredRun> LogInAsync(Func<int, byte[], byte[]>? onTheWay = null)
    {
        var run = new LayeredRun(Server.CreateSession(SaslChannel.Plaintext), Client.CreateSession(SaslChannel.Plaintext));
        await run.GoAsync(_name, onTheWay ?? (static (_, message) => message));
        return run;
    }

    public void Dispose()
    {
        Client.Dispose();
        _password.Dispose();
        Store.Dispose();
    }
}
