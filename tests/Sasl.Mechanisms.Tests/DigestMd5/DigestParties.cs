using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Sasl.Mechanisms.Tests;

/// <summary>A server with alice, whose password is pencil, and a client for it.</summary>
internal sealed class DigestParties : IDisposable
{
    public const string Password = "pencil";
    public const string Name = "DIGEST-MD5";

    private readonly SaslSecret _password;

    public DigestParties(
        int serverMax = 0, int clientMax = 0, int min = 0, DigestMd5Options? options = null, string password = Password, string user = "alice",
        string? authzid = null, string realm = "", string stored = Password, string clientRealm = "", bool sameNonce = false)
    {
        SaslMechanism mechanism = SaslMechanisms.Create(new SaslMechanismOptions { DigestMd5 = options ?? DigestMd5Options.Default }).First(one => one.Name == Name);
        Store.Add(new SaslUser(user, realm), "userPassword", Encoding.UTF8.GetBytes(stored));
        Server = new SaslServer(new SaslServerOptions
        {
            Service = "imap",
            ServerName = "srv.example.com",
            Realm = realm,
            Mechanisms = [mechanism],
            Policy = new SaslPolicy { Allow = [Name], MaxSsf = serverMax, MinSsf = min },
            CredentialStore = Store,
            Clock = Clock,
            Nonces = sameNonce ? new Zeros() : SaslNonceSource.Random,
        });
        _password = SaslSecret.FromText(password);
        Client = new SaslClient(new SaslClientOptions
        {
            Service = "imap",
            ServerName = "srv.example.com",
            Realm = clientRealm,
            Mechanisms = [mechanism],
            Policy = new SaslPolicy { Allow = [Name], MaxSsf = clientMax, MinSsf = min },
            UserName = user,
            Password = _password,
            AuthorizationId = authzid,
            Clock = Clock,
        });
    }

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UnixEpoch.AddYears(50));

    public MemoryCredentialStore Store { get; } = new();

    public SaslServer Server { get; }

    public SaslClient Client { get; }

    /// <summary>Runs one login to its end and keeps both sessions open.</summary>
    public async Task<DigestRun> LogInAsync()
    {
        var run = new DigestRun(Server.CreateSession(SaslChannel.Plaintext), Client.CreateSession(SaslChannel.Plaintext));
        await run.GoAsync();
        return run;
    }

    private sealed class Zeros : SaslNonceSource
    {
        public override void Fill(Span<byte> destination) => destination.Clear();
    }

    public void Dispose()
    {
        Client.Dispose();
        _password.Dispose();
        Store.Dispose();
    }
}
