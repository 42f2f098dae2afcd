namespace Sasl.Mechanisms.Tests;

/// <summary>A server that knows alice's token, and a client whose source of tokens is at hand.</summary>
internal sealed class OAuthParties : IDisposable
{
    public const string Token = "eyJhbGciOiJub25lIn0.alice-1";
    public static readonly SaslChannel Tls = new() { ExternalSsf = 256 };

    public OAuthParties(string name, string user = "alice", string? authzid = null, SaslPolicy? policy = null, IAuthorizer? authorizer = null)
    {
        Name = name;
        Table.Add(Token, TokenVerdict.Valid(new TokenGrant("alice") { Scope = "mail", Claims = new Dictionary<string, string> { ["sub"] = "alice" } }));
        Server = new SaslServer(new SaslServerOptions
        {
            Service = "smtp",
            ServerName = "mail.example.com",
            Mechanisms = SaslMechanisms.Standard,
            Policy = policy ?? SaslPolicy.Default,
            TokenValidator = Table,
            Authorizer = authorizer ?? SelfOnlyAuthorizer.Instance,
            Observer = Observer,
        });
        Client = new SaslClient(new SaslClientOptions
        {
            Service = "smtp",
            ServerName = "mail.example.com",
            Mechanisms = SaslMechanisms.Standard,
            UserName = user,
            AuthorizationId = authzid,
            AccessToken = GiveAsync,
        });
    }

    public string Name { get; }

    public TokenTable Table { get; } = new();

    public OAuthObserver Observer { get; } = new();

    public SaslServer Server { get; }

    public SaslClient Client { get; }

    /// <summary>The tokens that the source gives, one after the other; the last one for ever.</summary>
    public Queue<string> Tokens { get; } = new([Token]);

    /// <summary>What the source was asked.</summary>
    public List<SaslTokenRequest> Requests { get; } = [];

    /// <summary>The secrets it gave.</summary>
    public List<SaslSecret> Given { get; } = [];

    /// <summary>One login from the first message to the end.</summary>
    public async Task<(SaslReply AtServer, SaslReply AtClient, SaslIdentity? Identity, string? Detail)> LogInAsync()
    {
        using SaslServerSession server = Server.CreateSession(Tls);
        using SaslClientSession client = Client.CreateSession(Tls);
        SaslReply fromClient = await client.StartAsync([Name]);
        if (fromClient.Status is SaslStatus.Failure)
            return (default, fromClient, null, client.FailureDetail);
        SaslReply fromServer = await server.StartAsync(Name, fromClient.Message);
        while (fromServer.NeedsMore)
        {
            fromClient = await client.StepAsync(fromServer.Message!.Value);
            fromServer = await server.StepAsync(fromClient.Message!.Value);
        }
        if (fromServer.IsSuccess)
            fromClient = await client.CompleteAsync();
        else
            client.Abort();
        return (fromServer, fromClient, server.Identity, client.FailureDetail);
    }

    public void Dispose() => Client.Dispose();

    private async ValueTask<SaslSecret> GiveAsync(SaslTokenRequest request, CancellationToken cancellationToken)
    {
        await Task.Yield();
        Requests.Add(request);
        var secret = SaslSecret.FromText(Tokens.Count > 1 ? Tokens.Dequeue() : Tokens.Peek());
        Given.Add(secret);
        return secret;
    }
}
