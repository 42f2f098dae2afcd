namespace Sasl.Mechanisms;

/// <summary>Walks <c>a=value,b=value,…</c> in the order its user allows, without copying.</summary>
/// <remarks>
/// attr-val = ALPHA "=" value; value = 1*value-char; value-char has neither NUL nor comma (RFC 5802 section 7).
/// Whether the message is UTF-8 without NUL is the caller's to check, once for the whole message.
/// </remarks>
/// <param name="message">The message.</param>
internal ref struct AttributeReader(ReadOnlySpan<byte> message)
{
    private readonly ReadOnlySpan<byte> _message = message;

    /// <summary>Where the next attribute starts; one past the end when there is none.</summary>
    public int Position { get; private set; }

    /// <summary>Whether everything was taken. A comma at the very end promises one more attribute, which is then missing.</summary>
    public readonly bool AtEnd => Position > _message.Length;

    /// <summary>Takes the next attribute if it is the one of that name.</summary>
    public bool TryTake(byte name, out ReadOnlySpan<byte> value)
    {
        int start = Position;
        if (TryTakeAny(out byte found, out value) && found == name)
            return true;
        Position = start;
        value = default;
        return false;
    }

    /// <summary>Takes the next attribute, whatever its name.</summary>
    public bool TryTakeAny(out byte name, out ReadOnlySpan<byte> value)
    {
        name = 0;
        value = default;
        if (AtEnd)
            return false;
        ReadOnlySpan<byte> rest = _message[Position..];
        int comma = rest.IndexOf((byte)',');
        ReadOnlySpan<byte> field = comma < 0 ? rest : rest[..comma];
        if (field is not [var letter, (byte)'=', _, ..] || !char.IsAsciiLetter((char)letter))
            return false;
        name = letter;
        value = field[2..];
        Position += field.Length + 1;
        return true;
    }
}
