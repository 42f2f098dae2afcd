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
        output.Write(label);
        output.Write("\""u8);
        for (int next; (next = value.IndexOfAny(s_escaped)) >= 0; value = value[(next + 1)..])
        {
            output.Write(value[..next]);
            output.Write("\\"u8);
            output.Write(value.Slice(next, 1));
        }
        output.Write(value);
        output.Write("\""u8);
    }

    /// <summary>Writes a number in decimal digits.</summary>
    public static void WriteNumber(IBufferWriter<byte> output, ReadOnlySpan<byte> label, int number)
    {
        output.Write(label);
        Utf8Formatter.TryFormat(number, output.GetSpan(MaxDigits), out int written);
        output.Advance(written);
    }
}
