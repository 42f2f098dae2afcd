namespace Sasl.Mechanisms;

/// <summary>Qualities of protection, RFC 2831 section 2.1.1, as a set.</summary>
[Flags]
internal enum DigestQop
{
    None = 0,

    /// <summary>Authentication alone.</summary>
    Auth = 1,

    /// <summary>Every message signed.</summary>
    AuthInt = 2,

    /// <summary>Every message signed and encrypted.</summary>
    AuthConf = 4,
}
