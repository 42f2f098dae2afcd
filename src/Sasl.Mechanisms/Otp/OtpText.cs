using System.Buffers.Binary;
using System.Text;

namespace Sasl.Mechanisms;

/// <summary>A one-time password as it is typed: sixteen hex digits, or six words with two bits of checksum (RFC 2289 section 6.0 and appendix B).</summary>
internal static class OtpText
{
    private const int Words = 6;
    private const int BitsOfWord = 11;
    private const int BitsOfChecksum = 2;
    private const int MaskOfWord = (1 << BitsOfWord) - 1;
    private const int Digits = 2 * OtpHash.Length;

    private static readonly char[] s_blanks = [' ', '\t'];

    /// <summary>Sixteen digits in lower case.</summary>
    public static string ToHex(ReadOnlySpan<byte> password) => Convert.ToHexStringLower(password);

    /// <summary>Six words of the dictionary, in upper case.</summary>
    public static string ToWords(ReadOnlySpan<byte> password)
    {
        UInt128 bits = Bits(BinaryPrimitives.ReadUInt64BigEndian(password));
        string[] words = new string[Words];
        for (int i = 0; i < Words; i++)
            words[i] = OtpDictionary.WordAt((int)(bits >> (BitsOfWord * (Words - 1 - i))) & MaskOfWord);
        return string.Join(' ', words);
    }

    /// <summary>Reads sixteen hex digits in any case, with blanks anywhere.</summary>
    public static bool TryReadHex(string text, Span<byte> password)
    {
        string digits = string.Concat(text.Split(s_blanks));
        return digits.Length == Digits && Convert.FromHexString(digits, password, out _, out _) is System.Buffers.OperationStatus.Done;
    }

    /// <summary>Reads six words in any case. The checksum must fit.</summary>
    /// <param name="text">The words, with blanks between.</param>
    /// <param name="algorithm">The hash that gives the bits of words that are not in the dictionary: all six are, or none.</param>
    /// <param name="password">Receives <see cref="OtpHash.Length"/> octets.</param>
    public static bool TryReadWords(string text, OtpAlgorithm algorithm, Span<byte> password)
    {
        string[] words = text.Split(s_blanks, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length != Words)
            return false;
        int[] indexes = [.. words.Select(static word => OtpDictionary.IndexOf(word.ToUpperInvariant()))];
        if (indexes.All(static index => index < 0))
            indexes = [.. words.Select(word => IndexOfOther(word, algorithm))];
        if (indexes.Any(static index => index < 0))
            return false;
        UInt128 bits = 0;
        foreach (int index in indexes)
            bits = (bits << BitsOfWord) | (uint)index;
        ulong value = (ulong)(bits >> BitsOfChecksum);
        BinaryPrimitives.WriteUInt64BigEndian(password, value);
        return Bits(value) == bits;
    }

    private static int IndexOfOther(string word, OtpAlgorithm algorithm)
    {
        Span<byte> hash = stackalloc byte[OtpHash.Length];
        OtpHash.Fold(algorithm, Encoding.UTF8.GetBytes(word), hash);
        return BinaryPrimitives.ReadUInt16BigEndian(hash[^sizeof(ushort)..]) & MaskOfWord;
    }

    // The 64 bits with the sum of their pairs behind them.
    private static UInt128 Bits(ulong value)
    {
        uint sum = 0;
        for (int shift = 0; shift < 64; shift += BitsOfChecksum)
            sum += (uint)(value >> shift) & 3;
        return ((UInt128)value << BitsOfChecksum) | (sum & 3);
    }
}
