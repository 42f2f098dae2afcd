namespace Sasl.Mechanisms;

/// <summary>The options of all mechanisms that have some.</summary>
public sealed record SaslMechanismOptions
{
    /// <summary>The defaults.</summary>
    public static SaslMechanismOptions Default { get; } = new();

    /// <summary>How much work SCRAM asks for and accepts.</summary>
    public ScramOptions Scram { get; init; } = ScramOptions.Default;

    /// <summary>What DIGEST-MD5 remembers, and with what it encrypts.</summary>
    public DigestMd5Options DigestMd5 { get; init; } = DigestMd5Options.Default;

    /// <summary>With which responses NTLM logs in, and which ones a server accepts.</summary>
    public NtlmOptions Ntlm { get; init; } = NtlmOptions.Default;

    /// <summary>How one-time passwords are made and kept.</summary>
    public OtpOptions Otp { get; init; } = OtpOptions.Default;

    /// <summary>With what SRP hashes, which groups it trusts, and how its layers work.</summary>
    public SrpOptions Srp { get; init; } = SrpOptions.Default;
}
