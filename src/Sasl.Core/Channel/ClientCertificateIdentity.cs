using System.Formats.Asn1;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Sasl;

/// <summary>Finds who a client certificate says the client is, in the form the administrator chose.</summary>
internal static class ClientCertificateIdentity
{
    /// <summary>The longest name that is believed, in UTF-16 units: longer than any user name, far below a certificate's own limit.</summary>
    public const int MaxLength = 1024;

    /// <summary>
    /// The identity of the client of a connection, seen from the server; null without a client certificate, and without exactly the
    /// name that was asked for.
    /// </summary>
    /// <remarks>
    /// A client gets none: nobody verified it, and on a resumed TLS 1.3 session .NET does not know whether its certificate counts.
    /// </remarks>
    public static string? Of(SslStream stream, SaslTlsOptions options)
    {
        // SslStream keeps a peer's certificate, that of a resumed session too, only after the validation of this handshake accepted it.
        if (options.Identity is SaslCertificateIdentity.None || !stream.IsServer || !stream.IsMutuallyAuthenticated)
            return null;

        switch (stream.RemoteCertificate)
        {
            case null:
                return null;
            case X509Certificate2 certificate:
                return Of(certificate, options);
            case X509Certificate old:
                using (X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(old.GetRawCertData()))
                    return Of(certificate, options);
        }
    }

    /// <summary>The name in one certificate; null when it has none of that form, several, or one that no user can have.</summary>
    public static string? Of(X509Certificate2 certificate, SaslTlsOptions options)
    {
        try
        {
            string? name = options.Identity switch
            {
                SaslCertificateIdentity.None => null,
                SaslCertificateIdentity.SubjectDistinguishedName => Subject().ToString(),
                SaslCertificateIdentity.CommonName => Choose(Subject().CommonNames, orFirst: false),
                SaslCertificateIdentity.EmailSubjectAltName => Alternative(SubjectAlternativeName.Rfc822),
                SaslCertificateIdentity.DnsSubjectAltName => Alternative(SubjectAlternativeName.Dns),
                SaslCertificateIdentity.UserPrincipalNameSubjectAltName => Alternative(SubjectAlternativeName.UserPrincipal),
                SaslCertificateIdentity.UriSubjectAltName => Alternative(SubjectAlternativeName.Uri),
            };
            return IsPlausible(name) ? name : null;
        }
        catch (AsnContentException)
        {
            return null;
        }

        DistinguishedName Subject() => DistinguishedName.Parse(certificate.SubjectName.RawData);

        string? Alternative(SubjectAlternativeName kind) =>
            Choose(SubjectAlternativeNames.Find(certificate, kind), options.TakeFirstAlternativeName);
    }

    private static string? Choose(List<string> names, bool orFirst) => names.Count == 1 || (orFirst && names.Count > 1) ? names[0] : null;

    // A NUL or a line feed in a name is how one certificate passes for another user's.
    private static bool IsPlausible(string? name) =>
        name is { Length: > 0 and <= MaxLength } && !name.Any(char.IsControl);
}
