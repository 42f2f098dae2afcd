using System.Text;

namespace Sasl.Mechanisms;

/// <summary>What the client answers: <c>digest-response</c>, RFC 2831 section 2.1.2.</summary>
internal sealed class DigestResponse
{
    /// <summary>The longest response, in octets.</summary>
    public const int MaxLength = 4095;

    private readonly byte[] _arena;
    private Directive _seen;

    private DigestResponse(int length) => _arena = new byte[length];

    /// <summary>The user name, as it was sent.</summary>
    public ReadOnlyMemory<byte> UserName { get; private set; }

    /// <summary>The user name.</summary>
    public string UserText { get; private set; } = "";

    /// <summary>The realm, as it was sent; empty when it was not.</summary>
    public ReadOnlyMemory<byte> Realm { get; private set; }

    /// <summary>The realm.</summary>
    public string RealmText { get; private set; } = "";

    /// <summary>The server's nonce.</summary>
    public ReadOnlyMemory<byte> Nonce { get; private set; }

    /// <summary>The client's nonce.</summary>
    public ReadOnlyMemory<byte> ClientNonce { get; private set; }

    /// <summary>How often the client has used the server's nonce, this time included.</summary>
    public uint NonceCount { get; private set; }

    /// <summary>The quality of protection chosen.</summary>
    public DigestQop Qop { get; private set; } = DigestQop.Auth;

    /// <summary>The cipher chosen; null when none is.</summary>
    public DigestCipher? Cipher { get; private set; }

    /// <summary>The largest sealed buffer the client accepts, in octets.</summary>
    public int MaxBuffer { get; private set; } = DigestProtection.DefaultBuffer;

    /// <summary>Whether the client said that its names are in UTF-8.</summary>
    public bool IsUtf8 { get; private set; }

    /// <summary>Which service the client believes to talk to: <c>service/host[/server]</c>.</summary>
    public ReadOnlyMemory<byte> Uri { get; private set; }

    /// <summary>The proof: 32 lower-case hex digits.</summary>
    public ReadOnlyMemory<byte> Digest { get; private set; }

    /// <summary>As whom the client wants to act; null when it did not say, which is not the same as an empty name: it counts in the proof.</summary>
    public ReadOnlyMemory<byte>? AuthorizationId { get; private set; }

    /// <summary>The same; empty when it was not sent.</summary>
    public string AuthorizationText { get; private set; } = "";

    /// <summary>Reads a response.</summary>
    /// <param name="text">The message.</param>
    /// <param name="fault">What is wrong; null when nothing is.</param>
    /// <returns>Null when something is wrong.</returns>
    public static DigestResponse? Parse(ReadOnlySpan<byte> text, out string? fault)
    {
        if (text.Length > MaxLength)
        {
            fault = "the response is longer than 4095 octets";
            return null;
        }
        var response = new DigestResponse(text.Length);
        fault = response.Read(text);
        return fault is null ? response : null;
    }

    private string? Read(ReadOnlySpan<byte> text)
    {
        var reader = new DigestDirectiveReader(text, _arena);
        while (reader.TryNext(out ReadOnlySpan<byte> name, out Range place))
        {
            Directive directive = DirectiveOf(name);
            if (directive is not Directive.None && _seen.HasFlag(directive))
                return "a directive appears twice";
            _seen |= directive;
            if (!TryTake(directive, _arena.AsMemory(place)))
                return "a directive has a value that cannot be";
        }
        if (reader.IsMalformed)
            return "not a list of directives";
        if (!_seen.HasFlag(Directive.Required))
            return "a directive is missing";
        return TryReadNames() ? null : "a name is not in the encoding that the client named";
    }

    private bool TryReadNames()
    {
        bool good = DigestText.TryRead(UserName.Span, IsUtf8, out string userName)
            & DigestText.TryRead(Realm.Span, IsUtf8, out string realm)
            & DigestText.TryRead(AuthorizationId.GetValueOrDefault().Span, IsUtf8, out string authorizationId);
        (UserText, RealmText, AuthorizationText) = (userName, realm, authorizationId);
        return good;
    }

    private bool TryTake(Directive directive, ReadOnlyMemory<byte> value)
    {
        switch (directive)
        {
            case Directive.UserName:
                UserName = value;
                return !value.IsEmpty;
            case Directive.Realm:
                Realm = value;
                return true;
            case Directive.Nonce:
                Nonce = value;
                return true;
            case Directive.ClientNonce:
                ClientNonce = value;
                return !value.IsEmpty;
            case Directive.NonceCount:
                bool counts = DigestNumber.TryReadCount(value.Span, out uint count);
                NonceCount = count;
                return counts && count > 0;
            case Directive.Qop:
                Qop = DigestProtection.QopOf(value.Span);
                return Qop is not DigestQop.None;
            case Directive.Cipher:
                Cipher = DigestCipher.Find(value.Span);
                return Cipher is not null;
            case Directive.MaxBuf:
                bool fits = DigestNumber.TryReadBuffer(value.Span, out int octets);
                MaxBuffer = octets;
                return fits;
            case Directive.Charset:
                return IsUtf8 = Ascii.EqualsIgnoreCase(value.Span, "utf-8"u8);
            case Directive.Uri:
                Uri = value;
                return true;
            case Directive.Digest:
                Digest = value;
                return DigestProof.IsValid(value.Span);
            case Directive.AuthorizationId:
                AuthorizationId = value;
                return true;
            case Directive.None:
            case Directive.Required:
            default:
                return true;
        }
    }

    // By length first: a dozen comparisons that ignore case cost more than the rest of the reading.
    private static Directive DirectiveOf(ReadOnlySpan<byte> name) => name.Length switch
    {
        2 when Ascii.EqualsIgnoreCase(name, "nc"u8) => Directive.NonceCount,
        3 when Ascii.EqualsIgnoreCase(name, "qop"u8) => Directive.Qop,
        5 when Ascii.EqualsIgnoreCase(name, "realm"u8) => Directive.Realm,
        5 when Ascii.EqualsIgnoreCase(name, "nonce"u8) => Directive.Nonce,
        6 when Ascii.EqualsIgnoreCase(name, "cnonce"u8) => Directive.ClientNonce,
        6 when Ascii.EqualsIgnoreCase(name, "cipher"u8) => Directive.Cipher,
        6 when Ascii.EqualsIgnoreCase(name, "maxbuf"u8) => Directive.MaxBuf,
        7 when Ascii.EqualsIgnoreCase(name, "charset"u8) => Directive.Charset,
        7 when Ascii.EqualsIgnoreCase(name, "authzid"u8) => Directive.AuthorizationId,
        8 when Ascii.EqualsIgnoreCase(name, "username"u8) => Directive.UserName,
        8 when Ascii.EqualsIgnoreCase(name, "response"u8) => Directive.Digest,
        10 when Ascii.EqualsIgnoreCase(name, "digest-uri"u8) => Directive.Uri,
        _ => Directive.None,
    };

    [Flags]
    private enum Directive
    {
        None = 0,
        UserName = 1,
        Realm = 2,
        Nonce = 4,
        ClientNonce = 8,
        NonceCount = 16,
        Qop = 32,
        Cipher = 64,
        MaxBuf = 128,
        Charset = 256,
        Uri = 512,
        Digest = 1024,
        AuthorizationId = 2048,
        Required = UserName | Nonce | ClientNonce | NonceCount | Uri | Digest,
    }
}
