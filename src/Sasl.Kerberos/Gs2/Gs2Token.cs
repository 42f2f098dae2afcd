namespace Sasl.Kerberos;

/// <summary>The header of a first token (RFC 2743 section 3.1), which GS2 takes away and gives back (RFC 5801 section 4).</summary>
/// <remarks>
/// <code>
/// token = %x60 length %x06 length oid inner    ; lengths in DER
/// </code>
/// </remarks>
internal static class Gs2Token
{
    private const byte TokenTag = 0x60;
    private const byte OidTag = 0x06;
    private const byte LongForm = 0x80;
    private const int MostLengthOctets = 4;

    // 1.2.840.113554.1.2.2 with its tag and length.
    private static ReadOnlySpan<byte> KerberosOid => [OidTag, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2];

    /// <summary>Takes the header away.</summary>
    /// <param name="token">The token, as the library made it.</param>
    /// <param name="inner">What is inside.</param>
    /// <returns>False when it has no header of Kerberos.</returns>
    public static bool TryStrip(ReadOnlySpan<byte> token, out ReadOnlySpan<byte> inner)
    {
        inner = default;
        if (token.Length < 2 || token[0] != TokenTag)
            return false;
        int lengthOctets = token[1] < LongForm ? 0 : token[1] - LongForm;
        int start = 2 + lengthOctets;
        if (lengthOctets > MostLengthOctets || token.Length < start || !token[start..].StartsWith(KerberosOid))
            return false;
        inner = token[(start + KerberosOid.Length)..];
        return true;
    }

    /// <summary>Gives the header back.</summary>
    public static byte[] Restore(ReadOnlySpan<byte> inner)
    {
        int body = KerberosOid.Length + inner.Length;
        return body < LongForm
            ? [TokenTag, (byte)body, .. KerberosOid, .. inner]
            : [TokenTag, LongForm | 4, (byte)(body >> 24), (byte)(body >> 16), (byte)(body >> 8), (byte)body, .. KerberosOid, .. inner];
    }
}
