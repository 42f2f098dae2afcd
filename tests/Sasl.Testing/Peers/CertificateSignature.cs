namespace Sasl.Testing.Peers;

/// <summary>How a test CA signs. The hash of a certificate's signature decides its tls-server-end-point binding (RFC 5929 section 4.1).</summary>
public enum CertificateSignature
{
    /// <summary>ECDSA on P-256 with SHA-256: the quickest to make.</summary>
    EcdsaSha256,

    /// <summary>ECDSA on P-384 with SHA-384.</summary>
    EcdsaSha384,

    /// <summary>RSA PKCS #1 1.5 with SHA-256: what most servers have.</summary>
    RsaSha256,

    /// <summary>RSA PKCS #1 1.5 with SHA-512.</summary>
    RsaSha512,

    /// <summary>RSASSA-PSS with SHA-256: the hash is in the parameters, not in the algorithm's name.</summary>
    RsaPssSha256,
}
