using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Interop.Tests.Peers;

public sealed class LeftoverTests
{
    [PeerFact("postfix", "saslpasswd2")]
    public async Task A_stopped_Postfix_leaves_no_process_and_no_folder()
    {
        using TestAuthority authority = TestAuthority.Create();
        PostfixServer server = await PostfixServer.StartAsync(authority);
        await AssertGoneAfterDisposalAsync(server, server.Folder);
    }

    [PeerFact("dovecot")]
    public async Task A_stopped_Dovecot_leaves_no_process_and_no_folder()
    {
        using TestAuthority authority = TestAuthority.Create();
        DovecotSubmission server = await DovecotSubmission.StartAsync(authority);
        await AssertGoneAfterDisposalAsync(server, server.Folder);
    }

    [PeerFact("postgres")]
    public async Task A_stopped_PostgreSQL_leaves_no_process_and_no_folder()
    {
        using TestAuthority authority = TestAuthority.Create();
        PostgresServer server = await PostgresServer.StartAsync(authority);
        await AssertGoneAfterDisposalAsync(server, server.Folder);
    }

    private static async Task AssertGoneAfterDisposalAsync(IAsyncDisposable server, string folder)
    {
        Assert.NotEmpty(Unix.ProcessesUsing(folder));

        await server.DisposeAsync();

        Assert.Empty(Unix.ProcessesUsing(folder));
        Assert.False(Directory.Exists(folder));
    }
}
