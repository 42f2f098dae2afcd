using System.Text.Unicode;

namespace Sasl.Mechanisms;

/// <summary>What the grammars of all four SCRAM messages share (RFC 5802 section 7).</summary>
internal static class ScramText
{
    /// <summary>The longest nonce accepted, the server's part included, in octets. Real ones have 20 to 100.</summary>
    public const int MaxNonceLength = 1024;

    private const byte FirstPrintable = 0x21;
    private const byte LastPrintable = 0x7e;

    /// <summary>Whether a message is UTF-8 without NUL.</summary>
    public static bool IsText(ReadOnlySpan<byte> octets) => !octets.Contains((byte)0) && Utf8.IsValid(octets);

    /// <summary>Whether a value can be a nonce: 1*printable; printable = %x21-2B / %x2D-7E.</summary>
    public static bool IsNonce(ReadOnlySpan<byte> value) =>
        value.Length is > 0 and <= MaxNonceLength
        && !value.ContainsAnyExceptInRange(FirstPrintable, LastPrintable)
        && !value.Contains((byte)',');

    /// <summary>Takes attributes that may be ignored, up to the end of the message.</summary>
    /// <returns>False when one may not be ignored: a mandatory extension, or an attribute of SCRAM's own in the wrong place.</returns>
    public static bool TrySkipExtensions(ref AttributeReader reader)
    {
        while (!reader.AtEnd)
        {
            if (!reader.TryTakeAny(out byte name, out _) || IsReserved(name))
                return false;
        }
        return true;
    }

    /// <summary>Whether SCRAM itself uses an attribute of this name, so that it is no extension.</summary>
    public static bool IsReserved(byte name) => "aceimnprsv"u8.Contains(name);
}
