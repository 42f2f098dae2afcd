using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;

namespace Sasl.Mechanisms;

/// <summary>The two numbers in DIGEST-MD5's messages.</summary>
internal static class DigestNumber
{
    /// <summary>The digits of a nonce count.</summary>
    public const int CountDigits = 8;

    /// <summary>Reads <c>maxbuf</c>: 17 to 16,777,215.</summary>
    public static bool TryReadBuffer(ReadOnlySpan<byte> digits, out int octets) =>
        Utf8Parser.TryParse(digits, out octets, out int used)
        && used == digits.Length
        && digits[0] is >= (byte)'0' and <= (byte)'9'
        && octets is >= DigestProtection.MinBuffer and <= DigestProtection.MaxBuffer;

    /// <summary>Writes <c>nc</c>: eight hex digits.</summary>
    public static void WriteCount(IBufferWriter<byte> output, ReadOnlySpan<byte> label, uint count)
    {
        Span<byte> octets = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(octets, count);
        Span<byte> room = output.GetSpan(label.Length + CountDigits);
        label.CopyTo(room);
        Convert.TryToHexStringLower(octets, room[label.Length..], out int digits);
        output.Advance(label.Length + digits);
    }

    /// <summary>Reads <c>nc</c>: eight hex digits.</summary>
    public static bool TryReadCount(ReadOnlySpan<byte> digits, out uint count)
    {
        count = 0;
        return digits.Length == CountDigits && Utf8Parser.TryParse(digits, out count, out int used, 'x') && used == CountDigits;
    }
}
