using System.Buffers;
using System.Security.Cryptography;

namespace Sasl;

/// <summary>A growing buffer whose octets are erased whenever it grows, is cleared or is disposed.</summary>
/// <remarks>It rents its memory on the first write, so that an unused one costs nothing. Not thread-safe.</remarks>
public sealed class SecureBufferWriter : IBufferWriter<byte>, IDisposable
{
    private const int SmallestBuffer = 256;

    private byte[] _buffer = [];

    /// <summary>How many octets were written.</summary>
    public int WrittenCount { get; private set; }

    /// <summary>What was written; valid until the next write, clear or disposal.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _buffer.AsSpan(0, WrittenCount);

    /// <summary>What was written; valid until the next write, clear or disposal.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, WrittenCount);

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - WrittenCount);
        WrittenCount += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(WrittenCount);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(WrittenCount);
    }

    /// <summary>Appends octets.</summary>
    /// <param name="octets">What to append.</param>
    public void Write(ReadOnlySpan<byte> octets)
    {
        Reserve(octets.Length);
        octets.CopyTo(_buffer.AsSpan(WrittenCount));
        WrittenCount += octets.Length;
    }

    /// <summary>Erases what was written and keeps the memory for the next message.</summary>
    public void Clear()
    {
        CryptographicOperations.ZeroMemory(_buffer.AsSpan(0, WrittenCount));
        WrittenCount = 0;
    }

    /// <summary>Erases what was written and gives the memory back. Writing again afterwards starts anew.</summary>
    public void Dispose()
    {
        byte[] buffer = _buffer;
        Clear();
        _buffer = [];
        if (buffer.Length > 0)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    // For a length that is known only after what it counts was written.
    internal Span<byte> Written(int start, int length) => _buffer.AsSpan(0, WrittenCount).Slice(start, length);

    private void Reserve(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        int needed = checked(WrittenCount + Math.Max(count, 1));
        if (needed <= _buffer.Length)
            return;

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(SmallestBuffer, 2 * WrittenCount)));
        WrittenSpan.CopyTo(larger);
        int written = WrittenCount;
        Dispose();
        _buffer = larger;
        WrittenCount = written;
    }
}
