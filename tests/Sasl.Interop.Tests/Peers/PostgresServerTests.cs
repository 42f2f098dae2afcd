using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Interop.Tests.Peers;

[Collection(PeersCollection.Name)]
public sealed class PostgresServerTests(SharedPeers peers)
{
    [PeerFact("postgres", "psql")]
    public async Task Psql_logs_in_with_channel_binding_and_the_right_password_only()
    {
        PostgresServer server = await peers.PostgresAsync();

        PeerResult right = await server.QueryAsync(peers.Authority.CaFile, "select current_user || ' ' || ssl from pg_stat_ssl where pid = pg_backend_pid()");
        PeerResult wrong = await server.QueryAsync(peers.Authority.CaFile, "select 1", "wrong");

        Assert.True(right.Succeeded, right.Transcript);
        Assert.Equal("alice true", right.Transcript);
        Assert.False(wrong.Succeeded);
        Assert.Contains("password authentication failed", wrong.Transcript, StringComparison.Ordinal);
    }

    [PeerTheory("postgres", "psql")]
    [InlineData(CertificateSignature.EcdsaSha384)]
    [InlineData(CertificateSignature.RsaSha256)]
    [InlineData(CertificateSignature.RsaSha512)]
    [InlineData(CertificateSignature.RsaPssSha256)]
    public async Task The_binding_holds_for_certificates_with_other_signatures(CertificateSignature signature)
    {
        using TestAuthority authority = TestAuthority.Create(signature);
        await using PostgresServer server = await PostgresServer.StartAsync(authority);

        PeerResult result = await server.QueryAsync(authority.CaFile, "select 'in'");

        Assert.True(result.Succeeded, result.Transcript);
        Assert.Equal("in", result.Transcript);
    }
}
