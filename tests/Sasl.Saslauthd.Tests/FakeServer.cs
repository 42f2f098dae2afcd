using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sasl.Saslauthd.Tests;

/// <summary>A server on loopback that does to each connection what a test says.</summary>
internal sealed class FakeServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Func<NetworkStream, CancellationToken, Task> _script;
    private readonly Task _accepting;
    private readonly StringBuilder _received = new();

    private FakeServer(Func<NetworkStream, CancellationToken, Task> script)
    {
        _script = script;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many connections came.</summary>
    public int Connections { get; private set; }

    /// <summary>Completes when the first connection was accepted.</summary>
    public TaskCompletionSource Accepted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the script of a connection has ended.</summary>
    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>All that was read with <see cref="LineAsync"/> and <see cref="OctetsAsync"/>.</summary>
    public string Received
    {
        get
        {
            lock (_received)
                return _received.ToString();
        }
    }

    public static FakeServer Start(Func<FakeServer, NetworkStream, CancellationToken, Task> script)
    {
        FakeServer? server = null;
        return server = new FakeServer((stream, token) => script(server!, stream, token));
    }

    /// <summary>Answers in turn: each text is sent when the line before it has come; the first is the greeting.</summary>
    public static FakeServer Saying(params string[] texts) => Start(async (server, stream, token) =>
    {
        foreach (string text in texts)
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(text), token);
            await server.LineAsync(stream, token);
        }
    });

    /// <summary>Reads a line with its end; what there is when the connection ends before.</summary>
    public async Task<string> LineAsync(NetworkStream stream, CancellationToken token)
    {
        var line = new StringBuilder();
        byte[] octet = new byte[1];
        while (await stream.ReadAsync(octet, token) == 1)
        {
            line.Append((char)octet[0]);
            if (octet[0] == '\n')
                break;
        }
        lock (_received)
            _received.Append(line);
        return line.ToString();
    }

    public async Task<string> OctetsAsync(NetworkStream stream, int count, CancellationToken token)
    {
        byte[] octets = new byte[count];
        await stream.ReadExactlyAsync(octets, token);
        lock (_received)
            _received.Append(Encoding.Latin1.GetString(octets));
        return Encoding.Latin1.GetString(octets);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var sessions = new List<Task>();
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync(_stopping.Token);
                Connections++;
                sessions.Add(ServeAsync(socket));
                Accepted.TrySetResult();
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or InvalidOperationException)    // the last: stopped, or not listening any more
        {
            await Task.WhenAll(sessions);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            await _script(stream, _stopping.Token);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            return;    // the client left, or the test is over
        }
        finally
        {
            Ended.TrySetResult();
        }
    }
}
