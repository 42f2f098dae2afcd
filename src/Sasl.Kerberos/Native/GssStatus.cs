using System.Text;

namespace Sasl.Kerberos;

/// <summary>What a call to the library came to (RFC 2744 section 3.9).</summary>
/// <param name="Major">What every GSS library says.</param>
/// <param name="Minor">What the mechanism says: Kerberos's own code, or for SPNEGO a number that may be the library's alone.</param>
/// <param name="Negotiates">Whether SPNEGO says it.</param>
internal readonly record struct GssStatus(uint Major, uint Minor, bool Negotiates = false)
{
    private const uint ErrorBits = 0xffff0000;
    private const uint ContinueNeeded = 1;
    private const int MaxTextLength = 256;    // characters of the library's words that are passed on
    private const int MaxTexts = 8;
    private const int KindMajor = 1;
    private const int KindMinor = 2;

    /// <summary>What a library says of tickets that are too old.</summary>
    public static GssStatus CredentialsExpired => new(11 << 16, 0);

    /// <summary>Done, and with nothing to remark: neither replayed, nor old, nor out of order.</summary>
    public bool IsComplete => Major == 0;

    /// <summary>Not an error, and the peer's next token is awaited.</summary>
    public bool IsContinue => Major == ContinueNeeded;

    /// <summary>An error, or a remark where there must be none.</summary>
    public bool IsFailure => !IsComplete && !IsContinue;

    /// <summary>Whether it is an error in the strict sense.</summary>
    public bool IsError => (Major & ErrorBits) != 0;

    /// <summary>Kerberos's own error code.</summary>
    public int Code => unchecked((int)Minor);

    /// <summary>The library's words, for the administrator of this machine only: they may name principals that a peer has named. To be asked for
    /// on the thread of the call, because there the library keeps them.</summary>
    public string Describe()
    {
        string major = Describe(Major, KindMajor, Negotiates), minor = Describe(Minor, KindMinor, Negotiates);
        string words = Minor == 0 || minor.Length == 0 ? major : $"{major}: {minor}";
        return words.Length <= MaxTextLength ? words : words[..MaxTextLength];
    }

    private static unsafe string Describe(uint status, int kind, bool negotiates)
    {
        var words = new StringBuilder();
        uint more = 0;
        for (int i = 0; i < MaxTexts && (i == 0 || more != 0); i++)
        {
            GssBuffer text = default;
            uint major = GssLibrary.DisplayStatus(out _, status, kind, kind == KindMajor ? null : negotiates ? GssOid.Spnego : GssOid.Kerberos, ref more, &text);
            if ((major & ErrorBits) != 0)
                break;
            if (text.Length > 0)
                words.Append(words.Length > 0 ? "; " : "").Append(Clean(text.Octets));
            _ = GssLibrary.ReleaseBuffer(out _, &text);
        }
        return words.ToString();
    }

    private static string Clean(ReadOnlySpan<byte> text)
    {
        string words = Encoding.UTF8.GetString(text[..Math.Min(text.Length, MaxTextLength)]);
        return string.Concat(words.Select(static character => char.IsControl(character) ? ' ' : character)).Trim();
    }
}
