using System.Text;
using Xunit;

namespace Sasl.Smtp.Tests.Lines;

public sealed class SmtpLineStreamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task Lines_come_whole_however_they_were_cut_on_the_way(int chunk)
    {
        string[] sent = ["EHLO localhost", "", "a bare \r and a bare \n stay", new string('x', 5000), new string('y', SmtpLineStream.MaxLineLength), "QUIT"];
        using var lines = new SmtpLineStream(Chunks(string.Concat(sent.Select(static line => line + "\r\n")), chunk));

        foreach (string line in sent)
            Assert.Equal(line, Text(await lines.ReadLineAsync()));
        Assert.Null(await lines.ReadLineAsync());
    }

    [Theory]
    [InlineData(SmtpLineStream.MaxLineLength + 1, 1000)]
    [InlineData(SmtpLineStream.MaxLineLength + 1, 100_000)]
    [InlineData(500_000, 4096)]
    [InlineData(500_000, 33_333)]
    public async Task A_line_that_is_too_long_is_given_as_one_that_everybody_refuses_and_the_next_one_is_whole(int length, int chunk)
    {
        using var lines = new SmtpLineStream(Chunks(new string('x', length) + "\r\nNOOP\r\n", chunk));

        ReadOnlyMemory<byte>? tooLong = await lines.ReadLineAsync();

        Assert.True(tooLong!.Value.Length > SmtpLineStream.MaxLineLength);
        Assert.Equal("NOOP", Text(await lines.ReadLineAsync()));
    }

    [Fact]
    public async Task What_arrived_behind_a_line_is_counted()
    {
        using var lines = new SmtpLineStream(Chunks("STARTTLS\r\nEHLO evil\r\n", 1000));

        await lines.ReadLineAsync();

        Assert.Equal("EHLO evil\r\n".Length, lines.UnreadOctets);
    }

    [Fact]
    public async Task A_line_is_erased_when_the_next_one_is_read()
    {
        using var lines = new SmtpLineStream(Chunks("AHRlc3QAc2VjcmV0\r\nQUIT\r\n", 1000));
        ReadOnlyMemory<byte> secret = (await lines.ReadLineAsync())!.Value;

        await lines.ReadLineAsync();

        Assert.True(secret.Span.IndexOfAnyExcept((byte)0) < 0);
    }

    [Fact]
    public async Task A_connection_that_ends_in_the_middle_of_a_line_gives_no_line()
    {
        using var lines = new SmtpLineStream(Chunks("EHLO loc", 3));

        Assert.Null(await lines.ReadLineAsync());
    }

    [Fact]
    public async Task A_line_is_written_with_CRLF()
    {
        using var stream = new MemoryStream();
        using var lines = new SmtpLineStream(stream);

        await lines.WriteLineAsync("250 OK"u8.ToArray());

        Assert.Equal("250 OK\r\n", Encoding.ASCII.GetString(stream.ToArray()));
    }

    private static string? Text(ReadOnlyMemory<byte>? line) => line is { } octets ? Encoding.ASCII.GetString(octets.Span) : null;

    private static ChunkedStream Chunks(string text, int chunk) => new(Encoding.ASCII.GetBytes(text), chunk);

    private sealed class ChunkedStream(byte[] octets, int chunk) : MemoryStream(octets)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(chunk, buffer.Length)], cancellationToken);
    }
}
