namespace Sasl.Mechanisms;

/// <summary>The ciphers of DIGEST-MD5's <c>auth-conf</c>, RFC 2831 section 2.1.1, as a set. All are old: RC4 and DES are broken, 3DES has small blocks.</summary>
[Flags]
public enum DigestMd5Ciphers
{
    /// <summary>No cipher: <c>auth-conf</c> is neither offered nor chosen.</summary>
    None = 0,

    /// <summary>RC4 with a 40-bit key.</summary>
    Rc4With40Bits = 1,

    /// <summary>RC4 with a 56-bit key.</summary>
    Rc4With56Bits = 2,

    /// <summary>RC4 with a 128-bit key.</summary>
    Rc4 = 4,

    /// <summary>DES in CBC mode, counted as 55 bits as Cyrus SASL does.</summary>
    Des = 8,

    /// <summary>Triple DES with two keys in CBC mode, counted as 112 bits.</summary>
    TripleDes = 16,

    /// <summary>All of them.</summary>
    All = Rc4With40Bits | Rc4With56Bits | Rc4 | Des | TripleDes,
}
