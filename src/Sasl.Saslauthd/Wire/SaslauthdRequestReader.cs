using System.Buffers.Binary;

namespace Sasl.Saslauthd;

/// <summary>Reads one request as its octets arrive, in whatever pieces.</summary>
/// <remarks>
/// Receive into <see cref="Free"/>, then say how much with <see cref="Advance"/>. The memory is one pooled buffer of
/// <see cref="SaslauthdWire.MaxRequestLength"/> octets, rented with the first request for it, and erased when the reader is disposed.
/// Not thread-safe.
/// </remarks>
internal sealed class SaslauthdRequestReader : IDisposable
{
    private readonly SecureBufferWriter _received = new();
    private readonly (int Start, int Length)[] _fields = new (int, int)[SaslauthdWire.MostFields];
    private int _end;

    /// <summary>What has arrived so far.</summary>
    public SaslauthdRequestState State { get; private set; }

    /// <summary>How many strings are complete.</summary>
    public int Count { get; private set; }

    /// <summary>Whether octets have arrived that belong to no complete string: the client is about to send one more.</summary>
    public bool HasPart => _received.WrittenCount > _end;

    /// <summary>Where to receive the next octets; empty when the request is complete or refused.</summary>
    public Memory<byte> Free => State is SaslauthdRequestState.Incomplete or SaslauthdRequestState.FourStrings
        ? _received.GetMemory(SaslauthdWire.MaxRequestLength - _received.WrittenCount)[..(SaslauthdWire.MaxRequestLength - _received.WrittenCount)]
        : default;

    /// <summary>The first four strings with their counts, once they are complete: they can be read in one way only. Valid until disposal.</summary>
    public ReadOnlyMemory<byte> FourStrings
    {
        get
        {
            (int start, int length) = _fields[SaslauthdWire.FewestFields - 1];
            return _received.WrittenMemory[..(start + length)];
        }
    }

    /// <summary>A complete string, without its count; empty when the client did not send it. Valid until disposal.</summary>
    /// <param name="field">Which one.</param>
    public ReadOnlyMemory<byte> this[SaslauthdField field]
    {
        get
        {
            (int start, int length) = _fields[(int)field];
            return _received.WrittenMemory.Slice(start, length);
        }
    }

    /// <summary>Takes octets that were received into <see cref="Free"/>.</summary>
    /// <param name="count">How many.</param>
    /// <returns>The new <see cref="State"/>.</returns>
    public SaslauthdRequestState Advance(int count)
    {
        _received.Advance(count);
        while (State is SaslauthdRequestState.Incomplete or SaslauthdRequestState.FourStrings && TakeField())
        {
        }
        return State;
    }

    /// <summary>Erases the octets and gives the memory back.</summary>
    public void Dispose() => _received.Dispose();

    private bool TakeField()
    {
        ReadOnlySpan<byte> rest = _received.WrittenSpan[_end..];
        if (rest.Length < SaslauthdWire.CountLength)
            return false;
        int length = BinaryPrimitives.ReadUInt16BigEndian(rest);
        if (length > SaslauthdWire.MaxFieldLength)
            return Refuse(SaslauthdRequestState.TooLong);
        if (rest.Length - SaslauthdWire.CountLength < length)
            return false;
        if (rest.Slice(SaslauthdWire.CountLength, length).Contains((byte)0))
            return Refuse(SaslauthdRequestState.HasNul);

        _fields[Count++] = (_end + SaslauthdWire.CountLength, length);
        _end += SaslauthdWire.CountLength + length;
        State = Count switch
        {
            SaslauthdWire.MostFields => SaslauthdRequestState.FiveStrings,
            SaslauthdWire.FewestFields => SaslauthdRequestState.FourStrings,
            _ => SaslauthdRequestState.Incomplete,
        };
        return true;
    }

    private bool Refuse(SaslauthdRequestState why)
    {
        State = why;
        return false;
    }
}
