using System.Collections.Immutable;
using System.Text;

namespace Sasl.Mechanisms.Tests;

/// <summary>A server with a store in memory, and clients for it.</summary>
internal sealed class ScramParties : IDisposable
{
    public const string Password = "pencil";

    private readonly List<IDisposable> _owned = [];

    public ScramParties(ImmutableArray<SaslMechanism>? mechanisms = null)
    {
        Mechanisms = mechanisms ?? ScramMechanisms.Default;
        Server = new SaslServer(new SaslServerOptions
        {
            Service = "imap",
            ServerName = "srv.example.com",
            Mechanisms = Mechanisms,
            Policy = Policy,
            CredentialStore = Store,
            Authorizer = new Friends(),
            Observer = Observer,
            SuccessData = true,
        });
    }

    public ImmutableArray<SaslMechanism> Mechanisms { get; }

    // SCRAM-SHA3-512 has to be named.
    private SaslPolicy Policy => new() { Allow = [.. Mechanisms.Select(static mechanism => mechanism.Name)] };

    public MemoryCredentialStore Store { get; } = new();

    public FailureRecorder Observer { get; } = new();

    public SaslServer Server { get; }

    /// <summary>A connection with one binding, inside TLS; none on a bare connection.</summary>
    public static SaslChannel Channel(string? binding) => binding is null ? SaslChannel.Plaintext : new()
    {
        ExternalSsf = 256,
        Bindings = SaslChannelBindings.Of((SaslChannelBindings.TlsExporter, Encoding.ASCII.GetBytes(binding))),
    };

    /// <summary>Gives a user stored keys for a hash.</summary>
    public void AddKeys(string user, ScramHash hash, int iterations = 4096, int saltLength = 16, string property = "authPassword")
    {
        using var verifier = ScramVerifier.Derive(hash, Encoding.ASCII.GetBytes(Password), new byte[saltLength], iterations);
        Store.Add(new SaslUser(user, ""), property, verifier.Format());
    }

    public void AddPassword(string user) => Store.Add(new SaslUser(user, ""), "userPassword", Encoding.ASCII.GetBytes(Password));

    public SaslClient Client(string user, string password = Password, string? authzid = null, ScramOptions? options = null)
    {
        var secret = SaslSecret.FromText(password);
        var client = new SaslClient(new SaslClientOptions
        {
            Service = "imap",
            ServerName = "srv.example.com",
            Mechanisms = options is null ? Mechanisms : ScramMechanisms.Create(options),
            Policy = Policy,
            UserName = user,
            Password = secret,
            AuthorizationId = authzid,
        });
        _owned.Add(client);
        _owned.Add(secret);
        return client;
    }

    /// <summary>The server's first message for a user.</summary>
    public async Task<string> AskAsync(string mechanism, string user, string? binding = null)
    {
        using SaslServerSession session = Server.CreateSession(Channel(binding));
        string header = mechanism.EndsWith("-PLUS", StringComparison.Ordinal) ? "p=tls-exporter,," : "n,,";
        SaslReply reply = await session.StartAsync(mechanism, Encoding.UTF8.GetBytes($"{header}n={user},r=abc"));
        return Encoding.ASCII.GetString(reply.Message!.Value.Span);
    }

    /// <summary>Runs one conversation to its end.</summary>
    /// <param name="client">The client.</param>
    /// <param name="offered">What the client sees of the offer.</param>
    /// <param name="serverBinding">The server's channel-binding data.</param>
    /// <param name="clientBinding">The client's.</param>
    public async Task<ScramOutcome> RunAsync(
        SaslClient client, IEnumerable<string> offered, string? serverBinding = null, string? clientBinding = null)
    {
        using SaslServerSession server = Server.CreateSession(Channel(serverBinding));
        using SaslClientSession session = client.CreateSession(Channel(clientBinding));
        SaslReply toServer = await session.StartAsync(offered);
        if (toServer.Status is SaslStatus.Failure)
            return new(SaslError.None, toServer.Error, null, session.FailureDetail);

        SaslReply toClient = await server.StartAsync(session.Mechanism!.Name, toServer.Message);
        while (toClient.NeedsMore)
        {
            toServer = await session.StepAsync(toClient.Message!.Value);
            if (toServer.Status is SaslStatus.Failure)
                return new(toClient.Error, toServer.Error, null, session.FailureDetail);
            toClient = await server.StepAsync(toServer.Message!.Value);
        }
        if (toClient.Status is SaslStatus.Failure)
            return new(toClient.Error, SaslError.None, null, null);
        toServer = await session.CompleteAsync(toClient.Message);
        return new(toClient.Error, toServer.Error, server.Identity, session.FailureDetail);
    }

    public void Dispose()
    {
        Store.Dispose();
        _owned.ForEach(static owned => owned.Dispose());
    }

    /// <summary>alice may act as bob.</summary>
    private sealed class Friends : IAuthorizer
    {
        public ValueTask<bool> MayActAsAsync(
            SaslUser authenticated, SaslUser requested, SaslServiceInfo service, CancellationToken cancellationToken) =>
            new(authenticated == requested || (authenticated.Name == "alice" && requested.Name == "bob"));
    }

    internal sealed class FailureRecorder : SaslObserver
    {
        public string? Diagnostic { get; private set; }

        public override void Failed(SaslAttempt attempt, SaslError error, string diagnostic) => Diagnostic = diagnostic;
    }
}

/// <summary>How a conversation ended on both sides.</summary>
internal sealed record ScramOutcome(SaslError AtServer, SaslError AtClient, SaslIdentity? Identity, string? Detail);
