using System.Buffers.Binary;
using Xunit;

namespace Sasl.Core.Tests.Streams;

public sealed class PacketBufferTests
{
    [Theory]
    [InlineData(0, PacketState.Refused)]
    [InlineData(1, PacketState.Incomplete)]
    [InlineData(1000, PacketState.Incomplete)]
    [InlineData(1001, PacketState.Refused)]
    [InlineData(int.MaxValue, PacketState.Refused)]
    [InlineData(int.MinValue, PacketState.Refused)]
    [InlineData(-1, PacketState.Refused)]
    internal void A_length_is_judged_before_anything_else_has_arrived(int length, PacketState state)
    {
        using var buffer = new PacketBuffer(maxPacket: 1000);
        byte[] header = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(header, length);
        Put(buffer, header[..3]);
        Assert.Equal(PacketState.Incomplete, buffer.TryTake(out _));
        Put(buffer, header[3..]);
        Assert.Equal(state, buffer.TryTake(out _));
    }

    [Fact]
    public void What_it_held_is_erased_when_it_is_disposed()
    {
        var buffer = new PacketBuffer(maxPacket: 1000);
        Put(buffer, [0, 0, 0, 3, 1, 2, 3, 4]);
        Assert.Equal(PacketState.Complete, buffer.TryTake(out ReadOnlyMemory<byte> packet));
        Assert.Equal([1, 2, 3], packet.ToArray());
        buffer.Dispose();
        Assert.Equal([0, 0, 0], packet.ToArray());
        Assert.True(buffer.IsEmpty);
    }

    [Fact]
    public void What_it_held_is_erased_when_it_grows()
    {
        var buffer = new PacketBuffer(maxPacket: 100_000);
        Memory<byte> first = buffer.Room();
        BinaryPrimitives.WriteInt32BigEndian(first.Span, 100_000);
        first.Span[4..].Fill(7);
        buffer.Advance(first.Length);
        Assert.Equal(PacketState.Incomplete, buffer.TryTake(out _));
        Assert.False(buffer.Room().IsEmpty);
        Assert.DoesNotContain(first.ToArray(), static octet => octet != 0);
        buffer.Dispose();
    }

    [Fact]
    public void It_gives_a_large_buffer_back_when_it_is_empty()
    {
        const int Large = 500_000;
        var buffer = new PacketBuffer(Large);
        byte[] packet = new byte[4 + Large];
        BinaryPrimitives.WriteInt32BigEndian(packet, Large);
        Put(buffer, packet);
        Assert.Equal(PacketState.Complete, buffer.TryTake(out _));
        Assert.InRange(buffer.Room().Length, 1, 64 * 1024);
        buffer.Dispose();
    }

    private static void Put(PacketBuffer buffer, ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            Memory<byte> room = buffer.Room();
            int count = Math.Min(room.Length, octets.Length);
            octets[..count].CopyTo(room.Span);
            buffer.Advance(count);
            octets = octets[count..];
        }
    }
}
