using System.Buffers;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>What the server says first: <c>digest-challenge</c>, RFC 2831 section 2.1.1.</summary>
internal sealed class DigestChallenge
{
    /// <summary>The longest challenge, in octets.</summary>
    public const int MaxLength = 2047;

    private const int MaxRealms = 64;

    /// <summary>The realms the server has accounts of; none when it does not say.</summary>
    public List<byte[]> Realms { get; } = [];

    /// <summary>The nonce.</summary>
    public byte[] Nonce { get; private set; } = [];

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
        var challenge = new DigestChallenge();
        fault = challenge.Read(text);
        return fault is null ? challenge : null;
    }

    /// <summary>Writes a challenge, with the directives in Cyrus SASL's order.</summary>
    public static void Write(
        IBufferWriter<byte> output, ReadOnlySpan<byte> nonce, string realm, DigestProtection offer, int maxBuffer, bool stale)
    {
        DigestWriter.WriteQuoted(output, "nonce="u8, nonce);
        DigestWriter.WriteQuoted(output, ",realm="u8, Encoding.UTF8.GetBytes(realm));
        output.Write(",qop=\""u8);
        WriteList(output, [.. new[] { DigestQop.Auth, DigestQop.AuthInt, DigestQop.AuthConf }
            .Where(qop => offer.Qop.HasFlag(qop)).Select(static qop => Encoding.ASCII.GetString(DigestProtection.NameOf(qop)))]);
        output.Write("\""u8);
        if (offer.Qop.HasFlag(DigestQop.AuthConf))
        {
            output.Write(",cipher=\""u8);
            WriteList(output, [.. DigestCipher.All.Where(cipher => offer.Ciphers.HasFlag(cipher.Flag)).Select(static cipher => cipher.Name)]);
            output.Write("\""u8);
        }
        if (stale)
            output.Write(",stale=true"u8);
        if ((offer.Qop & ~DigestQop.Auth) != DigestQop.None)
            DigestWriter.WriteNumber(output, ",maxbuf="u8, maxBuffer);
        output.Write(",charset=utf-8,algorithm=md5-sess"u8);
    }

    private static void WriteList(IBufferWriter<byte> output, string[] names) => Encoding.ASCII.GetBytes(string.Join(',', names), output);

    private string? Read(ReadOnlySpan<byte> text)
    {
        byte[] arena = new byte[text.Length];
        var reader = new DigestDirectiveReader(text, arena);
        var seen = Directive.None;
        DigestQop qop = DigestQop.None;
        var ciphers = DigestMd5Ciphers.None;
        while (reader.TryNext(out ReadOnlySpan<byte> name, out Range place))
        {
            ReadOnlySpan<byte> value = arena.AsSpan(place);
            Directive directive = DirectiveOf(name);
            if (directive is not Directive.Realm and not Directive.None && seen.HasFlag(directive))
                return "a directive that may appear once appears twice";
            seen |= directive;
            bool good = directive switch
            {
                Directive.Realm => TryAddRealm(value),
                Directive.Nonce => !(Nonce = value.ToArray()).AsSpan().IsEmpty,
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

    private bool TryAddRealm(ReadOnlySpan<byte> realm)
    {
        Realms.Add(realm.ToArray());
        return Realms.Count <= MaxRealms;
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

    private static Directive DirectiveOf(ReadOnlySpan<byte> name) =>
        Ascii.EqualsIgnoreCase(name, "realm"u8) ? Directive.Realm
        : Ascii.EqualsIgnoreCase(name, "nonce"u8) ? Directive.Nonce
        : Ascii.EqualsIgnoreCase(name, "qop"u8) ? Directive.Qop
        : Ascii.EqualsIgnoreCase(name, "cipher"u8) ? Directive.Cipher
        : Ascii.EqualsIgnoreCase(name, "stale"u8) ? Directive.Stale
        : Ascii.EqualsIgnoreCase(name, "maxbuf"u8) ? Directive.MaxBuf
        : Ascii.EqualsIgnoreCase(name, "charset"u8) ? Directive.Charset
        : Ascii.EqualsIgnoreCase(name, "algorithm"u8) ? Directive.Algorithm
        : Directive.None;

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
