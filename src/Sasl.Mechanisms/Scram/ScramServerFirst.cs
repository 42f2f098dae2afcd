namespace Sasl.Mechanisms;

/// <summary>The server's first message (RFC 5802 section 7).</summary>
/// <remarks>
/// <code>
/// server-first-message = [reserved-mext ","] "r=" c-nonce s-nonce "," "s=" base64 "," "i=" posit-number ["," extensions]
/// </code>
/// Instead of it some servers send a <c>server-error</c> ("e=") already here (RFC 5802, erratum 5271).
/// </remarks>
internal readonly ref struct ScramServerFirst
{
    /// <summary>Both nonces.</summary>
    public ReadOnlySpan<byte> Nonce { get; private init; }

    /// <summary>The salt, in base64.</summary>
    public ReadOnlySpan<byte> Salt { get; private init; }

    /// <summary>The iteration count, at least 1.</summary>
    public int Iterations { get; private init; }

    /// <summary>Reads a message.</summary>
    public static bool TryParse(ReadOnlySpan<byte> octets, out ScramServerFirst message)
    {
        message = default;
        if (!ScramText.IsText(octets))
            return false;
        var reader = new AttributeReader(octets);
        if (!reader.TryTake((byte)'r', out ReadOnlySpan<byte> nonce) || !ScramText.IsNonce(nonce)
            || !reader.TryTake((byte)'s', out ReadOnlySpan<byte> salt)
            || !reader.TryTake((byte)'i', out ReadOnlySpan<byte> digits)
            || !WireNumber.TryParsePositive(digits, int.MaxValue, out int iterations)
            || !ScramText.TrySkipExtensions(ref reader))
        {
            return false;
        }
        message = new ScramServerFirst { Nonce = nonce, Salt = salt, Iterations = iterations };
        return true;
    }
}
