namespace Sasl;

/// <summary>The kinds of subjectAltName that can name a client (RFC 5280 section 4.2.1.6).</summary>
internal enum SubjectAlternativeName
{
    /// <summary>otherName with the object identifier of Microsoft's user principal name.</summary>
    UserPrincipal,

    /// <summary>rfc822Name.</summary>
    Rfc822,

    /// <summary>dNSName.</summary>
    Dns,

    /// <summary>uniformResourceIdentifier.</summary>
    Uri,
}
