using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Sasl.Testing.Peers;

/// <summary>Finds TCP ports of 127.0.0.1 for peers that cannot be told "port 0".</summary>
public static class FreePort
{
    // Below the range that Linux uses for outgoing connections, so that no client of another test takes the port before the peer has it.
    private const int First = 20_000;
    private const int Last = 32_000;
    private const int Attempts = 200;

    private static readonly HashSet<int> HandedOut = [];

    /// <summary>A port that nothing is bound to now, never the same one twice in this process.</summary>
    public static int Find()
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            int port = RandomNumberGenerator.GetInt32(First, Last);
            if (CanBind(port) && Claim(port))
            {
                return port;
            }
        }

        throw new InvalidOperationException($"No free port of 127.0.0.1 found between {First} and {Last} in {Attempts} attempts.");
    }

    private static bool Claim(int port)
    {
        lock (HandedOut)
        {
            return HandedOut.Add(port);
        }
    }

    private static bool CanBind(int port)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
