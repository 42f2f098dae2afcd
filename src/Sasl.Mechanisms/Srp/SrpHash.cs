namespace Sasl.Mechanisms;

/// <summary>A hash function that SRP can work with.</summary>
public enum SrpHash
{
    /// <summary>SHA-1, which every peer has.</summary>
    Sha1,

    /// <summary>RIPEMD-160.</summary>
    RipeMd160,

    /// <summary>MD5.</summary>
    Md5,
}
