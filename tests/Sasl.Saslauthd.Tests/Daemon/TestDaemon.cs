using Sasl.Testing.Peers;

namespace Sasl.Saslauthd.Tests.Daemon;

/// <summary>A daemon in a run directory of its own.</summary>
internal sealed class TestDaemon : IAsyncDisposable
{
    private readonly PrivateDirectory _directory = PrivateDirectory.Create("saslauthd");

    public TestDaemon(Func<SaslauthdServerOptions, SaslauthdServerOptions>? change = null)
    {
        var options = new SaslauthdServerOptions { RunDirectory = _directory.At("run"), CheckerName = "test", Logs = [Log] };
        Server = new SaslauthdServer((change ?? (static usual => usual))(options), Checker);
        Server.Start();
    }

    public TestChecker Checker { get; } = new();

    public CollectingLog Log { get; } = new();

    public SaslauthdServer Server { get; }

    public string RunDirectory => _directory.At("run");

    public string Socket => Server.SocketPath;

    public Task<string?> AskAsync(string login, string password, string service = "smtp", string realm = "") =>
        MuxPeer.AskAsync(Socket, login, password, service, realm);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _directory.Dispose();
    }
}
