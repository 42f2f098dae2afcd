namespace Sasl.Sasldb.Text;

/// <summary>Turns a line of data into the octets it stands for.</summary>
internal static class SasldbTextOctets
{
    /// <summary>Reads a line.</summary>
    /// <param name="line">The line, without the blank it begins with.</param>
    /// <param name="isPrint">In which format.</param>
    /// <param name="most">How many octets there may be.</param>
    /// <param name="into">Where they go.</param>
    /// <returns>What is wrong, as an end of a sentence that contains nothing of the line; null when nothing is.</returns>
    public static string? Read(ReadOnlySpan<byte> line, bool isPrint, int most, SecureBufferWriter into)
    {
        into.Clear();
        if (line is [.., (byte)'\r'])
            return "this line ends with CR and LF; LF alone is expected";
        // Shorter than the line, never longer.
        if (line.Length > (isPrint ? SasldbText.MostPerOctet : 2) * most)
            return TooLong(most);
        Span<byte> room = into.GetSpan(line.Length);
        string? complaint = isPrint ? ReadPrint(line, room, out int length) : ReadDigits(line, room, out length);
        if (complaint is null && length > most)
            complaint = TooLong(most);
        into.Advance(length);
        return complaint;
    }

    private static string TooLong(int most) => $"at most {most} octets are expected here";

    private static string? ReadDigits(ReadOnlySpan<byte> line, Span<byte> into, out int length)
    {
        length = 0;
        if (line.Length % 2 != 0)
            return "an even number of hexadecimal digits is expected";
        for (int i = 0; i < line.Length; i += 2)
        {
            if (!TryReadOctet(line.Slice(i, 2), out into[length]))
                return "only hexadecimal digits are expected";
            length++;
        }
        return null;
    }

    private static string? ReadPrint(ReadOnlySpan<byte> line, Span<byte> into, out int length)
    {
        length = 0;
        for (int i = 0; i < line.Length; i++)
        {
            byte octet = line[i];
            if (octet is < 0x20 or 0x7F)
                return "control characters are expected as a backslash and two hexadecimal digits";
            if (octet == SasldbText.Escape)
            {
                if (line[(i + 1)..] is [SasldbText.Escape, ..])
                    i++;
                else if (i + 2 < line.Length && TryReadOctet(line.Slice(i + 1, 2), out octet))
                    i += 2;
                else
                    return "two hexadecimal digits or a second backslash are expected after a backslash";
            }
            into[length++] = octet;
        }
        return null;
    }

    private static bool TryReadOctet(ReadOnlySpan<byte> digits, out byte octet)
    {
        int high = Value(digits[0]);
        int low = Value(digits[1]);
        octet = (byte)((high << 4) | (low & 0xF));
        return high >= 0 && low >= 0;
    }

    private static int Value(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
        _ => -1,
    };
}
