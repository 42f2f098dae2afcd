using System.Net.Sockets;

namespace Sasl.Saslauthd;

/// <summary>A peer whose request is not there yet.</summary>
internal sealed class SilentPeer(Socket socket, SaslauthdRequestReader reader) : IWaiting<SilentPeer>
{
    public Socket Socket => socket;

    public SaslauthdRequestReader Reader => reader;

    LinkedListNode<SilentPeer>? IWaiting<SilentPeer>.Place { get; set; }

    long IWaiting<SilentPeer>.Since { get; set; }
}
