using System.Net.Sockets;

namespace Sasl.Benchmarks;

/// <summary>Asks a saslauthd with as few system calls as can be, so that the daemon is measured and not the client.</summary>
internal static class MuxClient
{
    private const int MaxReply = 1024;

    /// <summary>One request, as 2.1.28 sends it.</summary>
    public static byte[] Request(string user, string password, string service, string realm)
    {
        var octets = new List<byte>();
        foreach (string field in (string[])[user, password, service, realm])
        {
            octets.Add((byte)(field.Length >> 8));
            octets.Add((byte)field.Length);
            octets.AddRange(System.Text.Encoding.ASCII.GetBytes(field));
        }
        return [.. octets];
    }

    /// <summary>Connects, asks, reads the answer, closes.</summary>
    /// <returns>Whether the answer began with OK.</returns>
    public static bool Ask(UnixDomainSocketEndPoint daemon, byte[] request)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(daemon);
        socket.Send(request);
        Span<byte> reply = stackalloc byte[MaxReply];
        int length = 0;
        while (length < 4)
        {
            int read = socket.Receive(reply[length..]);
            if (read == 0)
                return false;
            length += read;
        }
        return reply[2] == 'O' && reply[3] == 'K';
    }
}
