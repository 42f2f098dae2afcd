namespace Sasl;

/// <summary>Appends code points to a buffer, and goes on counting when the buffer is full.</summary>
/// <remarks>An element is a <see cref="long"/> because <see cref="Nfkc"/> sorts with keys above the code point.</remarks>
internal ref struct CodePointWriter(Span<long> buffer)
{
    private readonly Span<long> _buffer = buffer;

    /// <summary>How many were appended, those that found no room included.</summary>
    public int Count { get; private set; }

    /// <summary>Appends one.</summary>
    public void Append(int point)
    {
        if (Count < _buffer.Length)
            _buffer[Count] = point;
        Count++;
    }
}
