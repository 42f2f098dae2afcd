using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sasl.Smtp.Tests;

/// <summary>A mail server on loopback that offers AUTH PLAIN and takes no mail today.</summary>
internal sealed class FakeRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromMinutes(2));
    private readonly Task _accepting;

    public FakeRelay()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
                serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or InvalidOperationException)    // the last: not listening any more
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient owned = client;
        try
        {
            using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
            await SendAsync(client, "220 localhost\r\n");
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                await SendAsync(client, line.StartsWith("EHLO", StringComparison.Ordinal) ? "250-localhost\r\n250 AUTH PLAIN\r\n"
                    : line == "QUIT" ? "221 bye\r\n" : "451 4.3.0 not today\r\n");
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
        }
    }

    private ValueTask SendAsync(TcpClient client, string text) => client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text), _stop.Token);
}
