using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Xunit;

#pragma warning disable CA1835, CA2022 // The tests are about these very overloads and about inexact reads.

namespace Sasl.Core.Tests.Streams;

public sealed class SaslStreamTests
{
    public static TheoryData<bool> BothWays => [true, false];

    [Theory]
    [MemberData(nameof(BothWays))]
    public async Task What_one_side_writes_the_other_side_reads(bool asynchronous)
    {
        var connection = new ScriptedConnection();
        using (var writer = new SaslStream(connection, new NumberedLayer(), leaveOpen: true))
        {
            await WriteAsync(writer, Text("hello, "), asynchronous);
            await WriteAsync(writer, Text("world"), asynchronous);
        }
        Assert.Equal(2, connection.Sent.Count);

        using var reader = new SaslStream(new ScriptedConnection([.. connection.Sent]), new NumberedLayer());
        Assert.Equal("hello, ", Text(await ReadAsync(reader, 100, asynchronous)));
        Assert.Equal("world", Text(await ReadAsync(reader, 100, asynchronous)));
        Assert.Empty(await ReadAsync(reader, 100, asynchronous));
        Assert.Empty(await ReadAsync(reader, 100, asynchronous));
    }

    [Fact]
    public void A_packet_is_a_big_endian_length_and_that_many_octets()
    {
        var connection = new ScriptedConnection();
        using var writer = new SaslStream(connection, new NumberedLayer());
        writer.Write("AB"u8);
        Assert.Equal([0, 0, 0, 7, 0, 0, 0, 0, 0xBE, 0xBD, 0x83], connection.AllSent);
    }

    [Theory]
    [MemberData(nameof(BothWays))]
    public async Task A_packet_may_arrive_octet_by_octet(bool asynchronous)
    {
        byte[][] octets = [.. Packets("first", "second").Select(static octet => new[] { octet })];
        using var reader = new SaslStream(new ScriptedConnection(octets), new NumberedLayer());
        Assert.Equal("first", Text(await ReadAsync(reader, 100, asynchronous)));
        Assert.Equal("second", Text(await ReadAsync(reader, 100, asynchronous)));
        Assert.Empty(await ReadAsync(reader, 100, asynchronous));
    }

    [Theory]
    [MemberData(nameof(BothWays))]
    public async Task Many_packets_may_arrive_at_once(bool asynchronous)
    {
        using var reader = new SaslStream(new ScriptedConnection(Packets("first", "second", "third")), new NumberedLayer());
        Assert.Equal("fir", Text(await ReadAsync(reader, 3, asynchronous)));
        Assert.Equal("st", Text(await ReadAsync(reader, 3, asynchronous)));
        Assert.Equal("second", Text(await ReadAsync(reader, 100, asynchronous)));
        Assert.Equal("third", Text(await ReadAsync(reader, 100, asynchronous)));
    }

