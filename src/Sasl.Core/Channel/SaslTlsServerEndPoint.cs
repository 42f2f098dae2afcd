using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sasl;

/// <summary>The channel binding <c>tls-server-end-point</c>: a hash of the certificate the server sent (RFC 5929 section 4).</summary>
/// <remarks>For applications whose TLS is no <c>SslStream</c>; <see cref="SaslChannel.FromTls"/> uses it too.</remarks>
public static class SaslTlsServerEndPoint
{
    private const string RsaPss = "1.2.840.113549.1.1.10";
    private const string Mgf1 = "1.2.840.113549.1.1.8";
    private const string Sha1 = "1.3.14.3.2.26";

    private static readonly Asn1Tag s_pssHash = new(TagClass.ContextSpecific, tagValue: 0, isConstructed: true);
    private static readonly Asn1Tag s_pssMask = new(TagClass.ContextSpecific, tagValue: 1, isConstructed: true);

    /// <summary>Computes the binding of a server's certificate, on the server or on the client.</summary>
    /// <param name="certificate">The end-entity certificate the server sent.</param>
    /// <param name="data">The hash, 32 to 64 octets; empty when the result is false.</param>
    /// <returns>False where the certificate has no such binding; see the other overload.</returns>
    public static bool TryCompute(X509Certificate certificate, out ReadOnlyMemory<byte> data)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return TryCompute(certificate is X509Certificate2 modern ? modern.RawDataMemory : certificate.GetRawCertData(), out data);
    }

    /// <summary>Computes the binding of a server's certificate, on the server or on the client.</summary>
    /// <param name="certificate">The end-entity certificate the server sent, in DER.</param>
    /// <param name="data">The hash, 32 to 64 octets; empty when the result is false.</param>
    /// <returns>
    /// False where the binding is undefined or cannot be computed: the signature uses no hash function (Ed25519, Ed448, ML-DSA) or two
    /// different ones (RSASSA-PSS whose mask generation differs), or one this runtime lacks (SHA-224; SHA-3 on an old system), or the
    /// octets are no certificate.
    /// </returns>
    public static bool TryCompute(ReadOnlyMemory<byte> certificate, out ReadOnlyMemory<byte> data)
    {
        HashAlgorithmName? hash = SignatureHash(certificate);
        data = hash is { } known ? CryptographicOperations.HashData(known, certificate.Span) : default;
        return hash is not null;
    }

    // Certificate ::= SEQUENCE { tbsCertificate SEQUENCE, signatureAlgorithm AlgorithmIdentifier, signature BIT STRING }   (RFC 5280, 4.1)
    private static HashAlgorithmName? SignatureHash(ReadOnlyMemory<byte> octets)
    {
        try
        {
            // BER, because OpenSSL and other peers accept and hash certificates that are not quite DER.
            var outer = new AsnReader(octets, AsnEncodingRules.BER);
            AsnReader certificate = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            certificate.ReadSequence();
            AsnReader algorithm = certificate.ReadSequence();
            string name = algorithm.ReadObjectIdentifier();
            return name == RsaPss ? PssHash(algorithm) : HashOfSignature(name);
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    // RSASSA-PSS-params ::= SEQUENCE { [0] hashAlgorithm DEFAULT sha1, [1] maskGenAlgorithm DEFAULT mgf1SHA1, … }   (RFC 4055, 3.1)
    private static HashAlgorithmName? PssHash(AsnReader algorithm)
    {
        string hash = Sha1, mask = Sha1;
        AsnReader? parameters = algorithm.HasData ? algorithm.ReadSequence() : null;
        if (parameters is { HasData: true } && parameters.PeekTag() == s_pssHash)
            hash = parameters.ReadSequence(s_pssHash).ReadSequence().ReadObjectIdentifier();
        if (parameters is { HasData: true } && parameters.PeekTag() == s_pssMask)
        {
            AsnReader generator = parameters.ReadSequence(s_pssMask).ReadSequence();
            mask = generator.ReadObjectIdentifier() == Mgf1 ? generator.ReadSequence().ReadObjectIdentifier() : "";
        }

        // RFC 5929 section 4.1 leaves the binding undefined when a signature uses several hash functions.
        return hash == mask ? HashOfDigest(hash) : null;
    }

    private static HashAlgorithmName? HashOfDigest(string digest) => digest switch
    {
        "1.2.840.113549.2.5" or Sha1 or "2.16.840.1.101.3.4.2.1" => HashAlgorithmName.SHA256,
        "2.16.840.1.101.3.4.2.2" => HashAlgorithmName.SHA384,
        "2.16.840.1.101.3.4.2.3" => HashAlgorithmName.SHA512,
        "2.16.840.1.101.3.4.2.8" when SHA3_256.IsSupported => HashAlgorithmName.SHA3_256,
        "2.16.840.1.101.3.4.2.9" when SHA3_384.IsSupported => HashAlgorithmName.SHA3_384,
        "2.16.840.1.101.3.4.2.10" when SHA3_512.IsSupported => HashAlgorithmName.SHA3_512,
        _ => null,
    };

    private static HashAlgorithmName? HashOfSignature(string signature) => signature switch
    {
        // MD5 and SHA-1 are replaced by SHA-256, as RFC 5929 section 4.1 says.
        "1.2.840.113549.1.1.4"            // md5WithRSAEncryption
            or "1.2.840.113549.1.1.5"     // sha1WithRSAEncryption
            or "1.3.14.3.2.29"            // sha1WithRSASignature
            or "1.3.14.3.2.27"            // dsaWithSHA1
            or "1.2.840.10040.4.3"        // dsa-with-sha1
            or "1.2.840.10045.4.1"        // ecdsa-with-SHA1
            or "1.2.840.113549.1.1.11"    // sha256WithRSAEncryption
            or "1.2.840.10045.4.3.2"      // ecdsa-with-SHA256
            or "2.16.840.1.101.3.4.3.2" => HashAlgorithmName.SHA256,    // dsa-with-sha256
        "1.2.840.113549.1.1.12"           // sha384WithRSAEncryption
            or "1.2.840.10045.4.3.3"      // ecdsa-with-SHA384
            or "2.16.840.1.101.3.4.3.3" => HashAlgorithmName.SHA384,    // dsa-with-sha384
        "1.2.840.113549.1.1.13"           // sha512WithRSAEncryption
            or "1.2.840.10045.4.3.4"      // ecdsa-with-SHA512
            or "2.16.840.1.101.3.4.3.4" => HashAlgorithmName.SHA512,    // dsa-with-sha512
        "2.16.840.1.101.3.4.3.6"          // dsa-with-sha3-256
            or "2.16.840.1.101.3.4.3.10"  // ecdsa-with-sha3-256
            or "2.16.840.1.101.3.4.3.14" when SHA3_256.IsSupported => HashAlgorithmName.SHA3_256,
        "2.16.840.1.101.3.4.3.7"          // dsa-with-sha3-384
            or "2.16.840.1.101.3.4.3.11"  // ecdsa-with-sha3-384
            or "2.16.840.1.101.3.4.3.15" when SHA3_384.IsSupported => HashAlgorithmName.SHA3_384,
        "2.16.840.1.101.3.4.3.8"          // dsa-with-sha3-512
            or "2.16.840.1.101.3.4.3.12"  // ecdsa-with-sha3-512
            or "2.16.840.1.101.3.4.3.16" when SHA3_512.IsSupported => HashAlgorithmName.SHA3_512,
        _ => null,
    };
}
