using Sasl.Mechanisms;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Interop.Tests.Library;

/// <summary>PostgreSQL's SCRAM is its own code, and knows tls-server-end-point and nothing else.</summary>
public sealed class PostgresTests
{
    [PeerTheory("postgres")]
    [InlineData(CertificateSignature.EcdsaSha256)]
    [InlineData(CertificateSignature.EcdsaSha384)]
    [InlineData(CertificateSignature.RsaSha256)]
    [InlineData(CertificateSignature.RsaSha512)]
    [InlineData(CertificateSignature.RsaPssSha256)]
    public async Task Our_client_binds_to_the_certificate_of_PostgreSQL(CertificateSignature signature)
    {
        using TestAuthority authority = TestAuthority.Create(signature);
        await using PostgresServer server = await PostgresServer.StartAsync(authority);

        (string? right, string? mechanism) = await LogInAsync(server, authority, "secret", SaslBindingPolicy.Require);
        (string? wrong, _) = await LogInAsync(server, authority, "not it", SaslBindingPolicy.Require);
        (string? unbound, string? plain) = await LogInAsync(server, authority, "secret", SaslBindingPolicy.Disable);

        Assert.Null(right);
        Assert.Equal("SCRAM-SHA-256-PLUS", mechanism);
        Assert.Contains("password authentication failed", wrong, StringComparison.Ordinal);
        Assert.Null(unbound);
        Assert.Equal("SCRAM-SHA-256", plain);
        InteropLog.Worked("SCRAM-SHA-256-PLUS", InteropPeer.PostgreSql, OurSide.Client, "tls-server-end-point");
        InteropLog.Worked("SCRAM-SHA-256", InteropPeer.PostgreSql, OurSide.Client, "TLS");
    }

    [PeerFact("postgres")]
    public async Task PostgreSQL_refuses_a_binding_to_another_certificate_and_notices_a_stripped_offer()
    {
        using TestAuthority authority = TestAuthority.Create();
        await using PostgresServer server = await PostgresServer.StartAsync(authority);

        (string? wrongBinding, _) = await LogInAsync(server, authority, "secret", SaslBindingPolicy.Require, spoil: true);
        (string? stripped, _) = await LogInAsync(server, authority, "secret", SaslBindingPolicy.Prefer, only: "SCRAM-SHA-256");    // the client says "y"

        Assert.Contains("SCRAM channel binding check failed", wrongBinding, StringComparison.Ordinal);
        Assert.Contains("SCRAM channel binding negotiation error", stripped, StringComparison.Ordinal);
    }

    private static async Task<(string? Failure, string? Mechanism)> LogInAsync(
        PostgresServer server, TestAuthority authority, string secret, SaslBindingPolicy binding, bool spoil = false, string? only = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using PostgresConnection connection = await PostgresConnection.OpenAsync(server.Port, authority.Server.Certificate, limit.Token);
        using SaslSecret password = SaslSecret.FromText(secret);
        using var client = new SaslClient(new SaslClientOptions
        {
            Service = "postgres",
            ServerName = "localhost",
            Mechanisms = SaslMechanisms.Standard,
            Policy = SaslPolicy.Default with { Binding = binding },
            ChannelBindingTypes = [SaslChannelBindings.TlsServerEndPoint],
            UserName = "alice",
            Password = password,
        });
        SaslChannel channel = SaslChannel.FromTls(connection.Tls);
        if (spoil)
            channel = channel with { Bindings = SaslChannelBindings.Of((SaslChannelBindings.TlsServerEndPoint, new byte[32])) };
        using SaslClientSession session = client.CreateSession(channel);
        string? failure = await connection.LogInAsync(session, "alice", limit.Token, only);
        return (failure, session.Mechanism?.Name);
    }
}
