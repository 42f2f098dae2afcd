namespace Sasl.Mechanisms;

/// <summary>Keys of DES as mechanisms derive them: 56 bits without parity.</summary>
internal static class DesKey
{
    private const int Octets = 7;

    /// <summary>Spreads 56 bits, in groups of seven, over the upper parts of eight octets.</summary>
    /// <param name="key">Begins with the seven octets.</param>
    /// <param name="spread">Gets eight.</param>
    // The lowest bits are parity, which neither Cyrus SASL nor DES minds.
    public static void Spread(ReadOnlySpan<byte> key, Span<byte> spread)
    {
        spread[0] = key[0];
        for (int i = 1; i < Octets; i++)
            spread[i] = (byte)((key[i - 1] << (8 - i)) | (key[i] >> i));
        spread[Octets] = (byte)(key[Octets - 1] << 1);
    }
}
