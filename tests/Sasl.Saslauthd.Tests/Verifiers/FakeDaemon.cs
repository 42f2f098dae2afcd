using System.Net.Sockets;
using System.Text;
using Sasl.Testing.Peers;

namespace Sasl.Saslauthd.Tests.Verifiers;

/// <summary>A daemon that says what a test wants it to say, right or wrong.</summary>
internal sealed class FakeDaemon : IAsyncDisposable
{
    private readonly PrivateDirectory _directory = PrivateDirectory.Create("fake");
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<Socket, CancellationToken, Task> _serve;
    private readonly Task _serving;
    private readonly Lock _lock = new();
    private readonly List<string> _requests = [];
    private int _underWay;

    private FakeDaemon(Func<Socket, CancellationToken, Task> serve, int backlog)
    {
        _serve = serve;
        Path = _directory.At("mux");
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen(backlog);
        _serving = ServeAllAsync();
    }

    public string Path { get; }

    public string Folder => _directory.FullPath;

    /// <summary>What came, octets as Latin-1, in the order it was answered in.</summary>
    public string[] Requests
    {
        get
        {
            lock (_lock)
                return [.. _requests];
        }
    }

    /// <summary>The most connections that were open at once.</summary>
    public int MostAtOnce { get; private set; }

    /// <summary>Sends these octets, Latin-1, in these pieces, after a request has come; then closes.</summary>
    public static FakeDaemon Saying(params string[] pieces) => Serving(async (daemon, socket, token) =>
    {
        await daemon.ReceiveAsync(socket, token);
        foreach (string piece in pieces)
            await socket.SendAsync(Encoding.Latin1.GetBytes(piece), SocketFlags.None, token);
    });

    /// <summary>Does with each connection what a test wants.</summary>
    public static FakeDaemon Serving(Func<FakeDaemon, Socket, CancellationToken, Task> serve, int backlog = 100)
    {
        FakeDaemon? daemon = null;
        return daemon = new FakeDaemon((socket, token) => serve(daemon!, socket, token), backlog);
    }

    /// <summary>Reads what a verifier sends in one go.</summary>
    public async Task ReceiveAsync(Socket socket, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[16_384];
        int received = await socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);
        lock (_lock)
            _requests.Add(Encoding.Latin1.GetString(buffer, 0, received));
    }

    public SaslauthdVerifier Verifier(PasswordDaemonLimits? limits = null, bool sendClientAddress = false) =>
        new(new SaslauthdVerifierOptions { Path = Path, Limits = limits ?? new(), SendClientAddress = sendClientAddress });

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _serving;
        _end.Dispose();
        _directory.Dispose();
    }

    private async Task ServeAllAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
                connections.Add(ServeAsync(await _listener.AcceptAsync(_end.Token)));
        }
        catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        lock (_lock)
            MostAtOnce = Math.Max(MostAtOnce, ++_underWay);
        try
        {
            using (socket)
                await _serve(socket, _end.Token);
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException)
        {
            // The other side has gone, or the test is over.
        }
        finally
        {
            lock (_lock)
                _underWay--;
        }
    }
}
