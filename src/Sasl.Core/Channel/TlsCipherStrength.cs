using System.Net.Security;

namespace Sasl;

/// <summary>The strength of a TLS cipher suite as SASL counts it: the effective bits of the cipher's key.</summary>
/// <remarks>
/// A suite's registered name says its cipher, so the name is read, and a suite that .NET learns later is known here too.
/// </remarks>
internal static class TlsCipherStrength
{
    // The first word that the name contains decides: export and 40-bit suites before the ciphers they weaken, triple DES before DES.
    private static readonly (string Word, int Bits)[] s_words =
    [
        ("_EXPORT_", 40), ("_40_", 40), ("_DES40_", 40),
        ("_AES_128_", 128), ("_AES_256_", 256), ("_CHACHA20_", 256),
        ("_CAMELLIA_128_", 128), ("_CAMELLIA_256_", 256), ("_ARIA_128_", 128), ("_ARIA_256_", 256),
        ("_3DES_EDE_", 112), ("_DES_", 56), ("_IDEA_", 128), ("_SEED_", 128), ("_RC4_128_", 128),
        ("_NULL_", 0),
    ];

    /// <summary>The bits; 0 for a suite that does not encrypt, and for one that is not known.</summary>
    public static int Bits(TlsCipherSuite suite)
    {
        string name = Enum.GetName(suite) ?? "";
        return Array.Find(s_words, entry => name.Contains(entry.Word, StringComparison.Ordinal)).Bits;
    }
}
