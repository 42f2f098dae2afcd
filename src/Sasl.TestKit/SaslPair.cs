using System.Text;

namespace Sasl.TestKit;

/// <summary>A server with one account and a client for it, in memory: what a test of an application, or of a mechanism, and a benchmark begin with.</summary>
/// <remarks>The two objects are the library's own, so that everything that is true of a pair is true of an application. Thread-safe, as they are.</remarks>
public sealed class SaslPair : IDisposable
{
    private readonly SaslPairOptions _options;
    private readonly MemoryCredentialStore _store = new();
    private readonly SaslSecret _password;

    /// <summary>Makes both.</summary>
    /// <param name="options">What they are like.</param>
    /// <exception cref="SaslConfigurationException">No mechanism can be offered.</exception>
    public SaslPair(SaslPairOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _password = SaslSecret.FromText(options.TriedPassword ?? options.Password);
        StorePassword();
        var policy = new SaslPolicy { MinSsf = options.Ssf.Min, MaxSsf = options.Ssf.Max, Allow = [.. options.Mechanisms.Select(static mechanism => mechanism.Name)] };
        SaslServerOptions server = ServerOptions(policy);
        SaslClientOptions client = ClientOptions(policy);
        Server = new SaslServer(options.ConfigureServer?.Invoke(server) ?? server);
        Client = new SaslClient(options.ConfigureClient?.Invoke(client) ?? client);
    }

    /// <summary>The server.</summary>
    public SaslServer Server { get; }

    /// <summary>The client. It keeps what it has derived from the password, as a client does that logs in all day.</summary>
    public SaslClient Client { get; }

    /// <summary>The server's accounts.</summary>
    public MemoryCredentialStore Store => _store;

    /// <summary>Holds one conversation to its end, whichever that is.</summary>
    /// <param name="mechanism">The only mechanism that the client is offered.</param>
    /// <param name="cancellationToken">Cancels waiting for a back end.</param>
    /// <returns>How it ended; the caller disposes it, and with it both sessions.</returns>
    /// <exception cref="InvalidOperationException">The two sides do not come to an end.</exception>
    public async ValueTask<SaslPairLogin> LogInAsync(string mechanism, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(mechanism);
        var login = new SaslPairLogin(Server.CreateSession(_options.Channel), Client.CreateSession(_options.Channel), _options.KeepMessages);
        try
        {
            await login.RunAsync(mechanism, cancellationToken).ConfigureAwait(false);
            return login;
        }
        catch
        {
            login.Dispose();
            throw;
        }
    }

    /// <summary>Erases the accounts and what the client has derived.</summary>
    public void Dispose()
    {
        Client.Dispose();
        _password.Dispose();
        _store.Dispose();
    }

    private void StorePassword()
    {
        byte[] password = Encoding.UTF8.GetBytes(_options.Password);
        var user = new SaslUser(_options.UserName, _options.Realm);
        _store.Add(user, SaslProperty.UserPassword.Name, password);
        if (!_options.StoreDerived)
            return;
        foreach (SaslPropertyValue value in _options.Mechanisms.SelectMany(mechanism => mechanism.DeriveSecrets?.Invoke(user, password) ?? []))
        {
            if (value.Value is { } octets)
                _store.Add(user, value.Name, octets.Span);
        }
    }

    private SaslServerOptions ServerOptions(SaslPolicy policy) => new()
    {
        Service = "smtp",
        ServerName = "localhost",
        Realm = _options.Realm,
        Mechanisms = _options.Mechanisms,
        Policy = policy,
        CredentialStore = _store,
        PasswordVerifier = new StoredPasswordVerifier(_store, _options.PasswordForms, new SaslWorkQueue()),
        Nonces = _options.ServerNonces,
        Clock = _options.Clock,
        SuccessData = _options.SuccessData,
    };

    private SaslClientOptions ClientOptions(SaslPolicy policy) => new()
    {
        Service = "smtp",
        ServerName = "localhost",
        Mechanisms = _options.Mechanisms,
        Policy = policy,
        UserName = _options.UserName,
        AuthorizationId = _options.AuthorizationId,
        Password = _password,
        Nonces = _options.ClientNonces,
        Clock = _options.Clock,
    };
}
