using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace Sasl;

/// <summary>Reads what Cyrus SASL's <c>lib/config.c</c> reads, and says why where it cannot.</summary>
/// <remarks>
/// <code>
/// file    = *( line LF ) [ line ]
/// line    = *space [ "#" *octet / key ":" *space value *space ]
/// key     = *( ALPHA / DIGIT / "-" / "_" )          ; folded to lower case
/// value   = 1*octet                                 ; quotes, "#" and "\" are octets like others
/// space   = SP / HTAB / VT / FF / CR                ; C's isspace
/// </code>
/// The first of equal keys counts. In <c>saslauthd.conf</c> the white space behind a value is part of it. Messages never repeat a line: what is not <c>key: value</c> may be half a password.
/// </remarks>
internal sealed class ConfigurationParser(string source, SaslConfigurationSyntax syntax)
{
    private static readonly SearchValues<byte> s_keyOctets =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"u8);

    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Dictionary<string, SaslConfigurationEntry> _byKey = [];
    private readonly ImmutableArray<SaslConfigurationEntry>.Builder _entries = ImmutableArray.CreateBuilder<SaslConfigurationEntry>();
    private readonly ImmutableArray<SaslConfigurationWarning>.Builder _warnings = ImmutableArray.CreateBuilder<SaslConfigurationWarning>();

    // What C's isspace takes for white space, as octets and as characters.
    private static ReadOnlySpan<byte> Space => " \t\n\v\f\r"u8;

    public static char[] WhiteSpace => [' ', '\t', '\n', '\v', '\f', '\r'];

    public SaslConfiguration Parse(ReadOnlySpan<byte> text)
    {
        bool continued = false;
        for (int number = 1; !text.IsEmpty; number++)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = TrimEnd(end < 0 ? text : text[..end]);
            text = end < 0 ? default : text[(end + 1)..];
            ParseLine(line, number, continued);
            continued = line.EndsWith("\\"u8);
        }
        return Finish();
    }

    public void Add(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        var place = new SaslConfigurationPosition(source, Key: key);
        if (key.Length == 0 || Encoding.UTF8.GetBytes(key).AsSpan().ContainsAnyExcept(s_keyOctets))
            throw new SaslConfigurationException(place, "a key has letters, digits, '-' and '_' only");
        string trimmed = value.Trim(WhiteSpace);
        if (trimmed.Length == 0)
            throw new SaslConfigurationException(place, "it has no value; leave it out to have its default");
        Keep(new SaslConfigurationEntry(key.ToLowerInvariant(), trimmed, place with { Key = key.ToLowerInvariant() }));
    }

    public SaslConfiguration Finish() => new(source, _entries.ToImmutable(), _warnings.ToImmutable());

    private ReadOnlySpan<byte> TrimEnd(ReadOnlySpan<byte> line) => syntax switch
    {
        SaslConfigurationSyntax.Application => line.TrimEnd(Space),
        SaslConfigurationSyntax.Saslauthd => line.TrimEnd((byte)'\r'),
    };

    private void ParseLine(ReadOnlySpan<byte> line, int number, bool continued)
    {
        var place = new SaslConfigurationPosition(source, number);
        if (line.Length > SaslConfiguration.MaxLineLength)
            throw new SaslConfigurationException(place, $"the line is longer than {SaslConfiguration.MaxLineLength} octets");
        if (line.Contains((byte)0))
            throw new SaslConfigurationException(place, "a NUL octet; the file is not text in ASCII or UTF-8");

        line = line.TrimStart(Space);
        if (line.IsEmpty || line[0] == '#')
            return;

        int length = line.IndexOfAnyExcept(s_keyOctets);
        if (length < 0 || line[length] != ':')
            throw new SaslConfigurationException(place, $"expected 'key: value'; {Mistake(line, Math.Max(length, 0), number, continued)}");

        string key = Encoding.ASCII.GetString(line[..length]).ToLowerInvariant();
        place = place with { Key = key };
        ReadOnlySpan<byte> value = line[(length + 1)..].TrimStart(Space);
        if (value.IsEmpty)
            throw new SaslConfigurationException(place, "expected 'key: value'; it has no value, leave the line out to have its default");

        if (Space.Contains(value[^1]))
            _warnings.Add(new SaslConfigurationWarning(place, "ends in white space, which belongs to the value"));
        if (length == 0)
            _warnings.Add(new SaslConfigurationWarning(place with { Key = null }, "a value without a key has no effect"));
        else
            Keep(new SaslConfigurationEntry(key, Decode(value, place), place));
    }

    private static string Mistake(ReadOnlySpan<byte> line, int keyLength, int number, bool continued)
    {
        ReadOnlySpan<byte> rest = line[keyLength..];
        return continued ? "a line does not continue the one before, whatever that ends in"
            : number == 1 && line.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? "the file begins with a byte order mark, save it without one"
            : rest.TrimStart(Space) is [(byte)'=', ..] ? "there is '=' where ':' belongs"
            : rest.TrimStart(Space) is [(byte)':', ..] ? "there is white space before the ':'"
            : line.Contains((byte)':') ? "a key has letters, digits, '-' and '_' only"
            : "there is no ':'";
    }

    private static string Decode(ReadOnlySpan<byte> value, SaslConfigurationPosition place)
    {
        try
        {
            return s_strictUtf8.GetString(value);
        }
        catch (DecoderFallbackException)
        {
            // Without the inner exception, which repeats octets of a value that may be a password.
            throw new SaslConfigurationException(place, "the value is not UTF-8");
        }
    }

    private void Keep(SaslConfigurationEntry entry)
    {
        if (_byKey.TryGetValue(entry.Key, out SaslConfigurationEntry? first))
        {
            string where = first.Place.Line > 0 ? $" in line {first.Place.Line}" : "";
            _warnings.Add(new SaslConfigurationWarning(entry.Place, $"is set already{where}, and the first one counts; this one has no effect"));
            return;
        }
        _byKey.Add(entry.Key, entry);
        _entries.Add(entry);
    }
}
