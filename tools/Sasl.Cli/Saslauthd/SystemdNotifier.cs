using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Sasl.Cli;

/// <summary>Tells systemd how far the daemon is (<c>sd_notify(3)</c>); says nothing where systemd did not ask.</summary>
/// <param name="path">The socket, as <c>NOTIFY_SOCKET</c> names it; an <c>@</c> stands for the NUL of an abstract one.</param>
internal sealed class SystemdNotifier(string? path)
{
    /// <summary>The one that the environment asks for.</summary>
    public static SystemdNotifier FromEnvironment() => new(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));

    /// <summary>Peers can connect.</summary>
    public void Ready(string status) => Send($"READY=1\nSTATUS={status}");

    /// <summary>The configuration is being read again. Type=notify-reload wants to know since when.</summary>
    public void Reloading() => Send(string.Create(CultureInfo.InvariantCulture,
        $"RELOADING=1\nMONOTONIC_USEC={(long)(Stopwatch.GetTimestamp() * (1_000_000.0 / Stopwatch.Frequency))}"));

    /// <summary>The daemon ends.</summary>
    public void Stopping() => Send("STOPPING=1");

    private void Send(string text)
    {
        if (string.IsNullOrEmpty(path))
            return;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(text), new UnixDomainSocketEndPoint(path[0] == '@' ? "\0" + path[1..] : path));
        }
        catch (SocketException)
        {
            // Whoever asked is gone. The daemon serves all the same.
        }
    }
}
