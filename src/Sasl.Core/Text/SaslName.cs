using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace Sasl;

/// <summary>Names inside GS2 headers and SCRAM messages: UTF-8 in which "," is sent as "=2C" and "=" as "=3D".</summary>
/// <remarks>saslname = 1*(value-safe-char / "=2C" / "=3D") (RFC 5801 section 4, RFC 5802 section 7).</remarks>
public static class SaslName
{
    /// <summary>The longest name, in octets of UTF-8. No canonical name is longer.</summary>
    public const int MaxLength = 1024;

    private const int LongestEscape = 3;

    /// <summary>Reads a name.</summary>
    /// <param name="encoded">The octets as they were sent.</param>
    /// <param name="name">The name.</param>
    /// <returns>False when it is empty, too long, not UTF-8, or has a NUL, a comma, or an "=" that starts neither escape.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, [NotNullWhen(true)] out string? name)
    {
        name = null;
        if (encoded.IsEmpty || encoded.Length > LongestEscape * MaxLength || encoded.ContainsAny((byte)0, (byte)','))
            return false;

        Span<byte> decoded = stackalloc byte[MaxLength];
        int length = 0;
        while (!encoded.IsEmpty)
        {
            int plain = encoded.IndexOf((byte)'=') is var equals and >= 0 ? equals : encoded.Length;
            if (length + plain > MaxLength || !TryReadEscape(encoded[plain..], out byte? escaped))
                return false;
            encoded[..plain].CopyTo(decoded[length..]);
            length += plain;
            encoded = encoded[plain..];
            if (escaped is not { } octet)
                break;
            if (length == MaxLength)
                return false;
            decoded[length++] = octet;
            encoded = encoded[LongestEscape..];
        }
        if (!Utf8.IsValid(decoded[..length]))
            return false;
        name = Encoding.UTF8.GetString(decoded[..length]);
        return true;
    }

    /// <summary>Appends a name with its escapes.</summary>
    /// <param name="name">The name.</param>
    /// <param name="output">Where it goes.</param>
    public static void Encode(ReadOnlySpan<char> name, IBufferWriter<byte> output)
    {
        while (name.IndexOfAny(',', '=') is var special and >= 0)
        {
            Encoding.UTF8.GetBytes(name[..special], output);
            output.Write(name[special] == ',' ? "=2C"u8 : "=3D"u8);
            name = name[(special + 1)..];
        }
        Encoding.UTF8.GetBytes(name, output);
    }

    private static bool TryReadEscape(ReadOnlySpan<byte> octets, out byte? escaped)
    {
        escaped = octets.StartsWith("=2C"u8) ? (byte)',' : octets.StartsWith("=3D"u8) ? (byte)'=' : null;
        return octets.IsEmpty || escaped is not null;
    }
}
