using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Sasl.Saslauthd.Tests.Daemon;

/// <summary>A peer of the daemon that sends whatever octets it likes.</summary>
internal sealed class MuxPeer : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    private MuxPeer()
    {
    }

    /// <summary>Connects as C programs do: where the daemon's queue is full, it waits for a place in it.</summary>
    public static Task<MuxPeer> ConnectAsync(string path)
    {
        var peer = new MuxPeer();
        try
        {
            peer._socket.Connect(new UnixDomainSocketEndPoint(path));
            return Task.FromResult(peer);
        }
        catch (SocketException exception)
        {
            peer.Dispose();
            return Task.FromException<MuxPeer>(exception);
        }
    }

    /// <summary>One request and its answer; null when the daemon closed without one.</summary>
    public static async Task<string?> AskAsync(string path, params string[] strings)
    {
        using MuxPeer peer = await ConnectAsync(path);
        await peer.SendAsync(Request(strings));
        return await peer.AnswerAsync();
    }

    public static byte[] Request(params string[] strings) => [.. strings.SelectMany(static text => Counted(Encoding.UTF8.GetBytes(text)))];

    public static byte[] Counted(byte[] octets)
    {
        byte[] counted = new byte[2 + octets.Length];
        BinaryPrimitives.WriteUInt16BigEndian(counted, (ushort)octets.Length);
        octets.CopyTo(counted, 2);
        return counted;
    }

    public async Task SendAsync(byte[] octets) => await _socket.SendAsync(octets);

    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>What one receive gives.</summary>
    public async Task<byte[]> ReceiveOnceAsync()
    {
        byte[] octets = new byte[2048];
        using var patience = new CancellationTokenSource(s_patience);
        return octets[..await _socket.ReceiveAsync(octets, SocketFlags.None, patience.Token)];
    }

    /// <summary>The answer's text, once the daemon has closed; null where there was none.</summary>
    public async Task<string?> AnswerAsync()
    {
        List<byte> all = [];
        try
        {
            while (await ReceiveOnceAsync() is { Length: > 0 } piece)
                all.AddRange(piece);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset)
        {
            // Closed with something unread.
        }
        return all.Count < 2 ? null : Encoding.UTF8.GetString([.. all.Skip(2)]);
    }

    public void Dispose() => _socket.Dispose();
}
