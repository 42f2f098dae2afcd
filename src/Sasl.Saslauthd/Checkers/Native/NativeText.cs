using System.Runtime.InteropServices;
using System.Text;

namespace Sasl.Saslauthd;

/// <summary>Words that a C library has for the administrator.</summary>
internal static unsafe class NativeText
{
    /// <summary>The longest text that is passed on, in characters.</summary>
    public const int MaxLength = 256;

    /// <summary>A text without control characters and of bounded length; empty for none.</summary>
    public static string Read(byte* text) => text is null ? "" : Clean(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));

    /// <summary>A text without control characters and of bounded length.</summary>
    public static string Clean(ReadOnlySpan<byte> text)
    {
        string words = Encoding.UTF8.GetString(text[..Math.Min(text.Length, MaxLength)]);
        return string.Concat(words.Select(static character => char.IsControl(character) ? ' ' : character)).Trim();
    }
}
