using System.Buffers;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>What the server says first: <c>digest-challenge</c>, RFC 2831 section 2.1.1.</summary>
internal sealed class DigestChallenge
{
    /// <summary>The longest challenge, in octets.</summary>
    public const int MaxLength = 2047;

    private const int MaxRealms = 64;

    private readonly byte[] _arena;
    private int _realms;

    private DigestChallenge(int length) => _arena = new byte[length];

    /// <summary>The first of the realms that the server has accounts of; null when it does not say.</summary>
    public ReadOnlyMemory<byte>? Realm { get; private set; }

    /// <summary>The nonce.</summary>
    public ReadOnlyMemory<byte> Nonce { get; private set; }

    /// <summary>The qualities and ciphers the server accepts.</summary>
    public DigestProtection Offer { get; private set; }

    /// <summary>Whether the password may be right and only the nonce is too old.</summary>
    public bool IsStale { get; private set; }

    /// <summary>The largest sealed buffer the server accepts, in octets.</summary>
    public int MaxBuffer { get; private set; } = DigestProtection.DefaultBuffer;

    /// <summary>Whether names may be sent in UTF-8.</summary>
    public bool IsUtf8 { get; private set; }

    /// <summary>Reads a challenge. Directives and names of methods that are unknown are passed over, as the RFC asks.</summary>
    /// <param name="text">The message.</param>
    /// <param name="fault">What is wrong; null when nothing is.</param>
    /// <returns>Null when something is wrong.</returns>
    public static DigestChallenge? Parse(ReadOnlySpan<byte> text, out string? fault)
    {
        if (text.Length > MaxLength)
        {
            fault = "the challenge is longer than 2047 octets";
            return null;
        }
        var challenge = new DigestChallenge(text.Length);
        fault = challenge.Read(text);
        return fault is null ? challenge : null;
    }

    /// <summary>Writes a challenge, with the directives in Cyrus SASL's order.</summary>
    public static void Write(
        IBufferWriter<byte> output, ReadOnlySpan<byte> nonce, string realm, DigestProtection offer, int maxBuffer, bool stale)
    {
        DigestWriter.WriteQuoted(output, "nonce="u8, nonce);
        DigestWriter.WriteQuoted(output, ",realm="u8, Encoding.UTF8.GetBytes(realm));
        WriteQops(output, offer.Qop);
        if (offer.Qop.HasFlag(DigestQop.AuthConf))
            WriteCiphers(output, offer.Ciphers);
        if (stale)
            output.Write(",stale=true"u8);
        if ((offer.Qop & ~DigestQop.Auth) != DigestQop.None)
            DigestWriter.WriteNumber(output, ",maxbuf="u8, maxBuffer);
        output.Write(",charset=utf-8,algorithm=md5-sess"u8);
    }

    private static void WriteQops(IBufferWriter<byte> output, DigestQop offered)
    {
        ReadOnlySpan<byte> before = ",qop=\""u8;
        foreach (DigestQop qop in (ReadOnlySpan<DigestQop>)[DigestQop.Auth, DigestQop.AuthInt, DigestQop.AuthConf])
        {
            if (!offered.HasFlag(qop))
                continue;
            output.Write(before);
            output.Write(DigestProtection.NameOf(qop));
            before = ","u8;
        }
        output.Write("\""u8);
    }

    private static void WriteCiphers(IBufferWriter<byte> output, DigestMd5Ciphers offered)
    {
        ReadOnlySpan<byte> before = ",cipher=\""u8;
        foreach (DigestCipher cipher in DigestCipher.All)
        {
            if (!offered.HasFlag(cipher.Flag))
                continue;
            output.Write(before);
            Encoding.ASCII.GetBytes(cipher.Name, output);
            before = ","u8;
        }
        output.Write("\""u8);
    }

