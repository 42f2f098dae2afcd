namespace Sasl.Mechanisms;

/// <summary>The hash that a sequence of one-time passwords is made with (RFC 2289 section 4).</summary>
public enum OtpAlgorithm
{
    /// <summary>MD5, which every implementation has.</summary>
    Md5,

    /// <summary>MD4.</summary>
    Md4,

    /// <summary>SHA-1.</summary>
    Sha1,
}
