namespace Sasl;

/// <summary>The reading half of a <see cref="SaslStream"/>: sealed octets in, plaintext out.</summary>
internal sealed class PacketOpener(SaslSecurityLayer layer) : IDisposable
{
    private readonly PacketBuffer _incoming = new(layer.MaxSealed);
    private readonly SecureBufferWriter _plaintext = new();
    private int _served;

    /// <summary>Whether a packet could not be opened: the connection must be closed (RFC 4422 section 3.7).</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Gives plaintext out, opening the next packet when there is none left.</summary>
    /// <param name="destination">Where it goes; may be empty, to learn whether there is any.</param>
    /// <param name="count">How much was given out.</param>
    /// <returns>False when more must be received first.</returns>
    /// <exception cref="IOException">The next packet is longer than was announced, or does not open.</exception>
    public bool TryServe(Span<byte> destination, out int count)
    {
        while (_served == _plaintext.WrittenCount)
        {
            _plaintext.Dispose();
            _served = 0;
            if (!TryOpen())
            {
                count = 0;
                return false;
            }
        }
        ReadOnlySpan<byte> waiting = _plaintext.WrittenSpan[_served..];
        count = Math.Min(waiting.Length, destination.Length);
        waiting[..count].CopyTo(destination);
        _served += count;
        return true;
    }

    /// <summary>Where the next octets from the peer go; never empty.</summary>
    public Memory<byte> Room() => _incoming.Room();

    /// <summary>Octets were put into the room.</summary>
    /// <param name="count">How many; 0 when the peer has closed the connection.</param>
    /// <returns>False when that is the end.</returns>
    /// <exception cref="EndOfStreamException">The connection ends inside a packet.</exception>
    public bool Receive(int count)
    {
        _incoming.Advance(count);
        if (count == 0 && !_incoming.IsEmpty)
        {
            HasFailed = true;
            throw new EndOfStreamException("The peer closed the connection inside a sealed packet.");
        }
        return count > 0;
    }

    /// <summary>Erases what was received and not read.</summary>
    public void Dispose()
    {
        _incoming.Dispose();
        _plaintext.Dispose();
        _served = 0;
    }

    private bool TryOpen()
    {
        PacketState state = _incoming.TryTake(out ReadOnlyMemory<byte> packet);
        if (state is PacketState.Incomplete)
            return false;

        HasFailed = true;    // until it has opened, also when the layer throws
        if (state is PacketState.Refused)
            throw new IOException("The peer sent a sealed packet of a length that was not agreed on.");
        if (!layer.TryUnwrap(packet.Span, _plaintext))
        {
            _plaintext.Dispose();
            throw new IOException("The peer sent a packet that does not open: it is forged, damaged, replayed or out of order.");
        }
        HasFailed = false;
        return true;
    }
}
