using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sasl.Testing.Peers;

/// <summary>Questions that tell whether a server on 127.0.0.1 is ready.</summary>
public static class LoopbackProbe
{
    /// <summary>Whether something accepts a connection on the port.</summary>
    public static Func<CancellationToken, Task<bool>> Accepts(int port) => async cancellationToken =>
    {
        using TcpClient client = new(AddressFamily.InterNetwork);
        return await TryConnectAsync(client, port, cancellationToken);
    };

    /// <summary>Whether an SMTP server greets on the port with 220. It is left with QUIT, so that its log stays clean.</summary>
    public static Func<CancellationToken, Task<bool>> GreetsAsSmtp(int port) => async cancellationToken =>
    {
        using TcpClient client = new(AddressFamily.InterNetwork);
        if (!await TryConnectAsync(client, port, cancellationToken))
        {
            return false;
        }

        try
        {
            using StreamReader reader = new(client.GetStream(), Encoding.ASCII);
            string? greeting = await reader.ReadLineAsync(cancellationToken);
            await client.GetStream().WriteAsync("QUIT\r\n"u8.ToArray(), cancellationToken);
            await reader.ReadLineAsync(cancellationToken);
            return greeting?.StartsWith("220 ", StringComparison.Ordinal) ?? false;
        }
        catch (IOException)
        {
            return false;
        }
    };

    private static async Task<bool> TryConnectAsync(TcpClient client, int port, CancellationToken cancellationToken)
    {
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
