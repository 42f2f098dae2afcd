namespace Sasl.Core.Tests.Streams;

/// <summary>A connection on which everything has been received already, in prescribed pieces, and which keeps what is sent.</summary>
internal sealed class ScriptedConnection(params byte[][] arriving) : Stream
{
    private readonly Queue<byte[]> _arriving = new(arriving);
    private byte[] _current = [];

    public List<byte[]> Sent { get; } = [];

    public byte[] AllSent => [.. Sent.SelectMany(static piece => piece)];

    public int LargestRead { get; private set; }

    public int Reads { get; private set; }

    public int Flushes { get; private set; }

    public bool IsDisposed { get; private set; }

    public Exception? FailNextWrite { get; set; }

    public Exception? FailNextRead { get; set; }

    public override bool CanRead => !IsDisposed;

    public override bool CanWrite => !IsDisposed;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        if (FailNextRead is { } failure)
        {
            FailNextRead = null;
            throw failure;
        }
        Reads++;
        LargestRead = Math.Max(LargestRead, buffer.Length);
        if (_current.Length == 0 && !_arriving.TryDequeue(out _current!))
        {
            _current = [];
            return 0;
        }
        int count = Math.Min(buffer.Length, _current.Length);
        _current.AsSpan(0, count).CopyTo(buffer);
        _current = _current[count..];
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        return Read(buffer.Span);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        if (FailNextWrite is { } failure)
        {
            FailNextWrite = null;
            throw failure;
        }
        Sent.Add(buffer.ToArray());
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
    }

    public override void Flush() => Flushes++;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        IsDisposed = true;
        base.Dispose(disposing);
    }
}
