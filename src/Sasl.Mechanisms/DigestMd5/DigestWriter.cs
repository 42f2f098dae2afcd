using System.Buffers;
using System.Buffers.Text;

namespace Sasl.Mechanisms;

/// <summary>Writes directives.</summary>
internal static class DigestWriter
{
    private const int MaxDigits = 11;

    private static readonly SearchValues<byte> s_escaped = SearchValues.Create("\"\\"u8);

    /// <summary>Writes a value between quotes, with a backslash before each quote and backslash in it.</summary>
    public static void WriteQuoted(IBufferWriter<byte> output, ReadOnlySpan<byte> label, ReadOnlySpan<byte> value)
    {
        Span<byte> room = output.GetSpan(label.Length + (2 * value.Length) + 2);
        label.CopyTo(room);
        int length = label.Length;
        room[length++] = (byte)'"';
        for (int next; (next = value.IndexOfAny(s_escaped)) >= 0; value = value[(next + 1)..])
        {
            value[..next].CopyTo(room[length..]);
            length += next;
            room[length++] = (byte)'\\';
            room[length++] = value[next];
        }
        value.CopyTo(room[length..]);
        length += value.Length;
        room[length++] = (byte)'"';
        output.Advance(length);
    }

    /// <summary>Writes a number in decimal digits.</summary>
    public static void WriteNumber(IBufferWriter<byte> output, ReadOnlySpan<byte> label, int number)
    {
        output.Write(label);
        Utf8Formatter.TryFormat(number, output.GetSpan(MaxDigits), out int written);
        output.Advance(written);
    }
}
