using System.Text;
using System.Text.Unicode;

namespace Sasl.Mechanisms;

/// <summary>A client's first message: <c>[authzid] NUL authcid</c> (RFC 2444 section 3).</summary>
internal readonly record struct OtpNames(string AuthorizationId, string AuthenticationId)
{
    public static bool TryParse(ReadOnlySpan<byte> octets, out OtpNames names)
    {
        names = default;
        int nul = octets.IndexOf((byte)0);
        if (nul < 0 || nul == octets.Length - 1 || octets[(nul + 1)..].Contains((byte)0) || !Utf8.IsValid(octets))
            return false;
        names = new OtpNames(Encoding.UTF8.GetString(octets[..nul]), Encoding.UTF8.GetString(octets[(nul + 1)..]));
        return true;
    }
}
