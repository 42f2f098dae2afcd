using System.Buffers;

namespace Sasl.Kerberos.Tests;

/// <summary>Single buffers of a layer.</summary>
internal static class Packets
{
    public static byte[] Seal(this SaslSecurityLayer from, byte[] plain)
    {
        var output = new ArrayBufferWriter<byte>();
        from.Wrap(plain, output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The plaintext; null when the buffer is refused.</summary>
    public static byte[]? Open(this SaslSecurityLayer to, byte[] packet)
    {
        var output = new ArrayBufferWriter<byte>();
        return to.TryUnwrap(packet, output) ? output.WrittenSpan.ToArray() : null;
    }
}
