using System.Buffers;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>The value of an Authorization field with a bearer token (RFC 6750 section 2.1).</summary>
/// <remarks>
/// <code>
/// credentials = "Bearer" 1*SP b64token
/// b64token    = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
/// </code>
/// </remarks>
internal static class BearerToken
{
    private static readonly SearchValues<byte> s_tokenOctets =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/"u8);

    private static ReadOnlySpan<byte> Scheme => "Bearer"u8;

    /// <summary>Finds the token in the value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="start">Where in it the token begins; it goes to the end.</param>
    public static bool TryFind(ReadOnlySpan<byte> value, out int start)
    {
        start = 0;
        if (value.Length <= Scheme.Length || !Ascii.EqualsIgnoreCase(value[..Scheme.Length], Scheme))
            return false;
        int blanks = value[Scheme.Length..].IndexOfAnyExcept((byte)' ');
        start = Scheme.Length + blanks;
        return blanks > 0 && IsToken(value[start..]);
    }

    /// <summary>Whether octets can be a token.</summary>
    public static bool IsToken(ReadOnlySpan<byte> octets)
    {
        ReadOnlySpan<byte> characters = octets.TrimEnd((byte)'=');
        return !characters.IsEmpty && !characters.ContainsAnyExcept(s_tokenOctets);
    }

    /// <summary>Appends the value for a token.</summary>
    public static void Write(ReadOnlySpan<byte> token, IBufferWriter<byte> output)
    {
        output.Write(Scheme);
        output.Write(" "u8);
        output.Write(token);
    }
}
