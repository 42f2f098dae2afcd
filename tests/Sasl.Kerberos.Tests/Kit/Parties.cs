using System.Collections.Immutable;

namespace Sasl.Kerberos.Tests;

/// <summary>A server and a client with Kerberos mechanisms and nothing else.</summary>
internal sealed class Parties : IDisposable
{
    public Parties(
        KerberosOptions? server = null, KerberosOptions? client = null, int serverMax = 0, int clientMax = 0, int serverMin = 0, int clientMin = 0,
        string? authzid = null, string service = "sample", string host = "localhost", int maxBuffer = 4096, bool successData = false, string realm = "")
    {
        Observer = new Watcher();
        Server = new SaslServer(new SaslServerOptions
        {
            Service = service,
            ServerName = host,
            Realm = realm,
            Mechanisms = KerberosMechanisms.Create(server),
            Policy = new SaslPolicy { MaxSsf = serverMax, MinSsf = serverMin, MaxBuffer = maxBuffer },
            Observer = Observer,
            SuccessData = successData,
        });
        Client = new SaslClient(new SaslClientOptions
        {
            Service = service,
            ServerName = host,
            Mechanisms = KerberosMechanisms.Create(client),
            Policy = new SaslPolicy { MaxSsf = clientMax, MinSsf = clientMin, MaxBuffer = maxBuffer },
            AuthorizationId = authzid,
        });
    }

    public SaslServer Server { get; }

    public SaslClient Client { get; }

    public Watcher Observer { get; }

    /// <summary>A channel with binding data.</summary>
    public static SaslChannel Bound { get; } = BoundTo("the exported octets of this connection");

    public static ImmutableArray<string> All => KerberosMechanisms.Names;

    /// <summary>A channel on which the mechanism is offered.</summary>
    public static SaslChannel ChannelFor(string mechanism) => mechanism == KerberosMechanisms.Gs2PlusName ? Bound : SaslChannel.Plaintext;

    /// <summary>A channel with binding data of one's own.</summary>
    public static SaslChannel BoundTo(string data, string type = SaslChannelBindings.TlsExporter) => new()
    {
        ExternalSsf = 256,
        Bindings = SaslChannelBindings.Of((type, System.Text.Encoding.UTF8.GetBytes(data))),
    };

    /// <summary>Runs one login to its end and keeps both sessions open.</summary>
    public async Task<Login> LogInAsync(string mechanism, SaslChannel? channel = null, SaslChannel? clientChannel = null, Func<int, byte[], byte[]>? meddle = null)
    {
        var login = new Login(Server.CreateSession(channel ?? SaslChannel.Plaintext), Client.CreateSession(clientChannel ?? channel ?? SaslChannel.Plaintext));
        await login.GoAsync(mechanism, meddle);
        return login;
    }

    public void Dispose() => Client.Dispose();
}
