using System.Buffers;

namespace Sasl;

/// <summary>A growing buffer whose octets are erased whenever it grows, is cleared or is disposed.</summary>
/// <remarks>It rents its memory on the first write, so that an unused one costs nothing. Not thread-safe.</remarks>
public sealed class SecureBufferWriter : IBufferWriter<byte>, IDisposable
{
    private ErasedBuffer _buffer;

    /// <summary>How many octets were written.</summary>
    public int WrittenCount => _buffer.Count;

    /// <summary>What was written; valid until the next write, clear or disposal.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _buffer.Span;

    /// <summary>What was written; valid until the next write, clear or disposal.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.Memory;

    /// <inheritdoc/>
    public void Advance(int count) => _buffer.Advance(count);

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0) => _buffer.Rest(sizeHint);

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => _buffer.RestSpan(sizeHint);

    /// <summary>Appends octets.</summary>
    /// <param name="octets">What to append.</param>
    public void Write(ReadOnlySpan<byte> octets) => _buffer.Write(octets);

    /// <summary>Erases what was written and keeps the memory for the next message.</summary>
    public void Clear() => _buffer.Clear();

    /// <summary>Erases what was written and gives the memory back. Writing again afterwards starts anew.</summary>
    public void Dispose() => _buffer.Dispose();

    // For a length that is known only after what it counts was written.
    internal Span<byte> Written(int start, int length) => _buffer.Span.Slice(start, length);
}
