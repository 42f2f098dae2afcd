using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Sasl.Testing.Peers;

/// <summary>Hands a message to a mail server on 127.0.0.1, without TLS or authentication.</summary>
internal static partial class SmtpFeed
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Submits a message, lines ended by LF, to one recipient, and returns the queue id that Postfix gave it.</summary>
    /// <exception cref="PeerException">A command was not answered with 2xx or 354, or not in time.</exception>
    public static async Task<string> SubmitAsync(int port, string from, string to, string message)
    {
        using CancellationTokenSource limit = new(Limit);
        using TcpClient client = new(AddressFamily.InterNetwork);
        await client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
        using StreamReader reader = new(client.GetStream(), Encoding.ASCII);
        await ReadReplyAsync(reader, limit.Token);
        string stuffed = string.Concat(message.TrimEnd('\n').Split('\n').Select(static line => (line.StartsWith('.') ? "." : "") + line + "\r\n"));
        string accepted = "";
        foreach (string command in (string[])["HELO localhost\r\n", $"MAIL FROM:<{from}>\r\n", $"RCPT TO:<{to}>\r\n", "DATA\r\n", stuffed + ".\r\n"])
        {
            await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(command), limit.Token);
            accepted = await ReadReplyAsync(reader, limit.Token);
        }

        await client.GetStream().WriteAsync("QUIT\r\n"u8.ToArray(), limit.Token);
        return QueuedPattern().Match(accepted).Groups["id"].Value;
    }

    [GeneratedRegex(@"queued as (?<id>\S+)")]
    private static partial Regex QueuedPattern();

    private static async Task<string> ReadReplyAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        string reply = "";
        do
        {
            reply = await reader.ReadLineAsync(cancellationToken) ?? throw new PeerException("The mail server hung up.", reply);
        }
        while (reply is [_, _, _, '-', ..]);
        return reply is ['2', ..] or ['3', '5', '4', ..] ? reply : throw new PeerException("The mail server refused.", reply);
    }
}
