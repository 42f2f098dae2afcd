using System.Buffers;
using System.Globalization;

namespace Sasl.Mechanisms;

/// <summary>The key-value pairs of a client's first message (RFC 7628 section 3.1).</summary>
/// <remarks>
/// <code>
/// fields = *kvpair kvsep
/// kvpair = key "=" value kvsep
/// key    = 1*ALPHA
/// value  = *(VCHAR / SP / HTAB / CR / LF)      XOAUTH2's user has other octets of UTF-8 too
/// kvsep  = %x01
/// </code>
/// Unknown keys are ignored; one that is known may not appear twice, and <c>auth</c> must appear.
/// </remarks>
internal readonly record struct OAuthFields(Range? User, Range Authorization)
{
    /// <summary>The octet behind each pair and behind all.</summary>
    public const byte Separator = 0x01;

    /// <summary>The most pairs in one message; four are known.</summary>
    public const int MaxPairs = 32;

    private const int MaxPort = 65_535;

    private static readonly SearchValues<byte> s_valueOctets = SearchValues.Create(
        [(byte)'\t', (byte)'\r', (byte)'\n', .. Enumerable.Range(' ', '~' - ' ' + 1).Select(static octet => (byte)octet)]);

    /// <summary>Reads the pairs from a place in a message to its end.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, int start, out OAuthFields fields)
    {
        fields = default;
        Range? user = null, authorization = null, host = null, port = null;
        for (int pairs = 0; pairs <= MaxPairs; pairs++)
        {
            ReadOnlySpan<byte> rest = message[start..];
            if (rest is [Separator])
            {
                fields = new OAuthFields(user, authorization ?? default);
                return authorization is not null;
            }
            int end = rest.IndexOf(Separator);
            int equals = end < 0 ? -1 : rest[..end].IndexOf((byte)'=');
            if (equals <= 0 || !IsKey(rest[..equals]))
                return false;
            Range value = (start + equals + 1)..(start + end);
            bool acceptable = rest[..equals] switch
            {
                [(byte)'u', (byte)'s', (byte)'e', (byte)'r'] => TrySet(ref user, value),
                [(byte)'a', (byte)'u', (byte)'t', (byte)'h'] => TrySet(ref authorization, value) && IsValue(message[value]),
                [(byte)'h', (byte)'o', (byte)'s', (byte)'t'] => TrySet(ref host, value) && IsValue(message[value]),
                [(byte)'p', (byte)'o', (byte)'r', (byte)'t'] => TrySet(ref port, value) && IsPort(message[value]),
                _ => true,
            };
            if (!acceptable)
                return false;
            start += end + 1;
        }
        return false;
    }

    /// <summary>Writes the pair with the token and the end of the message.</summary>
    public static void WriteLast(ReadOnlySpan<byte> token, IBufferWriter<byte> output)
    {
        output.Write("auth="u8);
        BearerToken.Write(token, output);
        output.Write([Separator, Separator]);
    }

    private static bool TrySet(ref Range? field, Range value)
    {
        bool isFirst = field is null;
        field = value;
        return isFirst;
    }

    private static bool IsKey(ReadOnlySpan<byte> key)
    {
        foreach (byte octet in key)
        {
            if (!char.IsAsciiLetter((char)octet))
                return false;
        }
        return true;
    }

    private static bool IsValue(ReadOnlySpan<byte> value) => !value.ContainsAnyExcept(s_valueOctets);

    private static bool IsPort(ReadOnlySpan<byte> value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port <= MaxPort;
}
