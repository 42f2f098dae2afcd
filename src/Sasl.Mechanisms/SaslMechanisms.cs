using System.Collections.Immutable;

namespace Sasl.Mechanisms;

/// <summary>The mechanisms this library has. Adding one means adding its folder and its line here.</summary>
public static class SaslMechanisms
{
    /// <summary>PLAIN, RFC 4616: the password itself, inside TLS.</summary>
    public static SaslMechanism Plain => PlainMechanism.Plain;

    /// <summary>LOGIN: the password itself, for clients that know nothing else, inside TLS.</summary>
    public static SaslMechanism Login => LoginMechanism.Login;

    /// <summary>ANONYMOUS, RFC 4505. Used only where a list names it.</summary>
    public static SaslMechanism Anonymous => AnonymousMechanism.Anonymous;

    /// <summary>EXTERNAL, RFC 4422 appendix A: the identity of a verified client certificate.</summary>
    public static SaslMechanism External => ExternalMechanism.External;

    /// <summary>OAUTHBEARER, RFC 7628: an access token, inside TLS. Needs a token validator on a server and a source of tokens in a client.</summary>
    public static SaslMechanism OAuthBearer => OAuthMechanisms.Bearer;

    /// <summary>XOAUTH2, Google's: an access token, inside TLS, for peers that do not know OAUTHBEARER.</summary>
    public static SaslMechanism XOAuth2 => OAuthMechanisms.XOAuth2;

    /// <summary>CRAM-MD5, RFC 2195. Legacy; used only where a list names it, and only with passwords stored in plain text.</summary>
    public static SaslMechanism CramMd5 => CramMd5Mechanism.CramMd5;

    /// <summary>DIGEST-MD5, RFC 2831. Legacy; used only where a list names it (RFC 6331 says why).</summary>
    public static SaslMechanism DigestMd5 => DigestMd5Mechanism.Default;

    /// <summary>NTLM, MS-NLMP. Legacy; used only where a list names it, and only with passwords stored in plain text.</summary>
    public static SaslMechanism Ntlm => NtlmMechanism.Default;

    /// <summary>OTP, RFC 2444: one-time passwords. Legacy; used only where a list names it. The credential store must be one that can be written.</summary>
    public static SaslMechanism Otp => OtpMechanism.Default;

    /// <summary>SRP, draft-burdis-cat-srp-sasl-08. Legacy; used only where a list names it.</summary>
    public static SaslMechanism Srp => SrpMechanism.Default;

    /// <summary>PASSDSS-3DES-1, draft-newman-sasl-passdss-01. Legacy; used only where a list names it.</summary>
    public static SaslMechanism Passdss => PassdssMechanism.Passdss;

    /// <summary>All of them with their default options, in Cyrus SASL's order of strength; SCRAM's are named one by one in <see cref="ScramMechanisms"/>.</summary>
    /// <remarks>Legacy ones and ANONYMOUS are used only where a list names them.</remarks>
    public static ImmutableArray<SaslMechanism> Standard { get; } = Create(SaslMechanismOptions.Default);

    /// <summary>All of them, in the same order, with options of one's own.</summary>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of bounds.</exception>
    public static ImmutableArray<SaslMechanism> Create(SaslMechanismOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return
        [
            SrpMechanism.Create(options.Srp),
            Passdss,
            .. ScramMechanisms.Create(options.Scram),
            External,
            OAuthBearer,
            XOAuth2,
            DigestMd5Mechanism.Create(options.DigestMd5),
            OtpMechanism.Create(options.Otp),
            CramMd5,
            NtlmMechanism.Create(options.Ntlm),
            Plain,
            Login,
            Anonymous,
        ];
    }
}
