using System.Formats.Asn1;
using System.Text;

namespace Sasl;

/// <summary>A subject's name, part by part, as the certificate holds it.</summary>
/// <remarks>
/// .NET writes names in Microsoft's form, which quotes differently and is ambiguous for names with several values in one part;
/// access lists for client certificates are written in the form of RFC 4514, which OpenSSL prints too.
/// </remarks>
internal sealed class DistinguishedName
{
    private const string CommonName = "2.5.4.3";

    private readonly List<List<Attribute>> _parts;

    private DistinguishedName(List<List<Attribute>> parts) => _parts = parts;

    /// <summary>The values of every common name, in the certificate's order; one that is no character string counts as empty.</summary>
    public List<string> CommonNames =>
        [.. from part in _parts from attribute in part where attribute.Type == CommonName select attribute.Text ?? ""];

    // Name ::= SEQUENCE OF SET OF SEQUENCE { type OBJECT IDENTIFIER, value ANY }   (RFC 5280 section 4.1.2.4)
    /// <exception cref="AsnContentException">The name is malformed.</exception>
    public static DistinguishedName Parse(ReadOnlyMemory<byte> octets)
    {
        List<List<Attribute>> parts = [];
        AsnReader name = new AsnReader(octets, AsnEncodingRules.BER).ReadSequence();
        while (name.HasData)
        {
            List<Attribute> part = [];
            AsnReader set = name.ReadSetOf();
            while (set.HasData)
                part.Add(Attribute.Read(set.ReadSequence()));
            parts.Add(part);
        }

        return new DistinguishedName(parts);
    }

    /// <summary>
    /// The name as RFC 4514 section 2 writes it: the last part first, and empty for an empty name. The order of several values in one part
    /// is free there; it is OpenSSL's.
    /// </summary>
    public override string ToString() =>
        string.Join(',', Enumerable.Reverse(_parts).Select(static part => string.Join('+', Enumerable.Reverse(part))));

    /// <summary>One attribute. <see cref="Text"/> is null when the value is no character string that can be read.</summary>
    private sealed record Attribute(string Type, string? Text, ReadOnlyMemory<byte> Encoded)
    {
        public static Attribute Read(AsnReader attribute)
        {
            string type = attribute.ReadObjectIdentifier();
            ReadOnlyMemory<byte> encoded = attribute.PeekEncodedValue();
            Asn1Tag tag = attribute.PeekTag();
            bool readable = tag.TagClass is TagClass.Universal && (UniversalTagNumber)tag.TagValue is UniversalTagNumber.UTF8String
                or UniversalTagNumber.PrintableString or UniversalTagNumber.IA5String or UniversalTagNumber.NumericString
                or UniversalTagNumber.VisibleString or UniversalTagNumber.BMPString or UniversalTagNumber.TeletexString;
            return new Attribute(type, readable ? attribute.ReadCharacterString((UniversalTagNumber)tag.TagValue) : null, encoded);
        }

        // RFC 4514 section 2.4: a type without a short name is followed by the value's encoding in hexadecimal.
        public override string ToString() =>
            ShortName is { } name && Text is not null
                ? $"{name}={Escape(Text)}"
                : $"{ShortName ?? Type}=#{Convert.ToHexString(Encoded.Span)}";

        // The table of RFC 4514 section 3, and the other names registered for LDAP that certificates use.
        private string? ShortName => Type switch
        {
            CommonName => "CN",
            "2.5.4.4" => "SN",
            "2.5.4.5" => "serialNumber",
            "2.5.4.6" => "C",
            "2.5.4.7" => "L",
            "2.5.4.8" => "ST",
            "2.5.4.9" => "STREET",
            "2.5.4.10" => "O",
            "2.5.4.11" => "OU",
            "2.5.4.12" => "title",
            "2.5.4.42" => "GN",
            "0.9.2342.19200300.100.1.1" => "UID",
            "0.9.2342.19200300.100.1.25" => "DC",
            "1.2.840.113549.1.9.1" => "emailAddress",
            _ => null,
        };

        private static string Escape(string text)
        {
            var escaped = new StringBuilder(text.Length + 8);
            for (int i = 0; i < text.Length; i++)
            {
                bool atEdge = (text[i] is ' ' or '#' && i == 0) || (text[i] is ' ' && i == text.Length - 1);
                if (atEdge || text[i] is '"' or '+' or ',' or ';' or '<' or '>' or '\\')
                    escaped.Append('\\');
                escaped.Append(text[i]);
            }

            return escaped.ToString();
        }
    }
}
