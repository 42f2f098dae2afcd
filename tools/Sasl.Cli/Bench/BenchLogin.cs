using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Sasl.Smtp;

namespace Sasl.Cli;

/// <summary>One login: connect, greeting, EHLO, AUTH, QUIT. Nothing is printed, and nothing of it stays.</summary>
internal static class BenchLogin
{
    private const int MaxReplyLines = 200;
    private const int CodeLength = 3;

    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="SocketException">There was none.</exception>
    public static async Task RunAsync(
        IPEndPoint server, SaslClient client, SaslChannel channel, BenchTally tally, TimeProvider time, CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, cancellationToken);
        await using var stream = new NetworkStream(socket);
        using var lines = new SmtpLineStream(stream);
        if (await ReadReplyAsync(lines, "220", cancellationToken) is null)
        {
            tally.Failed("no greeting");
            return;
        }
        await lines.WriteLineAsync("EHLO [127.0.0.1]"u8.ToArray(), cancellationToken);
        if (await ReadReplyAsync(lines, "250", cancellationToken) is not { } capabilities)
        {
            tally.Failed("EHLO refused");
            return;
        }
        ImmutableArray<string> offered = SmtpAuthClient.MechanismsIn(capabilities);
        long asked = time.GetTimestamp();
        using var auth = new SmtpAuthClient(client.CreateSession(channel));
        SmtpAuthResult result = await auth.RunAsync(offered, lines.WriteLineAsync, lines.ReadLineAsync, cancellationToken);
        if (result.IsSuccess)
            tally.Succeeded(time.GetElapsedTime(asked), time.GetElapsedTime(begun));
        else
            tally.Failed(result.Error.ToString());
        if (result.MustDisconnect)
            return;
        // Its answer is awaited, so that the server closes first and no port of this side has to rest.
        await lines.WriteLineAsync("QUIT"u8.ToArray(), cancellationToken);
        while (await lines.ReadLineAsync(cancellationToken) is not null)
        {
            // What it says is not looked at.
        }
    }

    // Null when the answer has another code.
    private static async Task<IReadOnlyList<string>?> ReadReplyAsync(SmtpLineStream lines, string code, CancellationToken cancellationToken)
    {
        var reply = new List<string>();
        while (reply.Count < MaxReplyLines)
        {
            ReadOnlyMemory<byte> line = await lines.ReadLineAsync(cancellationToken) ?? throw new IOException("the server closed the connection");
            string text = System.Text.Encoding.Latin1.GetString(line.Span);
            if (!text.StartsWith(code, StringComparison.Ordinal))
                return null;
            reply.Add(text);
            if (text.Length == CodeLength || text[CodeLength] != '-')
                return reply;
        }
        return null;
    }
}
