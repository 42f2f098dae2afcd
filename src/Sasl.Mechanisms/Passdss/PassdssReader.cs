using System.Buffers.Binary;
using Org.BouncyCastle.Math;

namespace Sasl.Mechanisms;

/// <summary>Reads what <see cref="PassdssBuffer"/> writes. After a fault every element is empty, and <see cref="IsWhole"/> false.</summary>
internal ref struct PassdssReader(ReadOnlySpan<byte> message)
{
    /// <summary>The largest number that is read, in octets: more than any key has that peers make.</summary>
    public const int MaxNumberLength = 512;

    private readonly int _length = message.Length;
    private ReadOnlySpan<byte> _rest = message;
    private bool _isBroken;

    /// <summary>Whether all elements were there, and nothing behind them.</summary>
    public readonly bool IsWhole => !_isBroken && _rest.IsEmpty;

    /// <summary>Whether all elements so far were there.</summary>
    public readonly bool IsGood => !_isBroken;

    /// <summary>How many octets have been read.</summary>
    public readonly int Position => _length - _rest.Length;

    /// <summary>Octets with their length before them.</summary>
    public ReadOnlySpan<byte> ReadString() => Take(ReadLength());

    /// <summary>A number.</summary>
    public BigInteger ReadNumber()
    {
        ReadOnlySpan<byte> octets = ReadString();
        _isBroken |= octets.Length > MaxNumberLength;
        return _isBroken ? BigInteger.Zero : new BigInteger(1, octets);
    }

    /// <summary>Some octets.</summary>
    public ReadOnlySpan<byte> Take(int length)
    {
        if (length < 0 || length > _rest.Length)
            _isBroken = true;
        if (_isBroken)
            return default;
        ReadOnlySpan<byte> taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private int ReadLength() => Take(4) is { Length: 4 } octets ? BinaryPrimitives.ReadInt32BigEndian(octets) : 0;
}
