using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace Sasl.Testing.Peers;

/// <summary>A mail server in this process that takes everything from everybody on 127.0.0.1: the relay behind a server under test.</summary>
public sealed class SmtpSink : IAsyncDisposable
{
    private const int MaxMessage = 1024 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Channel<ReceivedMessage> _messages = Channel.CreateUnbounded<ReceivedMessage>();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _connections = [];
    private readonly Task _accepting;

    private SmtpSink()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Its port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Starts one.</summary>
    public static SmtpSink Start() => new();

    /// <summary>The next message, of those taken and those that come within 15 seconds, that satisfies a condition. Earlier ones are dropped.</summary>
    /// <exception cref="TimeoutException">None came.</exception>
    public async Task<ReceivedMessage> WaitForMessageAsync(Func<ReceivedMessage, bool> condition)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(15));
        try
        {
            while (true)
            {
                ReceivedMessage message = await _messages.Reader.ReadAsync(limit.Token);
                if (condition(message))
                {
                    return message;
                }
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException("The expected message did not reach the sink within 15 seconds.");
        }
    }

    /// <summary>Closes the port and all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or InvalidOperationException)    // the last: not listening any more
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using TcpClient owned = client;
        try
        {
            using StreamReader reader = new(client.GetStream(), Encoding.UTF8);
            await using StreamWriter writer = new(client.GetStream(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\r\n", AutoFlush = true };
            await writer.WriteLineAsync("220 localhost sink");
            string from = "";
            List<string> recipients = [];
            while (await reader.ReadLineAsync(_stop.Token) is string line)
            {
                string verb = line.Split([' ', ':'])[0].ToUpperInvariant();
                if (verb == "DATA")
                {
                    await writer.WriteLineAsync("354 go on");
                    _messages.Writer.TryWrite(new ReceivedMessage(from, [.. recipients], await ReadDataAsync(reader)));
                    recipients.Clear();
                }
                else if (verb == "MAIL")
                {
                    from = PathIn(line);
                }
                else if (verb == "RCPT")
                {
                    recipients.Add(PathIn(line));
                }

                await writer.WriteLineAsync(verb == "EHLO" ? "250-localhost\r\n250 8BITMIME" : verb == "QUIT" ? "221 bye" : "250 fine");
                if (verb == "QUIT")
                {
                    return;
                }
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or SocketException)
        {
            // The client went, or the sink is disposed.
        }
    }

    private static string PathIn(string command) => command.Split('<', '>') is [_, var path, ..] ? path : "";

    private async Task<string> ReadDataAsync(StreamReader reader)
    {
        StringBuilder data = new();
        while (await reader.ReadLineAsync(_stop.Token) is string line && line != ".")
        {
            if (data.Length < MaxMessage)
            {
                data.Append(line.StartsWith('.') ? line[1..] : line).Append('\n');
            }
        }

        return data.ToString();
    }
}
