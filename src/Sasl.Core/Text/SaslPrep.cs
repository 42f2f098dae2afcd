using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Sasl;

/// <summary>SASLprep, RFC 4013, for printable ASCII, which it leaves as it is. Everything else is refused.</summary>
public static class SaslPrep
{
    /// <summary>Prepares a string that is kept.</summary>
    /// <param name="utf8">The string.</param>
    /// <param name="output">Receives the prepared string.</param>
    /// <returns>False when it cannot be prepared.</returns>
    public static bool TryStored(ReadOnlySpan<byte> utf8, IBufferWriter<byte> output) => TryQuery(utf8, output);

    /// <summary>Prepares a string that is compared.</summary>
    /// <param name="utf8">The string.</param>
    /// <param name="output">Receives the prepared string.</param>
    /// <returns>False when it cannot be prepared.</returns>
    public static bool TryQuery(ReadOnlySpan<byte> utf8, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (utf8.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
            return false;
        output.Write(utf8);
        return true;
    }

    /// <summary>Prepares a text that is kept.</summary>
    /// <param name="text">The text.</param>
    /// <param name="prepared">The prepared text.</param>
    /// <returns>False when it cannot be prepared.</returns>
    public static bool TryStored(string text, [NotNullWhen(true)] out string? prepared) => TryQuery(text, out prepared);

    /// <summary>Prepares a text that is compared.</summary>
    /// <param name="text">The text.</param>
    /// <param name="prepared">The prepared text.</param>
    /// <returns>False when it cannot be prepared.</returns>
    public static bool TryQuery(string text, [NotNullWhen(true)] out string? prepared)
    {
        prepared = text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? null : text;
        return prepared is not null;
    }

    /// <summary>Prepares a trace text (RFC 4505 section 3).</summary>
    /// <param name="text">The text.</param>
    /// <param name="prepared">The prepared text.</param>
    /// <returns>False when it cannot be prepared.</returns>
    public static bool TryTrace(string text, [NotNullWhen(true)] out string? prepared) => TryQuery(text, out prepared);
}
