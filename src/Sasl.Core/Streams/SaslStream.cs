using System.Runtime.CompilerServices;

namespace Sasl;

/// <summary>A connection inside a negotiated security layer: what is written is sealed, what is read was opened (RFC 4422 section 3.7).</summary>
/// <remarks>
/// <para>Each packet is a 4-octet big-endian length and that many octets, as in Cyrus SASL. A length of 0, or above
/// <see cref="SaslSecurityLayer.MaxSealed"/>, and a packet that does not open make the stream unusable and close the connection.</para>
/// <para>One reader and one writer may work at the same time. Nothing is held back: every write goes out at once. A cancelled read loses
/// nothing; a write that fails or is cancelled half-way makes further writes fail, because the peer could not open them.</para>
/// </remarks>
public sealed class SaslStream : Stream
{
    private const string OneCaller = "Another call in the same direction is under way; a stream has one reader and one writer.";

    private readonly Stream _inner;
    private readonly SaslSecurityLayer _layer;
    private readonly bool _leaveOpen;
    private readonly PacketOpener _opener;
    private readonly PacketSealer _sealer;
    private SingleCaller _reading;
    private SingleCaller _writing;
    private int _openSides = 2;
    private int _disposed;
    private bool _writeFailed;
    private volatile bool _broken;

    /// <summary>Wraps a connection. The stream owns the layer from now on.</summary>
    /// <param name="inner">The connection, positioned after the exchange that negotiated the layer.</param>
    /// <param name="layer">The layer; disposed with the stream.</param>
    /// <param name="leaveOpen">Whether disposing the stream leaves the connection open. A connection that carried a bad packet is closed anyway.</param>
    public SaslStream(Stream inner, SaslSecurityLayer layer, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(layer);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(layer.MaxSealed, nameof(layer));
        _inner = inner;
        _layer = layer;
        _leaveOpen = leaveOpen;
        _opener = new PacketOpener(layer);
        _sealer = new PacketSealer(layer);
    }

    /// <inheritdoc/>
    public override bool CanRead => _disposed == 0 && _inner.CanRead;

    /// <inheritdoc/>
    public override bool CanWrite => _disposed == 0 && _inner.CanWrite;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanTimeout => _inner.CanTimeout;

    /// <inheritdoc/>
    public override int ReadTimeout
    {
        get => _inner.ReadTimeout;
        set => _inner.ReadTimeout = value;
    }

    /// <inheritdoc/>
    public override int WriteTimeout
    {
        get => _inner.WriteTimeout;
        set => _inner.WriteTimeout = value;
    }

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Reads at least one octet, and no more than have arrived.</summary>
    /// <param name="buffer">Where the octets go; with an empty one the call returns when there is something to read.</param>
    /// <returns>How many were read; 0 when the peer has closed the connection between two packets.</returns>
    /// <exception cref="EndOfStreamException">The peer closed the connection inside a packet.</exception>
    /// <exception cref="IOException">A packet is longer than was announced, or does not open; or the connection failed.</exception>
    public override int Read(Span<byte> buffer)
    {
        EnterReading();
        try
        {
            int count;
            while (!_opener.TryServe(buffer, out count))
            {
                if (!_opener.Receive(_inner.Read(_opener.Room().Span)))
                    return 0;
            }
            return count;
        }
        finally
        {
            LeaveReading();
        }
    }

    /// <inheritdoc cref="Read(Span{byte})"/>
    /// <param name="buffer">Where the octets go; with an empty one the call returns when there is something to read.</param>
    /// <param name="cancellationToken">Cancels waiting; nothing that has arrived is lost.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        EnterReading();
        try
        {
            int count;
            while (!_opener.TryServe(buffer.Span, out count))
            {
                if (!_opener.Receive(await _inner.ReadAsync(_opener.Room(), cancellationToken).ConfigureAwait(false)))
                    return 0;
            }
            return count;
        }
        finally
        {
            LeaveReading();
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    public override int ReadByte()
    {
        Span<byte> octet = stackalloc byte[1];
        return Read(octet) == 0 ? -1 : octet[0];
    }

    /// <summary>Seals and sends, in as many packets as the peer's limit asks for. Nothing to write sends nothing.</summary>
    /// <param name="buffer">The plaintext.</param>
    /// <exception cref="IOException">The connection failed, now or in an earlier write, or the peer accepts no data at all.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        EnterWriting();
        bool sent = false;
        try
        {
            while (!buffer.IsEmpty)
            {
                buffer = buffer[_sealer.Seal(buffer)..];
                _inner.Write(_sealer.Packets.Span);
            }
            sent = true;
        }
        finally
        {
            LeaveWriting(sent);
        }
    }

    /// <inheritdoc cref="Write(ReadOnlySpan{byte})"/>
    /// <param name="buffer">The plaintext.</param>
    /// <param name="cancellationToken">Cancels waiting, after which the stream cannot be written any more.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        EnterWriting();
        bool sent = false;
        try
        {
            while (!buffer.IsEmpty)
            {
                buffer = buffer[_sealer.Seal(buffer.Span)..];
                await _inner.WriteAsync(_sealer.Packets, cancellationToken).ConfigureAwait(false);
            }
            sent = true;
        }
        finally
        {
            LeaveWriting(sent);
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    public override void WriteByte(byte value) => Write([value]);

    /// <summary>Flushes the connection; the stream itself holds nothing back.</summary>
    public override void Flush()
    {
        ThrowIfUnusable();
        _inner.Flush();
    }

    /// <summary>Flushes the connection; the stream itself holds nothing back.</summary>
    /// <param name="cancellationToken">Cancels waiting.</param>
    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        ThrowIfUnusable();
        return _inner.FlushAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            try
            {
                if (!_leaveOpen)
                    await _inner.DisposeAsync().ConfigureAwait(false);
            }
            finally
            {
                CloseSides();
            }
        }
        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Closes the connection, unless it is to stay open, and then erases keys and buffers, when no call uses them any more.</summary>
    /// <param name="disposing">True when called from <see cref="Stream.Dispose()"/>.</param>
    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            try
            {
                if (!_leaveOpen)
                    _inner.Dispose();
            }
            finally
            {
                CloseSides();
            }
        }
        base.Dispose(disposing);
    }

    private void EnterReading()
    {
        ThrowIfUnusable();
        _reading.Enter(this, OneCaller);
    }

    private void LeaveReading()
    {
        if (_opener.HasFailed)
        {
            _broken = true;
            _inner.Dispose();    // RFC 4422 section 3.7: a connection whose layer cannot decode is closed
        }
        if (_reading.Leave())
            Erase(_opener);
    }

    private void EnterWriting()
    {
        ThrowIfUnusable();
        _writing.Enter(this, OneCaller);
        if (!_writeFailed)
            return;
        LeaveWriting(sent: false);
        throw new IOException("An earlier write did not end; the peer could not open what followed.");
    }

    private void LeaveWriting(bool sent)
    {
        _writeFailed = !sent;
        _sealer.Dispose();
        if (_writing.Leave())
            Erase(_sealer);
    }

    private void ThrowIfUnusable()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        if (_broken)
            throw new IOException("The security layer has failed, and the connection was closed.");
    }

    private void CloseSides()
    {
        if (_reading.Close())
            Erase(_opener);
        if (_writing.Close())
            Erase(_sealer);
    }

    private void Erase(IDisposable half)
    {
        half.Dispose();
        if (Interlocked.Decrement(ref _openSides) == 0)
            _layer.Dispose();
    }
}
