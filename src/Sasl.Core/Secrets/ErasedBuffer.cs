using System.Buffers;
using System.Security.Cryptography;

namespace Sasl;

/// <summary>What <see cref="SecureBufferWriter"/> is, without an object of its own: a field of whoever has one message at a time.</summary>
/// <remarks>A field that is not read-only, never copied. It rents its memory on the first write.</remarks>
internal struct ErasedBuffer
{
    private const int SmallestBuffer = 128;

    private byte[]? _buffer;

    /// <summary>How many octets were written.</summary>
    public int Count { get; private set; }

    /// <summary>What was written; valid until the next write, clear or disposal.</summary>
    public readonly ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, Count);

    /// <inheritdoc cref="Memory"/>
    public readonly Span<byte> Span => _buffer.AsSpan(0, Count);

    /// <summary>Counts octets that were written into what <see cref="Rest"/> gave.</summary>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, (_buffer?.Length ?? 0) - Count);
        Count += count;
    }

    /// <summary>Room behind what was written.</summary>
    /// <param name="needed">How much at least; 0 is as good as 1.</param>
    public Memory<byte> Rest(int needed)
    {
        Reserve(needed);
        return _buffer.AsMemory(Count);
    }

    /// <inheritdoc cref="Rest"/>
    public Span<byte> RestSpan(int needed)
    {
        Reserve(needed);
        return _buffer.AsSpan(Count);
    }

    /// <summary>Appends octets.</summary>
    public void Write(ReadOnlySpan<byte> octets)
    {
        Reserve(octets.Length);
        octets.CopyTo(_buffer.AsSpan(Count));
        Count += octets.Length;
    }

    /// <summary>Erases what was written and keeps the memory for the next message.</summary>
    public void Clear()
    {
        if (Count == 0)
            return;
        CryptographicOperations.ZeroMemory(Span);
        Count = 0;
    }

    /// <summary>Erases what was written and gives the memory back. Writing again afterwards starts anew.</summary>
    public void Dispose()
    {
        if (_buffer is not { } buffer)
            return;
        Clear();
        _buffer = null;
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void Reserve(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        int needed = checked(Count + Math.Max(count, 1));
        if (_buffer is null || needed > _buffer.Length)
            Grow(needed);
    }

    private void Grow(int needed)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(SmallestBuffer, 2 * Count)));
        int written = Count;
        Span.CopyTo(larger);
        Dispose();
        _buffer = larger;
        Count = written;
    }
}
