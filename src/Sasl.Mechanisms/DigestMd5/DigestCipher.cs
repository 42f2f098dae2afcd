using System.Collections.Immutable;

namespace Sasl.Mechanisms;

/// <summary>One cipher of <c>auth-conf</c>.</summary>
/// <param name="Name">Its name in messages.</param>
/// <param name="Flag">Its place in a set.</param>
/// <param name="Ssf">Its strength as Cyrus SASL counts it, in bits.</param>
/// <param name="KeyedOctets">How many octets of H(A1) go into its keys (RFC 2831 section 2.4).</param>
internal sealed record DigestCipher(string Name, DigestMd5Ciphers Flag, int Ssf, int KeyedOctets)
{
    /// <summary>All, weakest first, which is the order of Cyrus SASL's offer.</summary>
    public static ImmutableArray<DigestCipher> All { get; } =
    [
        new("rc4-40", DigestMd5Ciphers.Rc4With40Bits, 40, 5),
        new("rc4-56", DigestMd5Ciphers.Rc4With56Bits, 56, 7),
        new("rc4", DigestMd5Ciphers.Rc4, 128, 16),
        new("des", DigestMd5Ciphers.Des, 55, 16),
        new("3des", DigestMd5Ciphers.TripleDes, 112, 16),
    ];

    /// <summary>Whether it works on blocks, and so needs padding.</summary>
    public bool HasBlocks => Flag is DigestMd5Ciphers.Des or DigestMd5Ciphers.TripleDes;

    /// <summary>Finds a cipher by its name, in any case; null when unknown.</summary>
    public static DigestCipher? Find(ReadOnlySpan<byte> name)
    {
        foreach (DigestCipher cipher in All)
        {
            if (System.Text.Ascii.EqualsIgnoreCase(name, cipher.Name))
                return cipher;
        }
        return null;
    }
}
