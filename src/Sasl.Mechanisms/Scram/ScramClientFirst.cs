namespace Sasl.Mechanisms;

/// <summary>The client's first message (RFC 5802 section 7).</summary>
/// <remarks>
/// <code>
/// client-first-message      = gs2-header client-first-message-bare
/// client-first-message-bare = [reserved-mext ","] "n=" saslname "," "r=" c-nonce ["," extensions]
/// </code>
/// The mandatory extension ("m=") is refused, in any place; other extensions are ignored, but are part of what is signed.
/// </remarks>
internal readonly ref struct ScramClientFirst
{
    /// <summary>The header in front.</summary>
    public Gs2Header Header { get; private init; }

    /// <summary>The authcid, unescaped.</summary>
    public string UserName { get; private init; }

    /// <summary>The client's nonce.</summary>
    public ReadOnlySpan<byte> Nonce { get; private init; }

    /// <summary>Reads a message.</summary>
    public static bool TryParse(ReadOnlySpan<byte> octets, out ScramClientFirst message)
    {
        message = default;
        if (!ScramText.IsText(octets) || !Gs2Header.TryParse(octets, out Gs2Header header))
            return false;

        var reader = new AttributeReader(octets[header.Length..]);
        if (!reader.TryTake((byte)'n', out ReadOnlySpan<byte> name) || !SaslName.TryDecode(name, out string? userName)
            || !reader.TryTake((byte)'r', out ReadOnlySpan<byte> nonce) || !ScramText.IsNonce(nonce)
            || !ScramText.TrySkipExtensions(ref reader))
        {
            return false;
        }
        message = new ScramClientFirst { Header = header, UserName = userName, Nonce = nonce };
        return true;
    }
}
