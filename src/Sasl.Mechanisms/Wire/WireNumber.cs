namespace Sasl.Mechanisms;

/// <summary>Decimal numbers a peer or a store has written.</summary>
internal static class WireNumber
{
    /// <summary>Reads posit-number = %x31-39 *DIGIT (RFC 5802 section 7): no sign, no blank, no zero in front.</summary>
    /// <param name="digits">The octets.</param>
    /// <param name="max">The greatest number accepted.</param>
    /// <param name="number">The number, 1 or more.</param>
    public static bool TryParsePositive(ReadOnlySpan<byte> digits, int max, out int number)
    {
        number = 0;
        if (digits is not [>= (byte)'1' and <= (byte)'9', ..])
            return false;
        long read = 0;
        foreach (byte digit in digits)
        {
            read = (10 * read) + (digit - '0');
            if (!char.IsAsciiDigit((char)digit) || read > max)
                return false;
        }
        number = (int)read;
        return true;
    }
}
