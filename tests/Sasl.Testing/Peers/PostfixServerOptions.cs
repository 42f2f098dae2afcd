namespace Sasl.Testing.Peers;

/// <summary>How a <see cref="PostfixServer"/> differs from the usual one.</summary>
public sealed record PostfixServerOptions
{
    /// <summary>The mechanisms of its smtpd.conf, of those that Cyrus SASL has on this machine.</summary>
    public string Mechanisms { get; init; } = "PLAIN LOGIN CRAM-MD5 DIGEST-MD5 SCRAM-SHA-1 SCRAM-SHA-224 SCRAM-SHA-256 SCRAM-SHA-384 SCRAM-SHA-512 ANONYMOUS NTLM";

    /// <summary>A saslauthd's socket that checks the passwords (pwcheck_method: saslauthd); null checks them in the sasldb2.</summary>
    public string? SaslauthdPath { get; init; }

    /// <summary>smtpd_sasl_security_options: what a mechanism must not be, without TLS. Empty lets ANONYMOUS in.</summary>
    public string SecurityOptions { get; init; } = "noanonymous";

    /// <summary>smtpd_sasl_tls_security_options: the same under TLS.</summary>
    public string TlsSecurityOptions { get; init; } = "noanonymous";

    /// <summary>Its users and their passwords, in realm localhost.</summary>
    public IReadOnlyDictionary<string, string> Users { get; init; } = new Dictionary<string, string> { ["alice"] = "secret" };
}
