using System.Buffers.Binary;
using Org.BouncyCastle.Math;

namespace Sasl.Mechanisms;

/// <summary>Reads what <see cref="SrpBuffer"/> writes. After a fault every element is empty, and <see cref="IsWhole"/> false.</summary>
internal ref struct SrpReader
{
    private ReadOnlySpan<byte> _rest;
    private bool _isBroken;

    public SrpReader(ReadOnlySpan<byte> message)
    {
        _isBroken = message.Length < SrpBuffer.HeaderLength
            || BinaryPrimitives.ReadUInt32BigEndian(message) != (uint)(message.Length - SrpBuffer.HeaderLength);
        _rest = _isBroken ? default : message[SrpBuffer.HeaderLength..];
    }

    /// <summary>Whether all elements were there, as they should be, and nothing behind them.</summary>
    public readonly bool IsWhole => !_isBroken && _rest.IsEmpty;

    /// <summary>One octet.</summary>
    public byte ReadOctet() => Take(1) is [byte octet] ? octet : (byte)0;

    /// <summary>A number of four octets.</summary>
    public uint ReadUInt32() => Take(4) is { Length: 4 } octets ? BinaryPrimitives.ReadUInt32BigEndian(octets) : 0;

    /// <summary>A number of at most as many bits as the largest group has; a larger one, and one with zeros before it, is a fault.</summary>
    public BigInteger ReadNumber()
    {
        ReadOnlySpan<byte> octets = Take(ReadLength());
        if (octets.Length > SrpOptions.LargestGroup / 8 || octets is [0, ..])
            Break();
        return _isBroken ? BigInteger.Zero : new BigInteger(1, octets);
    }

    /// <summary>Up to 255 octets.</summary>
    public ReadOnlySpan<byte> ReadOctets() => Take(ReadOctet());

    /// <summary>Text, without NUL.</summary>
    public ReadOnlySpan<byte> ReadText()
    {
        ReadOnlySpan<byte> text = Take(ReadLength());
        if (text.Contains((byte)0))
            Break();
        return _isBroken ? default : text;
    }

    private int ReadLength() => Take(2) is { Length: 2 } octets ? BinaryPrimitives.ReadUInt16BigEndian(octets) : 0;

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
            Break();
        if (_isBroken)
            return default;
        ReadOnlySpan<byte> taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private void Break()
    {
        _isBroken = true;
        _rest = default;
    }
}
