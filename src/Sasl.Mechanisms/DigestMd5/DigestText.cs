using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Sasl.Mechanisms;

/// <summary>The ISO 8859-1 rule of RFC 2831 section 2.1.2.1: text that ISO 8859-1 can express is hashed in it, even if it is sent in UTF-8.</summary>
internal static class DigestText
{
    /// <summary>Gives the octets to hash.</summary>
    /// <param name="text">The text in UTF-8, or octets of another encoding, which are left alone.</param>
    /// <returns>The text in ISO 8859-1 where that can express all of it; else the octets as they are.</returns>
    public static byte[] Fold(ReadOnlySpan<byte> text)
    {
        byte[] folded = new byte[text.Length];
        int length = 0;
        for (ReadOnlySpan<byte> rest = text; !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf8(rest, out Rune rune, out int used) is not OperationStatus.Done || rune.Value > byte.MaxValue)
            {
                System.Security.Cryptography.CryptographicOperations.ZeroMemory(folded);
                return text.ToArray();
            }
            folded[length++] = (byte)rune.Value;
            rest = rest[used..];
        }
        if (length == folded.Length)
            return folded;
        byte[] exact = folded[..length];
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(folded);
        return exact;
    }

    /// <summary>Reads a name that a client sent. Cyrus SASL sends UTF-8 without saying so; what is no UTF-8 is ISO 8859-1 then.</summary>
    /// <param name="octets">The name.</param>
    /// <param name="isUtf8">Whether the client said that it is UTF-8.</param>
    /// <param name="text">The name.</param>
    /// <returns>False when the client said so and it is not.</returns>
    public static bool TryRead(ReadOnlySpan<byte> octets, bool isUtf8, out string text)
    {
        bool valid = Utf8.IsValid(octets);
        text = valid ? Encoding.UTF8.GetString(octets) : Encoding.Latin1.GetString(octets);
        return valid || !isUtf8;
    }

    /// <summary>Encodes a name for a server.</summary>
    /// <param name="text">The name.</param>
    /// <param name="isUtf8">Whether the server takes UTF-8.</param>
    /// <param name="octets">The octets to send.</param>
    /// <returns>False when the server takes ISO 8859-1 only, and the name does not fit.</returns>
    public static bool TryWrite(string text, bool isUtf8, out byte[] octets)
    {
        octets = Encoding.UTF8.GetBytes(text);
        if (isUtf8 || Ascii.IsValid(text))
            return true;
        octets = Encoding.Latin1.GetBytes(text);
        return !text.AsSpan().ContainsAnyExceptInRange('\0', 'ÿ');
    }
}
