using System.Buffers.Binary;
using Sasl.Core.Tests.Streams;
using Xunit;

namespace Sasl.Tests.History;

/// <summary>The lengths that precede sealed packets.</summary>
public sealed class FramingHistoryTests
{
    [Theory]
    [InlineData(0u)]
    [InlineData(1006u)]
    [InlineData(0x00FFFFFFu)]
    [InlineData(0x7FFFFFFFu)]
    [InlineData(0x80000000u)]
    [InlineData(0xFFFFFFFFu)]
    public async Task Packet_length_is_checked_for_the_second_packet_too(uint length)
    {
        byte[] second = new byte[4 + 300];
        BinaryPrimitives.WriteUInt32BigEndian(second, length);
        var connection = new ScriptedConnection([.. Packet("first"u8), .. second]);
        using var reader = new SaslStream(connection, new NumberedLayer());
        byte[] buffer = new byte[100];
        Assert.Equal(5, await reader.ReadAsync(buffer));
        await Assert.ThrowsAsync<IOException>(async () => await reader.ReadAsync(buffer));
        Assert.True(connection.IsDisposed);
        await Assert.ThrowsAnyAsync<Exception>(async () => await reader.ReadAsync(buffer));
    }

    [Fact]
    public async Task Packet_length_is_checked_for_the_hundredth_packet_too()
    {
        var sent = new ScriptedConnection();
        using (var stream = new SaslStream(sent, new NumberedLayer(), leaveOpen: true))
        {
            for (int i = 0; i < 99; i++)
                stream.Write("x"u8);
        }
        var connection = new ScriptedConnection([.. sent.AllSent, 0xFF, 0xFF, 0xFF, 0xFF, .. new byte[50]]);
        using var reader = new SaslStream(connection, new NumberedLayer());
        byte[] buffer = new byte[1];
        for (int i = 0; i < 99; i++)
            Assert.Equal(1, await reader.ReadAsync(buffer));
        await Assert.ThrowsAsync<IOException>(async () => await reader.ReadAsync(buffer));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_packet_shorter_than_its_own_parts_is_refused(int length)
    {
        byte[] packet = new byte[4 + length];
        BinaryPrimitives.WriteInt32BigEndian(packet, length);
        using var reader = new SaslStream(new ScriptedConnection(packet), new NumberedLayer());
        await Assert.ThrowsAsync<IOException>(async () => await reader.ReadAsync(new byte[10]));
    }

    [Fact]
    public async Task A_packet_length_reserves_no_memory()
    {
        const int Announced = 16 * 1024 * 1024;
        byte[] header = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(header, Announced);
        var connection = new ScriptedConnection(header);
        using var reader = new SaslStream(connection, new NumberedLayer(maxSealed: Announced));
        await Assert.ThrowsAsync<EndOfStreamException>(async () => await reader.ReadAsync(new byte[10]));
        Assert.InRange(connection.LargestRead, 1, 64 * 1024);
    }

    private static byte[] Packet(ReadOnlySpan<byte> plaintext)
    {
        var sent = new ScriptedConnection();
        using var stream = new SaslStream(sent, new NumberedLayer(), leaveOpen: true);
        stream.Write(plaintext);
        return sent.AllSent;
    }
}
