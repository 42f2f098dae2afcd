using System.Collections.Immutable;
using System.Text;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Engines;

namespace Sasl.Mechanisms;

/// <summary>One cipher of the confidentiality layer.</summary>
/// <param name="Flag">Its place in a set.</param>
/// <param name="Name">Its name in options.</param>
/// <param name="Ssf">Its strength as Cyrus SASL counts it, in bits.</param>
/// <param name="KeyLength">How many octets of the session key it takes.</param>
/// <param name="BlockLength">How many octets of an initial vector it takes.</param>
internal sealed record SrpCipher(SrpCiphers Flag, string Name, int Ssf, int KeyLength, int BlockLength)
{
    /// <summary>All of them, in Cyrus SASL's order: of the strongest that are offered a client takes the first.</summary>
    public static ImmutableArray<SrpCipher> All { get; } =
    [
        new(SrpCiphers.Des, "DES", 56, 8, 8),
        new(SrpCiphers.TripleDes, "3DES", 112, 16, 8),
        new(SrpCiphers.Aes, "AES", 128, 16, 16),
        new(SrpCiphers.Blowfish, "Blowfish", 128, 16, 8),
        new(SrpCiphers.Cast128, "CAST-128", 128, 16, 8),
        new(SrpCiphers.Idea, "IDEA", 128, 16, 8),
    ];

    /// <summary>Finds one by its name, in any case; null when unknown.</summary>
    public static SrpCipher? Find(ReadOnlySpan<byte> name)
    {
        foreach (SrpCipher cipher in All)
        {
            if (Ascii.EqualsIgnoreCase(name, cipher.Name))
                return cipher;
        }
        return null;
    }

    /// <summary>The cipher itself, without a key.</summary>
    public IBlockCipher Start() => Flag switch
    {
        SrpCiphers.Des => new DesEngine(),
        SrpCiphers.TripleDes => new DesEdeEngine(),
        SrpCiphers.Aes => new AesEngine(),
        SrpCiphers.Blowfish => new BlowfishEngine(),
        SrpCiphers.Cast128 => new Cast5Engine(),
        SrpCiphers.Idea => new IdeaEngine(),
        SrpCiphers.None or SrpCiphers.Usual or SrpCiphers.All or _ => throw new InvalidOperationException("This is no single cipher."),
    };
}
