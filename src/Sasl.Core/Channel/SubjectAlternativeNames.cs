using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Sasl;

/// <summary>Reads the subjectAltName extension of a certificate.</summary>
internal static class SubjectAlternativeNames
{
    private const string ExtensionId = "2.5.29.17";
    private const string UserPrincipalNameId = "1.3.6.1.4.1.311.20.2.3";

    private static readonly Asn1Tag s_otherName = new(TagClass.ContextSpecific, tagValue: 0, isConstructed: true);
    private static readonly Asn1Tag s_otherValue = new(TagClass.ContextSpecific, tagValue: 0, isConstructed: true);
    private static readonly Asn1Tag s_rfc822Name = new(TagClass.ContextSpecific, tagValue: 1);
    private static readonly Asn1Tag s_dnsName = new(TagClass.ContextSpecific, tagValue: 2);
    private static readonly Asn1Tag s_uri = new(TagClass.ContextSpecific, tagValue: 6);

    /// <summary>
    /// Every name of one kind, in the certificate's order. Empty without the extension, and with two of them, which RFC 5280 forbids.
    /// </summary>
    /// <exception cref="AsnContentException">The extension is malformed.</exception>
    public static List<string> Find(X509Certificate2 certificate, SubjectAlternativeName kind)
    {
        X509Extension[] extensions = [.. certificate.Extensions.Where(static extension => extension.Oid?.Value == ExtensionId)];
        return extensions is [var only] ? Read(only.RawData, kind) : [];
    }

    // SubjectAltName ::= SEQUENCE OF CHOICE { otherName [0] OtherName, rfc822Name [1] IA5String, dNSName [2] IA5String,
    //                                         uniformResourceIdentifier [6] IA5String, and five kinds that name nobody }
    private static List<string> Read(ReadOnlyMemory<byte> extension, SubjectAlternativeName kind)
    {
        List<string> names = [];
        AsnReader reader = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence();
        while (reader.HasData)
        {
            Asn1Tag tag = reader.PeekTag();
            if (tag != TagOf(kind))
                reader.ReadEncodedValue();
            else if (kind is not SubjectAlternativeName.UserPrincipal)
                names.Add(reader.ReadCharacterString(UniversalTagNumber.IA5String, tag));
            else if (UserPrincipalName(reader.ReadSequence(tag)) is { } name)
                names.Add(name);
        }

        return names;
    }

    // OtherName ::= SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY }; a user principal name is a UTF8String.
    private static string? UserPrincipalName(AsnReader other) =>
        other.ReadObjectIdentifier() == UserPrincipalNameId
            ? other.ReadSequence(s_otherValue).ReadCharacterString(UniversalTagNumber.UTF8String)
            : null;

    private static Asn1Tag TagOf(SubjectAlternativeName kind) => kind switch
    {
        SubjectAlternativeName.UserPrincipal => s_otherName,
        SubjectAlternativeName.Rfc822 => s_rfc822Name,
        SubjectAlternativeName.Dns => s_dnsName,
        SubjectAlternativeName.Uri => s_uri,
    };
}