    [Fact]
    public void A_packet_without_plaintext_is_not_the_end()
    {
        using var reader = new SaslStream(new ScriptedConnection(Packets("", "", "text", "")), new NumberedLayer());
        byte[] buffer = new byte[100];
        Assert.Equal(4, reader.Read(buffer));
        Assert.Equal(0, reader.Read(buffer));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1006u)]
    [InlineData(65_536u)]
    [InlineData(0x7FFF_FFFFu)]
    [InlineData(0x8000_0000u)]
    [InlineData(0xFFFF_FFFFu)]
    public async Task A_length_that_was_not_agreed_on_closes_the_connection(uint length)
    {
        foreach (bool asynchronous in new[] { true, false })
        {
            byte[] header = new byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(header, length);
            var connection = new ScriptedConnection(header, new byte[10_000]);
            using var reader = new SaslStream(connection, new NumberedLayer(), leaveOpen: true);
            await Assert.ThrowsAsync<IOException>(() => ReadAsync(reader, 100, asynchronous));
            Assert.True(connection.IsDisposed);
            Assert.Equal(1, connection.Reads);    // refused by its length alone
            await AssertUnusableAsync(reader);
        }
    }

    [Fact]
    public async Task The_length_of_every_packet_in_a_buffer_is_checked()
    {
        // Cyrus SASL issue 617: the second packet's length was not, before 2.1.28.
        byte[] arriving = [.. Packets("first"), 0, 1, 0, 0, .. new byte[200]];
        var connection = new ScriptedConnection(arriving);
        using var reader = new SaslStream(connection, new NumberedLayer());
        Assert.Equal("first", Text(await ReadAsync(reader, 100, asynchronous: true)));
        await Assert.ThrowsAsync<IOException>(() => ReadAsync(reader, 100, asynchronous: true));
        Assert.True(connection.IsDisposed);
    }

    [Fact]
    public void The_largest_packet_that_was_announced_is_accepted()
    {
        byte[] packet = Packets(new string('x', 1000));
        Assert.Equal(1005, BinaryPrimitives.ReadInt32BigEndian(packet));
        using var reader = new SaslStream(new ScriptedConnection(packet), new NumberedLayer());
        Assert.Equal(1000, reader.ReadAtLeast(new byte[2000], 1000));
    }

    [Fact]
    public void Memory_grows_with_what_arrives_and_not_with_what_was_announced()
    {
        const int Announced = 16 * 1024 * 1024;
        byte[] header = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(header, Announced);
        var connection = new ScriptedConnection(header, new byte[100]);
        using var reader = new SaslStream(connection, new NumberedLayer(Announced, Announced));
        Assert.Throws<EndOfStreamException>(() => reader.Read(new byte[100]));
        Assert.InRange(connection.LargestRead, 1, 8192);
    }

    [Fact]
    public void A_large_packet_is_put_together_whatever_came_before_it()
    {
        const int Large = 300_000;
        byte[] text = new byte[Large];
        RandomNumberGenerator.Fill(text);
        var sent = new ScriptedConnection();
        using (var writer = new SaslStream(sent, new NumberedLayer(Large, Large + 5), leaveOpen: true))
        {
            writer.Write("small"u8);
            writer.Write(text);
            writer.Write("small again"u8);
        }
        byte[][] pieces = [.. sent.AllSent.Chunk(1777)];
        using var reader = new SaslStream(new ScriptedConnection(pieces), new NumberedLayer(Large, Large + 5));
        byte[] read = new byte[5 + Large + 11];
        reader.ReadExactly(read);
        Assert.Equal("small", Text(read[..5]));
        Assert.True(read.AsSpan(5, Large).SequenceEqual(text));
        Assert.Equal("small again", Text(read[^11..]));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(14)]
    public async Task A_packet_that_was_changed_on_the_way_closes_the_connection(int octet)
    {
        foreach (bool asynchronous in new[] { true, false })
        {
            byte[] packets = Packets("hello, world", "more");
            packets[octet] ^= 1;
            var connection = new ScriptedConnection(packets);
            var layer = new NumberedLayer();
            using var reader = new SaslStream(connection, layer, leaveOpen: true);
            await Assert.ThrowsAsync<IOException>(() => ReadAsync(reader, 100, asynchronous));
            Assert.True(connection.IsDisposed);
            await AssertUnusableAsync(reader);
        }
    }

    [Fact]
    public async Task A_replayed_packet_closes_the_connection_and_what_came_before_it_is_read()
    {
        byte[] packet = Packets("once");
        var connection = new ScriptedConnection([.. packet, .. packet]);
        using var reader = new SaslStream(connection, new NumberedLayer());
        Assert.Equal("once", Text(await ReadAsync(reader, 100, asynchronous: true)));
        await Assert.ThrowsAsync<IOException>(() => ReadAsync(reader, 100, asynchronous: true));
        Assert.True(connection.IsDisposed);
    }

    [Fact]
    public async Task A_layer_that_throws_closes_the_connection()
    {
        var connection = new ScriptedConnection(Packets("hello"));
        using var stream = new SaslStream(connection, new NumberedLayer { Throws = true });
        await Assert.ThrowsAsync<InvalidOperationException>(() => ReadAsync(stream, 100, asynchronous: true));
        Assert.True(connection.IsDisposed);
        await AssertUnusableAsync(stream);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(13)]
    public async Task The_end_of_the_connection_inside_a_packet_is_an_error(int arrived)
    {
        foreach (bool asynchronous in new[] { true, false })
        {
            var connection = new ScriptedConnection([.. Packets("whole"), .. Packets("truncated")[..arrived]]);
            using var reader = new SaslStream(connection, new NumberedLayer());
            Assert.Equal("whole", Text(await ReadAsync(reader, 100, asynchronous)));
            await Assert.ThrowsAsync<EndOfStreamException>(() => ReadAsync(reader, 100, asynchronous));
            Assert.True(connection.IsDisposed);
        }
    }

    [Theory]
    [MemberData(nameof(BothWays))]
    public async Task A_long_write_is_split_where_the_peer_asks_for_it(bool asynchronous)
    {
        byte[] text = new byte[2_500];
        RandomNumberGenerator.Fill(text);
        var connection = new ScriptedConnection();
        var layer = new NumberedLayer();
        using (var writer = new SaslStream(connection, layer, leaveOpen: true))
            await WriteAsync(writer, text, asynchronous);
        Assert.Equal(3, layer.Pieces);
        Assert.Single(connection.Sent);    // but it goes out in one piece

        using var reader = new SaslStream(new ScriptedConnection([.. connection.Sent]), new NumberedLayer());
        byte[] read = new byte[text.Length];
        await reader.ReadExactlyAsync(read);
        Assert.Equal(text, read);
    }

    [Theory]
    [MemberData(nameof(BothWays))]
    public async Task A_very_long_write_goes_out_in_several_pieces(bool asynchronous)
    {
        byte[] text = new byte[1_000_000];
        RandomNumberGenerator.Fill(text);
        var connection = new ScriptedConnection();
        using (var writer = new SaslStream(connection, new NumberedLayer(), leaveOpen: true))
            await WriteAsync(writer, text, asynchronous);
        Assert.All(connection.Sent, static piece => Assert.InRange(piece.Length, 1, 128 * 1024));

        using var reader = new SaslStream(new ScriptedConnection([.. connection.Sent]), new NumberedLayer());
        byte[] read = new byte[text.Length];
        await reader.ReadExactlyAsync(read);
        Assert.True(read.AsSpan().SequenceEqual(text));
    }

    [Fact]
    public async Task A_write_of_nothing_sends_nothing()
    {
        var connection = new ScriptedConnection();
        var layer = new NumberedLayer();
        using var writer = new SaslStream(connection, layer);
        writer.Write([]);
        writer.Write([], 0, 0);
        await writer.WriteAsync(ReadOnlyMemory<byte>.Empty);
        Assert.Empty(connection.Sent);
        Assert.Equal(0, layer.Pieces);
    }

    [Fact]
    public async Task Every_overload_reads_and_writes()
    {
        var connection = new ScriptedConnection();
        using (var writer = new SaslStream(connection, new NumberedLayer(), leaveOpen: true))
        {
            writer.WriteByte((byte)'a');
            writer.Write(Text("xbx"), 1, 1);
            writer.Write("c"u8);
            await writer.WriteAsync(Text("xdx"), 1, 1, default);
            await writer.WriteAsync(Text("e").AsMemory());
            writer.Flush();
            await writer.FlushAsync();
        }
        Assert.Equal(2, connection.Flushes);
        Assert.Equal(5, connection.Sent.Count);

        using var reader = new SaslStream(new ScriptedConnection([.. connection.Sent]), new NumberedLayer());
        byte[] buffer = new byte[3];
        Assert.Equal('a', reader.ReadByte());
        Assert.Equal(1, reader.Read(buffer, 1, 1));
        Assert.Equal("b", Text(buffer[1..2]));
        Assert.Equal(1, reader.Read(buffer.AsSpan()));
        Assert.Equal("c", Text(buffer[..1]));
        Assert.Equal(1, await reader.ReadAsync(buffer, 2, 1, default));
        Assert.Equal("d", Text(buffer[2..]));
        Assert.Equal(1, await reader.ReadAsync(buffer.AsMemory()));
        Assert.Equal("e", Text(buffer[..1]));
        Assert.Equal(-1, reader.ReadByte());
    }

    [Fact]
    public async Task A_read_into_nothing_waits_for_something_to_read()
    {
        using var reader = new SaslStream(new ScriptedConnection(Packets("text")), new NumberedLayer());
        Assert.Equal(0, await reader.ReadAsync(Memory<byte>.Empty));
        Assert.Equal("text", Text(await ReadAsync(reader, 100, asynchronous: true)));
    }

    [Fact]
    public void It_cannot_seek()
    {
        using var stream = new SaslStream(new ScriptedConnection(), new NumberedLayer());
        Assert.False(stream.CanSeek);
        Assert.True(stream.CanRead);
        Assert.True(stream.CanWrite);
        Assert.Throws<NotSupportedException>(() => stream.Length);
        Assert.Throws<NotSupportedException>(() => stream.Position);
        Assert.Throws<NotSupportedException>(() => stream.Position = 0);
        Assert.Throws<NotSupportedException>(() => stream.Seek(0, SeekOrigin.Begin));
        Assert.Throws<NotSupportedException>(() => stream.SetLength(0));
    }

    [Fact]
    public async Task A_cancelled_read_loses_nothing()
    {
        var connection = new WaitingConnection();
        using var reader = new SaslStream(connection, new NumberedLayer());
        using var cancellation = new CancellationTokenSource();
        byte[] buffer = new byte[100];
        ValueTask<int> cancelled = reader.ReadAsync(buffer, cancellation.Token);
        await connection.Reading.Task;
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await cancelled);

        connection.Arrive(Packets("text"));
        Assert.Equal("text", Text(await ReadAsync(reader, 100, asynchronous: true)));
    }

    [Fact]
    public async Task A_read_that_is_cancelled_beforehand_does_not_begin()
    {
        var connection = new ScriptedConnection(Packets("text"));
        using var stream = new SaslStream(connection, new NumberedLayer());
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await stream.ReadAsync(new byte[10], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await stream.WriteAsync(Text("x").AsMemory(), cancelled));
        Assert.Equal(0, connection.Reads);
        await WriteAsync(stream, Text("still usable"), asynchronous: true);
        Assert.Single(connection.Sent);
    }

    [Fact]
    public async Task After_a_write_that_was_cancelled_half_way_nothing_more_is_written()
    {
        var connection = new WaitingConnection();
        using var writer = new SaslStream(connection, new NumberedLayer());
        using var cancellation = new CancellationTokenSource();
        ValueTask cancelled = writer.WriteAsync(Text("text").AsMemory(), cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await cancelled);

        connection.LetWritesPass();
        await Assert.ThrowsAsync<IOException>(async () => await writer.WriteAsync(Text("text").AsMemory()));
    }

    [Fact]
    public async Task After_a_write_that_failed_nothing_more_is_written_but_reading_goes_on()
    {
        var connection = new ScriptedConnection(Packets("text")) { FailNextWrite = new IOException("broken pipe") };
        using var stream = new SaslStream(connection, new NumberedLayer());
        Assert.Equal("broken pipe", Assert.Throws<IOException>(() => stream.Write("x"u8)).Message);
        Assert.Throws<IOException>(() => stream.Write("x"u8));
        Assert.Empty(connection.Sent);
        Assert.Equal("text", Text(await ReadAsync(stream, 100, asynchronous: false)));
    }

    [Fact]
    public async Task A_connection_that_fails_to_read_once_can_be_read_again()
    {
        var connection = new ScriptedConnection(Packets("text")) { FailNextRead = new IOException("timed out") };
        using var stream = new SaslStream(connection, new NumberedLayer());
        await Assert.ThrowsAsync<IOException>(() => ReadAsync(stream, 100, asynchronous: true));
        Assert.False(connection.IsDisposed);
        Assert.Equal("text", Text(await ReadAsync(stream, 100, asynchronous: true)));
    }

    [Fact]
    public void A_peer_that_accepts_no_data_gets_none()
    {
        var connection = new ScriptedConnection();
        using var stream = new SaslStream(connection, new NumberedLayer(maxPlaintext: 0));
        Assert.Throws<IOException>(() => stream.Write("x"u8));
        Assert.Empty(connection.Sent);
    }

    [Fact]
    public async Task Two_readers_or_two_writers_at_once_are_refused_and_one_of_each_is_not()
    {
        var connection = new WaitingConnection();
        using var stream = new SaslStream(connection, new NumberedLayer());
        ValueTask<int> reading = stream.ReadAsync(new byte[10]);
        ValueTask writing = stream.WriteAsync(Text("x").AsMemory());
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await stream.ReadAsync(new byte[10]));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await stream.WriteAsync(Text("x").AsMemory()));
        connection.LetWritesPass();
        connection.Arrive(Packets("text"));
        await writing;
        Assert.Equal(4, await reading);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Disposing_disposes_the_layer_and_the_connection_unless_told_not_to(bool leaveOpen, bool asynchronous)
    {
        var connection = new ScriptedConnection(Packets("text"));
        var layer = new NumberedLayer();
        var stream = new SaslStream(connection, layer, leaveOpen);
        if (asynchronous)
            await stream.DisposeAsync();
        else
            stream.Dispose();
        stream.Dispose();
        await stream.DisposeAsync();

        Assert.True(layer.IsDisposed);
        Assert.Equal(!leaveOpen, connection.IsDisposed);
        Assert.False(stream.CanRead);
        Assert.False(stream.CanWrite);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ReadAsync(stream, 100, asynchronous));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => WriteAsync(stream, Text("x"), asynchronous));
        Assert.Throws<ObjectDisposedException>(stream.Flush);
    }

    [Fact]
    public async Task Disposing_during_a_read_waits_with_the_buffers_and_keys_until_the_read_has_ended()
    {
        var connection = new WaitingConnection();
        var layer = new NumberedLayer();
        var stream = new SaslStream(connection, layer);
        ValueTask<int> reading = stream.ReadAsync(new byte[10]);
        await stream.DisposeAsync();
        Assert.True(connection.IsDisposed);
        Assert.False(layer.IsDisposed);

        connection.Arrive(Packets("text"));
        Assert.Equal(4, await reading);
        Assert.True(layer.IsDisposed);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await stream.ReadAsync(new byte[10]));
    }

    [Fact]
    public void A_layer_that_announced_nothing_is_a_mistake() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SaslStream(Stream.Null, new NumberedLayer(maxSealed: 0)));

    [Fact]
    public async Task Both_sides_can_talk_at_the_same_time_over_a_real_connection()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        Task<TcpClient> accepting = listener.AcceptTcpClientAsync();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using TcpClient server = await accepting;

        const int Length = 3_000_000;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await using var left = new SaslStream(client.GetStream(), new NumberedLayer(4000, 4100));
        await using var right = new SaslStream(server.GetStream(), new NumberedLayer(4000, 4100));
        byte[] text = new byte[Length];
        RandomNumberGenerator.Fill(text);

        byte[][] read = await Task.WhenAll(
            TalkAsync(left), ListenAsync(left), TalkAsync(right), ListenAsync(right));
        Assert.True(read[1].AsSpan().SequenceEqual(text));
        Assert.True(read[3].AsSpan().SequenceEqual(text));

        async Task<byte[]> TalkAsync(SaslStream stream)
        {
            for (int sent = 0; sent < Length; sent += 33_333)
                await stream.WriteAsync(text.AsMemory(sent, Math.Min(33_333, Length - sent)), limit.Token);
            return [];
        }

        async Task<byte[]> ListenAsync(SaslStream stream)
        {
            byte[] received = new byte[Length];
            await stream.ReadExactlyAsync(received, limit.Token);
            return received;
        }
    }

    [Fact]
    public void Random_octets_never_throw_anything_but_the_promised()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int round = 0; round < 500; round++)
        {
            byte[] octets = Packets("a", "bc", new string('d', random.Next(900)));
            for (int flips = random.Next(4); flips > 0; flips--)
                octets[random.Next(octets.Length)] ^= (byte)(1 << random.Next(8));
            byte[][] pieces = [.. octets.AsSpan(0, random.Next(octets.Length + 1)).ToArray().Chunk(1 + random.Next(700))];
            using var reader = new SaslStream(new ScriptedConnection(pieces), new NumberedLayer());
            byte[] buffer = new byte[1 + random.Next(2000)];
            try
            {
                while (reader.Read(buffer) > 0)
                {
                }
            }
            catch (IOException)
            {
            }
            catch (Exception exception)
            {
                Assert.Fail($"seed {seed}: {exception}");
            }
        }
    }

    private static byte[] Packets(params string[] texts)
    {
        var output = new ArrayBufferWriter<byte>();
        using var layer = new NumberedLayer();
        foreach (string text in texts)
        {
            byte[] length = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, text.Length + NumberedLayer.Overhead);
            output.Write(length);
            layer.Wrap(Text(text), output);
        }
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Text(string text) => Encoding.ASCII.GetBytes(text);

    private static string Text(byte[] octets) => Encoding.ASCII.GetString(octets);

    private static async Task<byte[]> ReadAsync(SaslStream stream, int most, bool asynchronous)
    {
        byte[] buffer = new byte[most];
        int count = asynchronous ? await stream.ReadAsync(buffer) : stream.Read(buffer);
        return buffer[..count];
    }

    private static async Task WriteAsync(SaslStream stream, byte[] octets, bool asynchronous)
    {
        if (asynchronous)
            await stream.WriteAsync(octets);
        else
            stream.Write(octets);
    }

    private static async Task AssertUnusableAsync(SaslStream stream)
    {
        foreach (bool asynchronous in new[] { true, false })
        {
            await Assert.ThrowsAsync<IOException>(() => ReadAsync(stream, 100, asynchronous));
            await Assert.ThrowsAsync<IOException>(() => WriteAsync(stream, Text("x"), asynchronous));
        }
    }
}