    private string? Read(ReadOnlySpan<byte> text)
    {
        var reader = new DigestDirectiveReader(text, _arena);
        var seen = Directive.None;
        DigestQop qop = DigestQop.None;
        var ciphers = DigestMd5Ciphers.None;
        while (reader.TryNext(out ReadOnlySpan<byte> name, out Range place))
        {
            ReadOnlySpan<byte> value = _arena.AsSpan(place);
            Directive directive = DirectiveOf(name);
            if (directive is not Directive.Realm and not Directive.None && seen.HasFlag(directive))
                return "a directive that may appear once appears twice";
            seen |= directive;
            bool good = directive switch
            {
                Directive.Realm => TryAddRealm(_arena.AsMemory(place)),
                Directive.Nonce => !(Nonce = _arena.AsMemory(place)).IsEmpty,
                Directive.Qop => TryReadQop(value, out qop),
                Directive.Cipher => TryReadCiphers(value, out ciphers),
                Directive.Stale => TryReadStale(value),
                Directive.MaxBuf => TryReadMaxBuffer(value),
                Directive.Charset => IsUtf8 = Ascii.EqualsIgnoreCase(value, "utf-8"u8),
                Directive.Algorithm => Ascii.EqualsIgnoreCase(value, "md5-sess"u8),
                Directive.None or _ => true,
            };
            if (!good)
                return "a directive has a value that cannot be";
        }
        if (reader.IsMalformed)
            return "not a list of directives";
        if (!seen.HasFlag(Directive.Nonce | Directive.Algorithm))
            return "the nonce or the algorithm is missing";
        Offer = new DigestProtection(seen.HasFlag(Directive.Qop) ? qop : DigestQop.Auth, ciphers);
        return null;
    }

    private bool TryAddRealm(ReadOnlyMemory<byte> realm)
    {
        Realm ??= realm;
        return ++_realms <= MaxRealms;
    }

    private bool TryReadStale(ReadOnlySpan<byte> value) => IsStale = Ascii.EqualsIgnoreCase(value, "true"u8);

    private bool TryReadMaxBuffer(ReadOnlySpan<byte> value)
    {
        bool good = DigestNumber.TryReadBuffer(value, out int octets);
        MaxBuffer = octets;
        return good;
    }

    private static bool TryReadQop(ReadOnlySpan<byte> list, out DigestQop qop)
    {
        qop = DigestQop.None;
        foreach (Range place in list.SplitAny(", \t"u8))
            qop |= DigestProtection.QopOf(list[place]);
        return true;
    }

    private static bool TryReadCiphers(ReadOnlySpan<byte> list, out DigestMd5Ciphers ciphers)
    {
        ciphers = DigestMd5Ciphers.None;
        foreach (Range place in list.SplitAny(", \t"u8))
            ciphers |= DigestCipher.Find(list[place])?.Flag ?? DigestMd5Ciphers.None;
        return true;
    }

    // By length first: eight comparisons that ignore case cost more than the rest of the reading.
    private static Directive DirectiveOf(ReadOnlySpan<byte> name) => name.Length switch
    {
        3 when Ascii.EqualsIgnoreCase(name, "qop"u8) => Directive.Qop,
        5 when Ascii.EqualsIgnoreCase(name, "realm"u8) => Directive.Realm,
        5 when Ascii.EqualsIgnoreCase(name, "nonce"u8) => Directive.Nonce,
        5 when Ascii.EqualsIgnoreCase(name, "stale"u8) => Directive.Stale,
        6 when Ascii.EqualsIgnoreCase(name, "cipher"u8) => Directive.Cipher,
        6 when Ascii.EqualsIgnoreCase(name, "maxbuf"u8) => Directive.MaxBuf,
        7 when Ascii.EqualsIgnoreCase(name, "charset"u8) => Directive.Charset,
        9 when Ascii.EqualsIgnoreCase(name, "algorithm"u8) => Directive.Algorithm,
        _ => Directive.None,
    };

    [Flags]
    private enum Directive
    {
        None = 0,
        Realm = 1,
        Nonce = 2,
        Qop = 4,
        Cipher = 8,
        Stale = 16,
        MaxBuf = 32,
        Charset = 64,
        Algorithm = 128,
    }
}
