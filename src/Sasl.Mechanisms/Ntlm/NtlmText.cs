using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>Names in messages: UTF-16 in little-endian order, or the "OEM" set of eight bits, for which UTF-8 is taken.</summary>
internal static class NtlmText
{
    private static readonly UnicodeEncoding s_unicode = new(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true);
    private static readonly UTF8Encoding s_oem = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The octets of a name; a name that came from an application is always well formed.</summary>
    public static byte[] Write(string name, bool unicode) => unicode ? Encoding.Unicode.GetBytes(name) : Encoding.UTF8.GetBytes(name);

    /// <summary>The name of some octets; false when they are no text, or contain NUL.</summary>
    public static bool TryRead(ReadOnlySpan<byte> octets, bool unicode, [NotNullWhen(true)] out string? name)
    {
        try
        {
            name = (unicode ? (Encoding)s_unicode : s_oem).GetString(octets);
        }
        catch (DecoderFallbackException)
        {
            name = null;
        }
        if (name is not null && !name.Contains('\0', StringComparison.Ordinal))
            return true;
        name = null;
        return false;
    }

    /// <summary>A password as UTF-16 in little-endian order. What is not UTF-8 is widened octet by octet, as Cyrus SASL widens everything.</summary>
    /// <returns>A new array, which the caller erases.</returns>
    public static byte[] Widen(ReadOnlySpan<byte> password)
    {
        char[] characters = new char[password.Length];
        int length = System.Text.Unicode.Utf8.ToUtf16(password, characters, out _, out int written, replaceInvalidSequences: false) is System.Buffers.OperationStatus.Done
            ? written
            : Encoding.Latin1.GetChars(password, characters);
        byte[] wide = new byte[2 * length];
        Encoding.Unicode.GetBytes(characters.AsSpan(0, length), wide);
        characters.AsSpan().Clear();
        return wide;
    }
}
