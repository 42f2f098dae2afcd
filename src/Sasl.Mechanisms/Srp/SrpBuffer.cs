using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Org.BouncyCastle.Math;

namespace Sasl.Mechanisms;

/// <summary>The form of all messages and of stored secrets, draft-burdis-cat-srp-sasl-08 section 3.</summary>
/// <remarks>
/// <code>
/// message = length(4) *element        the length is that of the elements
/// mpi     = length(2) octets          a number without leading zeros
/// os      = length(1) octets
/// utf8    = length(2) octets          text without NUL
/// </code>
/// Everything in network order.
/// </remarks>
internal sealed class SrpBuffer
{
    /// <summary>The length of what stands before the elements.</summary>
    public const int HeaderLength = 4;

    private readonly ArrayBufferWriter<byte> _elements = new(1024);

    /// <summary>Appends octets as they are.</summary>
    public SrpBuffer Add(params ReadOnlySpan<byte> octets)
    {
        _elements.Write(octets);
        return this;
    }

    /// <summary>Appends a number.</summary>
    public SrpBuffer AddNumber(BigInteger number)
    {
        byte[] octets = SrpDigest.Octets(number);
        return AddLength(octets.Length).Add(octets);
    }

    /// <summary>Appends up to 255 octets.</summary>
    public SrpBuffer AddOctets(ReadOnlySpan<byte> octets) => Add([checked((byte)octets.Length)]).Add(octets);

    /// <summary>Appends text of up to 65535 octets.</summary>
    public SrpBuffer AddText(ReadOnlySpan<byte> text) => AddLength(text.Length).Add(text);

    /// <summary>Writes the message.</summary>
    public void WriteTo(IBufferWriter<byte> output)
    {
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(HeaderLength), _elements.WrittenCount);
        output.Advance(HeaderLength);
        output.Write(_elements.WrittenSpan);
    }

    private SrpBuffer AddLength(int length)
    {
        Span<byte> octets = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(octets, checked((ushort)length));
        return Add(octets);
    }
}
