using System.Buffers;
using System.Text;

namespace Sasl.Cli.Sample;

/// <summary>
/// The line protocol of Debian's sasl-sample-server and sasl-sample-client: <c>S: </c> or <c>C: </c> and base64 on standard input and output.
/// Every other line is commentary.
/// </summary>
internal sealed class LineTransport(OctetLines input, TextWriter output, bool isServer) : SampleTransport
{
    private readonly string _mine = isServer ? "S: " : "C: ";
    private readonly byte[] _theirs = isServer ? "C: "u8.ToArray() : "S: "u8.ToArray();

    public override bool ExchangesMessages => true;

    public override Task SendMechanismsAsync(string mechanisms, CancellationToken cancellationToken) =>
        SendAsync(Encoding.ASCII.GetBytes(mechanisms), cancellationToken);

    public override async Task<string> ReceiveMechanismsAsync(CancellationToken cancellationToken) =>
        Encoding.ASCII.GetString((await ReceiveAsync(cancellationToken)).Span);

    public override Task SendStartAsync(string mechanism, ReadOnlyMemory<byte>? initialResponse, CancellationToken cancellationToken) =>
        SendAsync(initialResponse is { } response ? (byte[])[.. Encoding.ASCII.GetBytes(mechanism), 0, .. response.Span]
            : Encoding.ASCII.GetBytes(mechanism), cancellationToken);

    public override async Task<(string Mechanism, ReadOnlyMemory<byte>? InitialResponse)> ReceiveStartAsync(CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> start = await ReceiveAsync(cancellationToken);
        int separator = start.Span.IndexOf((byte)0);
        // Written out, because a bare null between octets would become no octets: an initial response that is empty.
        ReadOnlyMemory<byte>? initialResponse = separator < 0 ? (ReadOnlyMemory<byte>?)null : start[(separator + 1)..];
        return (Encoding.ASCII.GetString((separator < 0 ? start : start[..separator]).Span), initialResponse);
    }

    public override Task SendChallengeAsync(ReadOnlyMemory<byte> challenge, CancellationToken cancellationToken) => SendAsync(challenge, cancellationToken);

    public override async Task<ReadOnlyMemory<byte>?> ReceiveChallengeAsync(CancellationToken cancellationToken) => await ReceiveAsync(cancellationToken);

    public override Task SendResponseAsync(ReadOnlyMemory<byte> response, CancellationToken cancellationToken) => SendAsync(response, cancellationToken);

    public override Task<ReadOnlyMemory<byte>> ReceiveResponseAsync(CancellationToken cancellationToken) => ReceiveAsync(cancellationToken);

    public override Task SendOutcomeAsync(bool success, CancellationToken cancellationToken) => Task.CompletedTask;

    public override Task ReceiveSuccessAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task SendAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync((_mine + Convert.ToBase64String(octets.Span)).AsMemory(), cancellationToken);
        await output.FlushAsync(cancellationToken);
    }

    private async Task<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (await input.ReadAsync(cancellationToken) is { } line)
        {
            if (!line.Span.StartsWith(_theirs))
                continue;
            var octets = new ArrayBufferWriter<byte>();
            if (line.Length > 2 * MaxMessageLength || !SaslBase64.TryDecode(line.Span[_theirs.Length..], octets))
                throw new SampleException("the other side has sent a line that is not base64");
            return octets.WrittenMemory;
        }
        throw new SampleException("the other side has gone away");
    }
}
