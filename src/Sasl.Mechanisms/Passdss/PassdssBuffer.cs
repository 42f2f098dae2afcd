using System.Buffers;
using System.Buffers.Binary;
using Org.BouncyCastle.Math;

namespace Sasl.Mechanisms;

/// <summary>The elements of messages, as in SSH (RFC 4251 section 5), but that Cyrus SASL's numbers have no zero before a first bit that is set.</summary>
internal static class PassdssBuffer
{
    private const int LengthOctets = 4;

    /// <summary>The octets of a number, without its length.</summary>
    public static byte[] Octets(BigInteger number) => number.ToByteArrayUnsigned();

    /// <summary>Appends octets with their length before them.</summary>
    public static void AddString(IBufferWriter<byte> output, ReadOnlySpan<byte> octets)
    {
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(LengthOctets), octets.Length);
        output.Advance(LengthOctets);
        output.Write(octets);
    }

    /// <summary>Appends a number with its length before it.</summary>
    public static void AddNumber(IBufferWriter<byte> output, BigInteger number) => AddString(output, Octets(number));

    /// <summary>Appends strings and numbers as one string.</summary>
    public static void AddAll(IBufferWriter<byte> output, ReadOnlySpan<byte> name, params ReadOnlySpan<BigInteger> numbers)
    {
        var inner = new ArrayBufferWriter<byte>();
        AddString(inner, name);
        foreach (BigInteger number in numbers)
            AddNumber(inner, number);
        AddString(output, inner.WrittenSpan);
    }
}
