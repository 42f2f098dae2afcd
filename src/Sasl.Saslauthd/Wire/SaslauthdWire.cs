namespace Sasl.Saslauthd;

/// <summary>What both ends of the saslauthd socket agree on.</summary>
/// <remarks>
/// <code>
/// request = login password service realm [client]      ; one request a connection
/// reply   = string                                     ; begins with OK or NO
/// string  = count *OCTET                               ; count: two octets, the higher first; no NUL in the octets
/// </code>
/// Cyrus SASL: <c>lib/checkpw.c</c>, <c>saslauthd/ipc_unix.c</c>.
/// </remarks>
internal static class SaslauthdWire
{
    /// <summary>The octets of a string's count.</summary>
    public const int CountLength = 2;

    /// <summary>The longest string of a request, in octets (Cyrus: MAX_REQ_LEN).</summary>
    public const int MaxFieldLength = 256;

    /// <summary>The strings that Cyrus SASL 2.1.28 sends.</summary>
    public const int FewestFields = 4;

    /// <summary>The strings that its development version sends.</summary>
    public const int MostFields = 5;

    /// <summary>The longest request, in octets.</summary>
    public const int MaxRequestLength = MostFields * (CountLength + MaxFieldLength);

    /// <summary>How many octets of a reply's text are read; what comes after them is for nobody (Cyrus: a buffer of 1024).</summary>
    public const int MaxReplyTextLength = 1023;
}
