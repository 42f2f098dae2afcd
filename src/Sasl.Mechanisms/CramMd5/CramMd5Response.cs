using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Sasl.Mechanisms;

/// <summary><c>response = user SP digest</c> (RFC 2195 section 2): the last space splits, the digest is exactly 32 lower-case hex digits.</summary>
internal readonly record struct CramMd5Response(string UserName, ReadOnlyMemory<byte> Digest)
{
    /// <summary>The longest response, in octets (Cyrus: 1024).</summary>
    public const int MaxLength = 1024;

    private static readonly SearchValues<byte> s_hexDigits = SearchValues.Create("0123456789abcdef"u8);

    public static bool TryParse(ReadOnlyMemory<byte> octets, out CramMd5Response response)
    {
        response = default;
        ReadOnlySpan<byte> span = octets.Span;
        int space = span.LastIndexOf((byte)' ');
        if (octets.Length > MaxLength
            || space <= 0
            || span.Length - space - 1 != CramMd5Digest.HexLength
            || span[(space + 1)..].ContainsAnyExcept(s_hexDigits)
            || !Utf8.IsValid(span[..space]))
        {
            return false;
        }
        response = new CramMd5Response(Encoding.UTF8.GetString(span[..space]), octets[(space + 1)..]);
        return true;
    }
}
