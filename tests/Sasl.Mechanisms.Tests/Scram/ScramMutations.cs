namespace Sasl.Mechanisms.Tests;

/// <summary>A message with one octet changed, dropped or doubled, in every place.</summary>
internal static class ScramMutations
{
    // One bit at each end, one in the middle, the bit of letter case, and all bits of a digit.
    private static readonly byte[] s_patterns = [0x01, 0x08, 0x20, 0x80, 0x0f];

    public static IEnumerable<byte[]> Of(byte[] message)
    {
        for (int i = 0; i < message.Length; i++)
        {
            foreach (byte pattern in s_patterns)
            {
                byte[] flipped = [.. message];
                flipped[i] ^= pattern;
                yield return flipped;
            }
            yield return [.. message[..i], .. message[(i + 1)..]];
            yield return [.. message[..i], message[i], .. message[i..]];
        }
    }
}
