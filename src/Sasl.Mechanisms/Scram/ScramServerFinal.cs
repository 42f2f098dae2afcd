namespace Sasl.Mechanisms;

/// <summary>The server's final message (RFC 5802 section 7).</summary>
/// <remarks>
/// <code>
/// server-final-message = ("e=" server-error-value / "v=" base64) ["," extensions]
/// </code>
/// </remarks>
internal readonly ref struct ScramServerFinal
{
    /// <summary>The server's signature, in base64; empty when an error came instead.</summary>
    public ReadOnlySpan<byte> Signature { get; private init; }

    /// <summary>The error; empty when a signature came instead.</summary>
    public ReadOnlySpan<byte> Error { get; private init; }

    /// <summary>Reads a message.</summary>
    public static bool TryParse(ReadOnlySpan<byte> octets, out ScramServerFinal message)
    {
        message = default;
        if (!ScramText.IsText(octets))
            return false;
        var reader = new AttributeReader(octets);
        ReadOnlySpan<byte> error = default;
        if (!reader.TryTake((byte)'v', out ReadOnlySpan<byte> signature) && !reader.TryTake((byte)'e', out error))
            return false;
        message = new ScramServerFinal { Signature = signature, Error = error };
        return ScramText.TrySkipExtensions(ref reader);
    }
}
