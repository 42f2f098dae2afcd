using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sasl.Smtp.Tests;

/// <summary>A table for Postfix (memcache_table(5)) that has no entry and remembers which keys were asked for, in order.</summary>
/// <remarks>Of the tables that answer over a socket, Postfix treats only this one like a file: the others are asked for whole addresses only.
/// It is not asked for keys with blanks.</remarks>
internal sealed class LookupRecorder : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromMinutes(2));
    private readonly List<string> _keys = [];
    private readonly Task _accepting;

    public LookupRecorder()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>What the table's file says.</summary>
    public string Configuration => $"memcache = inet:127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}\n";

    /// <summary>The keys asked for since the last call, each once.</summary>
    public IReadOnlyList<string> Take()
    {
        lock (_keys)
        {
            string[] keys = [.. _keys.Distinct()];
            _keys.Clear();
            return keys;
        }
    }

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
            using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                lock (_keys)
                    _keys.Add(line["get ".Length..]);
                await client.GetStream().WriteAsync("END\r\n"u8.ToArray(), _stop.Token);
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
        }
    }
}
