using System.Buffers;
using System.Text;

namespace Sasl.Saslauthd;

/// <summary>Names and passwords that can be nobody's, refused before a C function sees them.</summary>
/// <remarks>
/// C ends a string at a NUL: Cyrus's saslauthd takes <c>alice\0x</c> for <c>alice</c>. A colon and a line's end divide the fields and lines
/// of passwd(5). An empty password is refused because many back ends take it for none at all, and PAM's <c>nullok</c> for a right one.
/// </remarks>
internal static class CheckerInput
{
    /// <summary>The longest name in octets: what saslauthd's socket takes, and more than useradd(8) does.</summary>
    public const int MaxNameLength = 256;

    /// <summary>The longest password in octets: PAM's <c>PAM_MAX_RESP_SIZE</c> and libxcrypt's limit are both 512 with the NUL.</summary>
    public const int MaxPasswordLength = 511;

    private static readonly SearchValues<char> s_dividers = SearchValues.Create(":\u007f" + string.Concat(Enumerable.Range(0, 32).Select(static code => (char)code)));

    /// <summary>Why this can be the name of no account, as a clause; null when it can.</summary>
    public static string? WhyNoName(string name) =>
        name.Length == 0 ? "the name is empty"
        : Encoding.UTF8.GetByteCount(name) > MaxNameLength ? "the name is too long"
        : name.AsSpan().ContainsAny(s_dividers) ? "the name has a colon or a control character"
        : null;

    /// <summary>Why this can be nobody's password, as a clause; null when it can.</summary>
    public static string? WhyNoPassword(ReadOnlySpan<byte> password) =>
        password.IsEmpty ? "the password is empty"
        : password.Length > MaxPasswordLength ? "the password is longer than any back end takes"
        : password.Contains((byte)0) ? "the password has a NUL inside"
        : null;
}
