using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sasl.Saslauthd.Tests.Verifiers;

/// <summary>An IMAP server that knows one user and three commands, for saslauthd -a rimap.</summary>
internal sealed class LoopbackImap : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _serving;

    private LoopbackImap(string user, string password)
    {
        _listener.Start();
        _serving = ServeAsync($"LOGIN \"{user}\" \"{password}\"");
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public static LoopbackImap Start(string user, string password) => new(user, password);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
    }

    private async Task ServeAsync(string login)
    {
        try
        {
            while (true)
            {
                using TcpClient client = await _listener.AcceptTcpClientAsync();
                await TalkAsync(client.GetStream(), login);
            }
        }
        catch (Exception stopped) when (stopped is SocketException or InvalidOperationException)    // the last: not listening any more
        {
            // Stopped.
        }
    }

    private static async Task TalkAsync(NetworkStream stream, string login)
    {
        await stream.WriteAsync("* OK ready\r\n"u8.ToArray());
        using var reader = new StreamReader(stream, Encoding.Latin1);
        while (await reader.ReadLineAsync() is { } line)
        {
            (string tag, string command) = (line[..line.IndexOf(' ', StringComparison.Ordinal)], line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
            string answer = command == "LOGOUT" ? $"* BYE\r\n{tag} OK\r\n" : command == login ? $"{tag} OK in\r\n" : $"{tag} NO wrong\r\n";
            await stream.WriteAsync(Encoding.Latin1.GetBytes(answer));
            if (command == "LOGOUT")
                return;
        }
    }
}
