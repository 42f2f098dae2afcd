using System.Text;
using Xunit;

namespace Sasl.Smtp.Tests.Lines;

public sealed class SmtpLineStreamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task Lines_are_the_same_in_whatever_pieces_they_arrive(int piece)
    {
        using var lines = new SmtpLineStream(new Pieces("one\r\n\r\nthree\nwith a bare LF\rand CR\r\n"u8.ToArray(), piece));

        Assert.Equal("one", await Read(lines));
        Assert.Equal("", await Read(lines));
        Assert.Equal("three\nwith a bare LF\rand CR", await Read(lines));
        Assert.Null(await Read(lines));
    }

    [Fact]
    public async Task Line_without_its_end_is_no_line()
    {
        using var lines = new SmtpLineStream(new Pieces("QUIT"u8.ToArray(), 10));
        Assert.Null(await Read(lines));
    }

    [Fact]
    public async Task What_arrived_behind_a_line_is_counted()
    {
        using var lines = new SmtpLineStream(new Pieces("STARTTLS\r\nAUTH PLAIN\r\n"u8.ToArray(), 100));
        Assert.Equal(0, lines.UnreadOctets);
        await Read(lines);
        Assert.Equal(12, lines.UnreadOctets);
        await Read(lines);
        Assert.Equal(0, lines.UnreadOctets);
    }

    [Theory]
    [InlineData(SmtpLineStream.MaxLineLength, false)]
    [InlineData(SmtpLineStream.MaxLineLength + 1, true)]
    [InlineData(SmtpLineStream.MaxLineLength + 2, true)]
    [InlineData(3 * SmtpLineStream.MaxLineLength, true)]
    public async Task Line_that_is_too_long_is_told_from_one_that_is_not_and_the_next_one_is_whole(int length, bool tooLong)
    {
        byte[] octets = [.. "first\r\n"u8, .. Enumerable.Repeat((byte)'x', length), .. "\r\nlast\r\n"u8];
        using var lines = new SmtpLineStream(new Pieces(octets, 5000));

        Assert.Equal("first", await Read(lines));
        string? line = await Read(lines);
        Assert.Equal(tooLong ? SmtpLineStream.MaxLineLength + 1 : length, line?.Length);
        Assert.Equal(tooLong ? '\0' : 'x', line?[0]);
        Assert.Equal("last", await Read(lines));
    }

    [Fact]
    public async Task Line_that_is_too_long_ends_an_exchange_with_500()
    {
        byte[] octets = [.. Enumerable.Repeat((byte)'A', 3 * SmtpLineStream.MaxLineLength), .. "\r\n"u8];
        using var lines = new SmtpLineStream(new Pieces(octets, 5000));
        using SmtpAuthServer server = TestServer.Make();
        var written = new List<string>();

        SaslIdentity? who = await server.RunAsync(" PLAIN"u8.ToArray(), (line, _) =>
        {
            written.Add(Encoding.ASCII.GetString(line.Span));
            return default;
        }, lines.ReadLineAsync);
        Assert.Null(who);
        Assert.Equal(["334 ", "500 5.5.6 Authentication exchange line is too long"], written);
    }

    [Fact]
    public async Task Line_is_erased_when_the_next_one_is_read()
    {
        using var lines = new SmtpLineStream(new Pieces("secret\r\nnext\r\n"u8.ToArray(), 100));
        ReadOnlyMemory<byte> line = (await lines.ReadLineAsync())!.Value;
        Assert.Equal("secret"u8, line.Span);
        await Read(lines);
        Assert.False(line.Span.ContainsAnyExcept((byte)0));
    }

    [Fact]
    public async Task Written_lines_end_in_CRLF()
    {
        using var stream = new MemoryStream();
        using var lines = new SmtpLineStream(stream);
        await lines.WriteLineAsync("334 "u8.ToArray());
        await lines.WriteLineAsync(ReadOnlyMemory<byte>.Empty);
        Assert.Equal("334 \r\n\r\n"u8, stream.ToArray());
    }

    private static async Task<string?> Read(SmtpLineStream lines) =>
        await lines.ReadLineAsync() is { } line ? Encoding.ASCII.GetString(line.Span) : null;

    /// <summary>Gives out some octets a few at a time.</summary>
    private sealed class Pieces(byte[] octets, int piece) : MemoryStream(octets)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
