using System.Text;
using System.Text.Unicode;

namespace Sasl.Mechanisms;

/// <summary><c>message = [authzid] UTF8NUL authcid UTF8NUL passwd</c> (RFC 4616 section 2).</summary>
internal readonly record struct PlainMessage(string AuthorizationId, string AuthenticationId, ReadOnlyMemory<byte> Password)
{
    public static bool TryParse(ReadOnlyMemory<byte> octets, out PlainMessage message)
    {
        message = default;
        ReadOnlySpan<byte> span = octets.Span;

        int first = span.IndexOf((byte)0);
        int length = first < 0 ? -1 : span[(first + 1)..].IndexOf((byte)0);
        if (length <= 0)                                        // a NUL is missing, or there is no authcid
            return false;
        int second = first + 1 + length;
        if (second == span.Length - 1                           // no password
            || span[(second + 1)..].Contains((byte)0)           // a fourth part
            || !Utf8.IsValid(span))
        {
            return false;
        }

        message = new PlainMessage(
            Encoding.UTF8.GetString(span[..first]),
            Encoding.UTF8.GetString(span[(first + 1)..second]),
            octets[(second + 1)..]);
        return true;
    }
}
