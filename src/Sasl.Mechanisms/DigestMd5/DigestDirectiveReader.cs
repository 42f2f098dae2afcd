using System.Buffers;

namespace Sasl.Mechanisms;

/// <summary>Reads <c>1#( name "=" ( token | quoted-string ) )</c>, RFC 2831 section 7: white space and empty elements between commas are passed over.</summary>
/// <param name="text">The message.</param>
/// <param name="arena">Receives the values without their quotes and backslashes; as long as the message.</param>
internal ref struct DigestDirectiveReader(ReadOnlySpan<byte> text, Span<byte> arena)
{
    private static readonly SearchValues<byte> s_white = SearchValues.Create(" \t\r\n"u8);
    private static readonly SearchValues<byte> s_endOfName = SearchValues.Create("= \t\r\n,\""u8);
    private static readonly SearchValues<byte> s_endOfToken = SearchValues.Create(", \t\r\n\""u8);

    // What a quoted string does not hold as it is: quotes, backslashes, DEL, and control characters other than the tab.
    private static readonly SearchValues<byte> s_notPlain = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Where(static octet => octet != '\t').Select(static octet => (byte)octet), (byte)'"', (byte)'\\', 0x7F]);

    private readonly Span<byte> _arena = arena;
    private ReadOnlySpan<byte> _rest = text;
    private int _used;

    /// <summary>Whether reading stopped at something that is no directive.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Reads the next directive.</summary>
    /// <param name="name">Its name, in the peer's case.</param>
    /// <param name="value">Where its value is in the arena.</param>
    /// <returns>False at the end, and at what is malformed.</returns>
    public bool TryNext(out ReadOnlySpan<byte> name, out Range value)
    {
        name = default;
        value = default;
        SkipEmptyElements();
        if (_rest.IsEmpty)
            return false;
        int end = _rest.IndexOfAny(s_endOfName);
        if (end <= 0)
            return Malformed();
        name = _rest[..end];
        _rest = TrimWhite(_rest[end..]);
        if (!_rest.StartsWith("="u8))
            return Malformed();
        _rest = TrimWhite(_rest[1..]);
        int start = _used;
        if (!(_rest.StartsWith("\""u8) ? TryReadQuoted() : TryReadToken()))
            return Malformed();
        value = start.._used;
        _rest = TrimWhite(_rest);
        return _rest.IsEmpty || _rest[0] == ',' || Malformed();
    }

    private void SkipEmptyElements()
    {
        _rest = TrimWhite(_rest);
        while (_rest.StartsWith(","u8))
            _rest = TrimWhite(_rest[1..]);
    }

    private bool TryReadToken()
    {
        int end = _rest.IndexOfAny(s_endOfToken);
        ReadOnlySpan<byte> token = end < 0 ? _rest : _rest[..end];
        if (token.IsEmpty || token.ContainsAnyInRange((byte)0, (byte)' ') || token.Contains((byte)0x7F))
            return false;
        token.CopyTo(_arena[_used..]);
        _used += token.Length;
        _rest = _rest[token.Length..];
        return true;
    }

    // A backslash makes the next octet mean itself (RFC 2831 section 7.2).
    private bool TryReadQuoted()
    {
        _rest = _rest[1..];
        while (_rest.IndexOfAny(s_notPlain) is var special and >= 0)
        {
            _rest[..special].CopyTo(_arena[_used..]);
            _used += special;
            byte octet = _rest[special];
            _rest = _rest[(special + 1)..];
            if (octet == '"')
                return true;
            if (octet != '\\' || _rest.IsEmpty || IsControl(_rest[0]))
                return false;
            _arena[_used++] = _rest[0];
            _rest = _rest[1..];
        }
        return false;
    }

    private static bool IsControl(byte octet) => octet is < (byte)' ' and not (byte)'\t' or 0x7F;

    private bool Malformed()
    {
        IsMalformed = true;
        return false;
    }

    private static ReadOnlySpan<byte> TrimWhite(ReadOnlySpan<byte> text)
    {
        int start = text.IndexOfAnyExcept(s_white);
        return start < 0 ? default : text[start..];
    }
}
