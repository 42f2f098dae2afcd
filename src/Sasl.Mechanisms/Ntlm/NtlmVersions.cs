namespace Sasl.Mechanisms;

/// <summary>The ways in which an NTLM response is made of a password.</summary>
[Flags]
public enum NtlmVersions
{
    /// <summary>None of them.</summary>
    None = 0,

    /// <summary>The LM response: DES with the password in upper case, of which only 14 characters count. It is broken within seconds.</summary>
    Lm = 1,

    /// <summary>NTLM of the first version: DES with the MD4 of the password.</summary>
    V1 = 2,

    /// <summary>NTLMv2, and LMv2 where there is no room for more: HMAC-MD5, with a challenge of the client's.</summary>
    V2 = 4,

    /// <summary>All of them.</summary>
    All = Lm | V1 | V2,
}
