using System.Text;
using System.Threading.Channels;

namespace Sasl.Smtp.Tests;

/// <summary>Two ends that exchange lines in memory; what goes through is recorded.</summary>
internal sealed class LinePipe
{
    private readonly Channel<byte[]> _toServer = Channel.CreateUnbounded<byte[]>();
    private readonly Channel<byte[]> _toClient = Channel.CreateUnbounded<byte[]>();

    public List<string> Conversation { get; } = [];

    public ValueTask ClientWrites(ReadOnlyMemory<byte> line, CancellationToken cancellationToken) => Write(_toServer, "C: ", line);

    public ValueTask ServerWrites(ReadOnlyMemory<byte> line, CancellationToken cancellationToken) => Write(_toClient, "S: ", line);

    public ValueTask<ReadOnlyMemory<byte>?> ClientReads(CancellationToken cancellationToken) => Read(_toClient, cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>?> ServerReads(CancellationToken cancellationToken) => Read(_toServer, cancellationToken);

    public void ClientCloses() => _toServer.Writer.TryComplete();

    public void ServerCloses() => _toClient.Writer.TryComplete();

    private ValueTask Write(Channel<byte[]> channel, string who, ReadOnlyMemory<byte> line)
    {
        lock (Conversation)
            Conversation.Add(who + Encoding.ASCII.GetString(line.Span));
        channel.Writer.TryWrite(line.ToArray());
        return default;
    }

    private static async ValueTask<ReadOnlyMemory<byte>?> Read(Channel<byte[]> channel, CancellationToken cancellationToken) =>
        await channel.Reader.WaitToReadAsync(cancellationToken) && channel.Reader.TryRead(out byte[]? line)
            ? new ReadOnlyMemory<byte>(line) : default(ReadOnlyMemory<byte>?);
}
