using System.Buffers.Binary;

namespace Sasl.Mechanisms;

/// <summary>How messages point to parts of themselves: length, length again, and place, in 2, 2 and 4 octets.</summary>
internal static class NtlmField
{
    /// <summary>The length of a pointer.</summary>
    public const int Length = 8;

    /// <summary>Finds the part that a pointer points to.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="at">Where the pointer is; inside the message.</param>
    /// <param name="part">The part; none has no place that would have to be right.</param>
    /// <returns>False when it is not wholly inside the message.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> message, int at, out ReadOnlyMemory<byte> part)
    {
        part = default;
        int length = BinaryPrimitives.ReadUInt16LittleEndian(message.Span[at..]);
        uint place = BinaryPrimitives.ReadUInt32LittleEndian(message.Span[(at + 4)..]);
        if (length == 0)
            return true;
        if (place > message.Length || length > message.Length - (int)place)
            return false;
        part = message.Slice((int)place, length);
        return true;
    }

    /// <summary>Writes a pointer and the part, and advances the place for the next one.</summary>
    public static void Write(Span<byte> message, int at, ReadOnlySpan<byte> part, ref int place)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(message[at..], (ushort)part.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message[(at + 2)..], (ushort)part.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(message[(at + 4)..], (uint)place);
        part.CopyTo(message[place..]);
        place += part.Length;
    }
}
