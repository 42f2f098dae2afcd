using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Sasl.Cli.Sample;

/// <summary>
/// The framing of Cyrus SASL's socket samples (<c>client</c> and <c>server</c>): a string is <c>{length}CRLF</c> and its octets;
/// the server puts <c>C</c>, <c>O</c> or <c>N</c> before what it says.
/// </summary>
internal sealed class SocketTransport(Stream stream) : SampleTransport
{
    public override bool ExchangesMessages => false;

    public override Task SendMechanismsAsync(string mechanisms, CancellationToken cancellationToken) =>
        SendAsync("", Encoding.ASCII.GetBytes(mechanisms), cancellationToken);

    public override async Task<string> ReceiveMechanismsAsync(CancellationToken cancellationToken) =>
        Encoding.ASCII.GetString((await ReceiveAsync(cancellationToken)).Span);

    public override async Task SendStartAsync(string mechanism, ReadOnlyMemory<byte>? initialResponse, CancellationToken cancellationToken)
    {
        await SendAsync("", Encoding.ASCII.GetBytes(mechanism), cancellationToken);
        await SendAsync("", initialResponse is null ? "N"u8.ToArray() : "Y"u8.ToArray(), cancellationToken);
        if (initialResponse is { } response)
            await SendAsync("", response, cancellationToken);
    }

    public override async Task<(string Mechanism, ReadOnlyMemory<byte>? InitialResponse)> ReceiveStartAsync(CancellationToken cancellationToken)
    {
        string mechanism = Encoding.ASCII.GetString((await ReceiveAsync(cancellationToken)).Span);
        ReadOnlyMemory<byte> flag = await ReceiveAsync(cancellationToken);
        if (flag.Span is not [(byte)'Y' or (byte)'N', ..])
            throw new SampleException("the client said neither Y nor N");
        // Written out, because a bare null between octets would become no octets.
        return (mechanism, flag.Span[0] == (byte)'Y' ? await ReceiveAsync(cancellationToken) : (ReadOnlyMemory<byte>?)null);
    }

    public override Task SendChallengeAsync(ReadOnlyMemory<byte> challenge, CancellationToken cancellationToken) => SendAsync("C", challenge, cancellationToken);

    public override async Task<ReadOnlyMemory<byte>?> ReceiveChallengeAsync(CancellationToken cancellationToken) =>
        (char)await ReceiveOctetAsync(cancellationToken) switch
        {
            'C' => await ReceiveAsync(cancellationToken),
            'O' => (ReadOnlyMemory<byte>?)null,    // a bare null would become an empty challenge
            'N' => throw new SampleException("the server refused"),
            _ => throw new SampleException("the server said neither C, O nor N"),
        };

    public override Task SendResponseAsync(ReadOnlyMemory<byte> response, CancellationToken cancellationToken) => SendAsync("", response, cancellationToken);

    public override Task<ReadOnlyMemory<byte>> ReceiveResponseAsync(CancellationToken cancellationToken) => ReceiveAsync(cancellationToken);

    public override async Task SendOutcomeAsync(bool success, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(success ? "O"u8.ToArray() : "N"u8.ToArray(), cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    public override async Task ReceiveSuccessAsync(CancellationToken cancellationToken)
    {
        if (await ReceiveChallengeAsync(cancellationToken) is not null)
            throw new SampleException("the server asked again after the end of the exchange");
    }

    public override ValueTask DisposeAsync() => stream.DisposeAsync();

    private async Task SendAsync(string verb, ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        byte[] head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{verb}{{{octets.Length}}}\r\n"));
        await stream.WriteAsync((byte[])[.. head, .. octets.Span], cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    // "{" decimal "}" CR LF octets
    private async Task<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken)
    {
        const int MaxDigits = 6;
        if (await ReceiveOctetAsync(cancellationToken) != '{')
            throw new SampleException("a string does not begin with its length");
        byte[] digits = new byte[MaxDigits];
        int count = 0;
        for (byte next; (next = await ReceiveOctetAsync(cancellationToken)) != '}'; digits[count++] = next)
        {
            if (count == MaxDigits)
                throw new SampleException("a length has too many digits");
        }
        if (!Utf8Parser.TryParse(digits.AsSpan(0, count), out int length, out int used) || used != count || length is < 0 or > MaxMessageLength)
            throw new SampleException($"a length is not a number up to {MaxMessageLength}");
        if (await ReceiveOctetAsync(cancellationToken) != '\r' || await ReceiveOctetAsync(cancellationToken) != '\n')
            throw new SampleException("a length is not followed by a line end");

        byte[] octets = new byte[length];
        if (await stream.ReadAtLeastAsync(octets, length, throwOnEndOfStream: false, cancellationToken) < length)
            throw new SampleException("the other side has gone away");
        return octets;
    }

    private async Task<byte> ReceiveOctetAsync(CancellationToken cancellationToken)
    {
        byte[] one = new byte[1];
        return await stream.ReadAsync(one, cancellationToken) == 1 ? one[0] : throw new SampleException("the other side has gone away");
    }
}
