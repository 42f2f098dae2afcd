namespace Sasl;

/// <summary>Which name of a client certificate says who the client is.</summary>
/// <remarks>
/// A certificate can hold many names, and only the authority that signed it knows which of them it checked.
/// The administrator therefore chooses; nothing is chosen by default.
/// </remarks>
public enum SaslCertificateIdentity
{
    /// <summary>No name: a client certificate gives nobody an identity.</summary>
    None,

    /// <summary>The whole subject, written as RFC 4514 says: <c>CN=alice,O=Example</c>. None when the subject is empty.</summary>
    SubjectDistinguishedName,

    /// <summary>The subject's common name. None when the subject has no common name, or several.</summary>
    CommonName,

    /// <summary>The subjectAltName of the kind rfc822Name: <c>alice@example.org</c>.</summary>
    EmailSubjectAltName,

    /// <summary>The subjectAltName of the kind dNSName: <c>host.example.org</c>.</summary>
    DnsSubjectAltName,

    /// <summary>The subjectAltName that holds a user principal name, as Active Directory writes it: <c>alice@EXAMPLE.ORG</c>.</summary>
    UserPrincipalNameSubjectAltName,

    /// <summary>The subjectAltName of the kind uniformResourceIdentifier: <c>spiffe://example.org/alice</c>.</summary>
    UriSubjectAltName,
}
