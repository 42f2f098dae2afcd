namespace Sasl.Testing.Layers;

/// <summary>One end of a connection in memory: what is written goes to one list of octets, what is read comes from another, and an empty one is the end.</summary>
public sealed class MemoryWire(List<byte> incoming, List<byte> outgoing) : Stream
{
    /// <summary>Whether the connection was closed.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>How often it was read.</summary>
    public int Reads { get; private set; }

    /// <summary>The most octets that a reader has made room for.</summary>
    public int LargestRoom { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => !IsClosed;

    /// <inheritdoc/>
    public override bool CanWrite => !IsClosed;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        Reads++;
        LargestRoom = Math.Max(LargestRoom, buffer.Length);
        int count = Math.Min(buffer.Length, incoming.Count);
        incoming[..count].ToArray().CopyTo(buffer);
        incoming.RemoveRange(0, count);
        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer) => outgoing.AddRange(buffer);

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        IsClosed = true;
        base.Dispose(disposing);
    }
}
