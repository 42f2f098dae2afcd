using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sasl;

/// <summary>Collects what arrives and cuts it into packets: a 4-octet big-endian length, then that many octets (RFC 4422 section 3.7).</summary>
/// <remarks>A length is checked before anything is done for it, and memory grows with what has arrived, never with what was announced.</remarks>
internal sealed class PacketBuffer(int maxPacket) : IDisposable
{
    public const int LengthOctets = 4;

    private const int SmallestBuffer = 4 * 1024;
    private const int LargestKeptBuffer = 64 * 1024;

    private byte[] _buffer = [];
    private int _start;
    private int _end;

    /// <summary>Whether nothing is held, not even a part of a packet.</summary>
    public bool IsEmpty => _start == _end;

    /// <summary>Takes the next packet out, without its length.</summary>
    /// <param name="packet">The packet; valid until <see cref="Room"/> is called.</param>
    public PacketState TryTake(out ReadOnlyMemory<byte> packet)
    {
        packet = default;
        int held = _end - _start;
        if (held < LengthOctets)
            return PacketState.Incomplete;
        uint length = BinaryPrimitives.ReadUInt32BigEndian(_buffer.AsSpan(_start));
        if (length == 0 || length > (uint)maxPacket)
            return PacketState.Refused;
        if (held - LengthOctets < length)
            return PacketState.Incomplete;

        packet = _buffer.AsMemory(_start + LengthOctets, (int)length);
        _start += LengthOctets + (int)length;
        return PacketState.Complete;
    }

    /// <summary>Where the next octets go; never empty. Call it only after <see cref="TryTake"/> has found no further packet.</summary>
    public Memory<byte> Room()
    {
        if (IsEmpty)
        {
            _start = _end = 0;
            if (_buffer.Length > LargestKeptBuffer)
                Dispose();
        }
        if (_end == _buffer.Length)
        {
            if (_start > 0)
                MoveToFront();
            else
                Grow();
        }
        return _buffer.AsMemory(_end);
    }

    /// <summary>Octets were put into the room.</summary>
    public void Advance(int count) => _end += count;

    /// <summary>Erases what is held. With integrity protection alone it is plain text.</summary>
    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        _start = _end = 0;
        GiveBack(buffer);
    }

    private void MoveToFront()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
    }

    // The buffer is full of the beginning of one packet, so it is smaller than the largest packet allowed.
    private void Grow()
    {
        long wanted = Math.Max(SmallestBuffer, Math.Min(2L * _buffer.Length, (long)LengthOctets + maxPacket));
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(wanted, Array.MaxLength));
        _buffer.CopyTo(larger, 0);
        GiveBack(_buffer);
        _buffer = larger;
    }

    private static void GiveBack(byte[] buffer)
    {
        CryptographicOperations.ZeroMemory(buffer);
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }
}
