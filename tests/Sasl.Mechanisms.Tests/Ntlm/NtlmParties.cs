using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Sasl.Mechanisms.Tests;

/// <summary>A server that knows alice, and a client for it.</summary>
internal sealed class NtlmParties : IDisposable
{
    public const string Name = "NTLM";

    private readonly SaslSecret _password;

    public NtlmParties(
        NtlmOptions? client = null, NtlmOptions? server = null, string password = "secret", string user = "alice", string stored = "secret",
        SaslNonceSource? clientNonces = null, SaslNonceSource? serverNonces = null)
    {
        Store.Add(new SaslUser(user, ""), "userPassword", Encoding.UTF8.GetBytes(stored));
        Server = new SaslServer(new SaslServerOptions
        {
            Service = "imap",
            ServerName = "srv.example.com",
            Mechanisms = [With(server)],
            Policy = new SaslPolicy { Allow = [Name] },
            CredentialStore = Store,
            Nonces = serverNonces ?? SaslNonceSource.Random,
        });
        _password = SaslSecret.FromText(password);
        Client = new SaslClient(new SaslClientOptions
        {
            Service = "imap",
            ServerName = "srv.example.com",
            Mechanisms = [With(client)],
            Policy = new SaslPolicy { Allow = [Name] },
            UserName = user,
            Password = _password,
            Clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50)),
            Nonces = clientNonces ?? SaslNonceSource.Random,
        });
    }

    public MemoryCredentialStore Store { get; } = new();

    public SaslServer Server { get; }

    public SaslClient Client { get; }

    public static SaslMechanism With(NtlmOptions? options) =>
        SaslMechanisms.Create(new SaslMechanismOptions { Ntlm = options ?? NtlmOptions.Default }).First(static one => one.Name == Name);

    /// <summary>One login; what is said may be changed on the way.</summary>
    public async Task<(SaslReply End, string? Identity, byte[] Request, byte[] Challenge, byte[] Response)> LogInAsync(
        Func<byte[], byte[]>? onRequest = null, Func<byte[], byte[]>? onChallenge = null, Func<byte[], byte[]>? onResponse = null)
    {
        using SaslServerSession server = Server.CreateSession(SaslChannel.Plaintext);
        using SaslClientSession client = Client.CreateSession(SaslChannel.Plaintext);
        byte[] request = (await client.StartAsync([Name])).Message!.Value.ToArray();
        request = onRequest?.Invoke(request) ?? request;
        SaslReply heard = await server.StartAsync(Name, request);
        if (!heard.NeedsMore)
            return (heard, null, request, [], []);
        byte[] challenge = heard.Message!.Value.ToArray();
        challenge = onChallenge?.Invoke(challenge) ?? challenge;
        SaslReply said = await client.StepAsync(challenge);
        if (said.Status is SaslStatus.Failure)
            return (said, null, request, challenge, []);
        byte[] response = said.Message!.Value.ToArray();
        response = onResponse?.Invoke(response) ?? response;
        SaslReply end = await server.StepAsync(response);
        return (end, server.Identity?.Authorized.Name, request, challenge, response);
    }

    public void Dispose()
    {
        Client.Dispose();
        _password.Dispose();
        Store.Dispose();
    }
}
