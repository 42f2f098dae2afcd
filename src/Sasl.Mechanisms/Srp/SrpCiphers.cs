namespace Sasl.Mechanisms;

/// <summary>Ciphers of SRP's confidentiality layer, all in output feedback mode.</summary>
[Flags]
public enum SrpCiphers
{
    /// <summary>None: messages are signed at most.</summary>
    None = 0,

    /// <summary>DES, 56 bits. OpenSSL 3 has it in its legacy provider only; Cyrus SASL crashes where that is not loaded.</summary>
    Des = 1,

    /// <summary>Triple DES with two keys, 112 bits.</summary>
    TripleDes = 2,

    /// <summary>AES, 128 bits.</summary>
    Aes = 4,

    /// <summary>Blowfish, 128 bits.</summary>
    Blowfish = 8,

    /// <summary>CAST-128, 128 bits.</summary>
    Cast128 = 16,

    /// <summary>IDEA, 128 bits. Debian's OpenSSL has none.</summary>
    Idea = 32,

    /// <summary>What Cyrus SASL offers on Debian.</summary>
    Usual = Des | TripleDes | Aes | Blowfish | Cast128,

    /// <summary>All of them.</summary>
    All = Usual | Idea,
}
