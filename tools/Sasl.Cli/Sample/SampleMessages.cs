using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Sasl.Cli.Sample;

/// <summary>The one message each side sends after the authentication, sealed when a security layer was negotiated (Cyrus: sasl_encode).</summary>
internal static class SampleMessages
{
    public const string FromServer = "srv message 1";
    public const string FromClient = "client message 1";

    private const int LengthOctets = 4;

    // Cyrus's samples send the text with its terminating NUL.
    public static ReadOnlyMemory<byte> Encode(string text, SaslSecurityLayer? layer)
    {
        byte[] plain = [.. Encoding.ASCII.GetBytes(text), 0];
        if (layer is null)
            return plain;
        var body = new ArrayBufferWriter<byte>();
        layer.Wrap(plain, body);
        byte[] frame = new byte[LengthOctets + body.WrittenCount];
        BinaryPrimitives.WriteInt32BigEndian(frame, body.WrittenCount);
        body.WrittenSpan.CopyTo(frame.AsSpan(LengthOctets));
        return frame;
    }

    public static string Decode(ReadOnlySpan<byte> octets, SaslSecurityLayer? layer)
    {
        if (layer is null)
            return Encoding.ASCII.GetString(octets).TrimEnd('\0');
        var plain = new ArrayBufferWriter<byte>();
        if (octets.Length < LengthOctets
            || BinaryPrimitives.ReadUInt32BigEndian(octets) != (uint)(octets.Length - LengthOctets)
            || octets.Length - LengthOctets > layer.MaxSealed
            || !layer.TryUnwrap(octets[LengthOctets..], plain))
        {
            throw new SampleException("the message does not open");
        }
        return Encoding.ASCII.GetString(plain.WrittenSpan).TrimEnd('\0');
    }
}
