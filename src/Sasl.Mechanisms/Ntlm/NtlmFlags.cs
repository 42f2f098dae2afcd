namespace Sasl.Mechanisms;

/// <summary>Negotiation flags, MS-NLMP section 2.2.2.5: those that mean something here.</summary>
[Flags]
internal enum NtlmFlags : uint
{
    None = 0,
    Unicode = 0x0000_0001,
    Oem = 0x0000_0002,
    RequestTarget = 0x0000_0004,
    Ntlm = 0x0000_0200,
    TargetIsServer = 0x0002_0000,

    /// <summary>The client knows how to make a response with a challenge of its own.</summary>
    ExtendedSessionSecurity = 0x0008_0000,

    /// <summary>There is target information in the challenge.</summary>
    TargetInfo = 0x0080_0000,

    /// <summary>What Cyrus SASL repeats of the other side's flags.</summary>
    Echoed = 0x0000_ffff,
}
