namespace Sasl.Mechanisms;

/// <summary>The client's final message (RFC 5802 section 7).</summary>
/// <remarks>
/// <code>
/// client-final-message-without-proof = "c=" base64 "," "r=" c-nonce s-nonce ["," extensions]
/// client-final-message               = client-final-message-without-proof "," "p=" base64
/// </code>
/// </remarks>
internal readonly ref struct ScramClientFinal
{
    /// <summary>The GS2 header and the channel-binding data, in base64.</summary>
    public ReadOnlySpan<byte> Binding { get; private init; }

    /// <summary>Both nonces.</summary>
    public ReadOnlySpan<byte> Nonce { get; private init; }

    /// <summary>The proof, in base64.</summary>
    public ReadOnlySpan<byte> Proof { get; private init; }

    /// <summary>What is signed of this message.</summary>
    public ReadOnlySpan<byte> WithoutProof { get; private init; }

    /// <summary>Reads a message.</summary>
    public static bool TryParse(ReadOnlySpan<byte> octets, out ScramClientFinal message)
    {
        message = default;
        if (!ScramText.IsText(octets))
            return false;
        var reader = new AttributeReader(octets);
        if (!reader.TryTake((byte)'c', out ReadOnlySpan<byte> binding) || !reader.TryTake((byte)'r', out ReadOnlySpan<byte> nonce))
            return false;

        while (!reader.AtEnd)
        {
            int start = reader.Position;
            if (!reader.TryTakeAny(out byte name, out ReadOnlySpan<byte> value))
                return false;
            if (name == (byte)'p' && reader.AtEnd)
            {
                message = new ScramClientFinal { Binding = binding, Nonce = nonce, Proof = value, WithoutProof = octets[..(start - 1)] };
                return true;
            }
            if (ScramText.IsReserved(name))
                return false;
        }
        return false;
    }
}
