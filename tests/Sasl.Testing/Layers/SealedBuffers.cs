using System.Buffers;
using System.Buffers.Binary;

namespace Sasl.Testing.Layers;

/// <summary>Single buffers of a security layer.</summary>
public static class SealedBuffers
{
    /// <summary>How many octets of length stand before a sealed buffer on a connection.</summary>
    public const int LengthOctets = 4;

    /// <summary>Seals on one side.</summary>
    public static byte[] Seal(this SaslSecurityLayer from, ReadOnlySpan<byte> plain)
    {
        ArgumentNullException.ThrowIfNull(from);
        var output = new ArrayBufferWriter<byte>();
        from.Wrap(plain, output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Opens on the other; null when the buffer is refused.</summary>
    public static byte[]? Open(this SaslSecurityLayer to, ReadOnlySpan<byte> packet)
    {
        ArgumentNullException.ThrowIfNull(to);
        var output = new ArrayBufferWriter<byte>();
        return to.TryUnwrap(packet, output) ? output.WrittenSpan.ToArray() : null;
    }

    /// <summary>A sealed buffer as it goes over a connection, with its length before it.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> packet)
    {
        byte[] framed = new byte[LengthOctets + packet.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed, packet.Length);
        packet.CopyTo(framed.AsSpan(LengthOctets));
        return framed;
    }
}
