using System.Buffers;
using System.Buffers.Text;

namespace Sasl;

/// <summary>Base64 as SASL profiles put it on the wire (RFC 4648 section 4): padded, and strict when it is read.</summary>
public static class SaslBase64
{
    /// <summary>Appends the base64 form of some octets.</summary>
    /// <param name="octets">What to encode; nothing gives nothing.</param>
    /// <param name="output">Where the characters go, as ASCII.</param>
    public static void Encode(ReadOnlySpan<byte> octets, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (octets.IsEmpty)
            return;
        Base64.EncodeToUtf8(octets, output.GetSpan(Base64.GetMaxEncodedToUtf8Length(octets.Length)), out _, out int written);
        output.Advance(written);
    }

    /// <summary>Reads base64 and appends the octets.</summary>
    /// <param name="text">ASCII characters. White space, missing padding, characters after the padding and set padding bits are refused.</param>
    /// <param name="output">Where the octets go; nothing is written when the result is false.</param>
    /// <returns>False when the text is not base64.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (text.IsEmpty)
            return true;
        if (!TryDecode(text, output.GetSpan(Base64.GetMaxDecodedFromUtf8Length(text.Length)), out int written))
            return false;
        output.Advance(written);
        return true;
    }

    /// <summary>Reads base64 of a size known beforehand.</summary>
    /// <param name="text">ASCII characters, as strictly read as by the other overload.</param>
    /// <param name="destination">Where the octets go; undefined when the result is false.</param>
    /// <param name="written">How many octets were read; 0 when the result is false.</param>
    /// <returns>False when the text is not base64 or does not fit.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> destination, out int written)
    {
        written = 0;
        if (text.IsEmpty)
            return true;
        if (!IsCanonical(text) || Base64.DecodeFromUtf8(text, destination, out _, out int decoded) is not OperationStatus.Done)
            return false;
        written = decoded;
        return true;
    }

    // Base64.DecodeFromUtf8 skips white space and ignores the bits that padding leaves over; the wire forms allow neither.
    private static bool IsCanonical(ReadOnlySpan<byte> text)
    {
        if (text.Length % 4 != 0 || text.ContainsAnyExcept(s_alphabet))
            return false;
        int padding = text.EndsWith("=="u8) ? 2 : text.EndsWith("="u8) ? 1 : 0;
        if (text[..^padding].Contains((byte)'='))
            return false;
        int spare = padding switch { 2 => 0b1111, 1 => 0b11, _ => 0 };
        return (ValueOf(text[text.Length - padding - 1]) & spare) == 0;
    }

    private static readonly SearchValues<byte> s_alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="u8);

    private static int ValueOf(byte character) => character switch
    {
        >= (byte)'A' and <= (byte)'Z' => character - 'A',
        >= (byte)'a' and <= (byte)'z' => character - 'a' + 26,
        >= (byte)'0' and <= (byte)'9' => character - '0' + 52,
        (byte)'+' => 62,
        _ => 63,
    };
}
