using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;
using Xunit;
using static Sasl.Core.Tests.Channel.TestCertificates;

namespace Sasl.Core.Tests.Channel;

public class DistinguishedNameTests
{
    private const string CommonName = "2.5.4.3";
    private const string Organization = "2.5.4.10";

    [Fact]
    public void The_last_part_is_written_first() =>
        Assert.Equal(
            "CN=alice,O=Example,C=NL",
            Write(Name([("2.5.4.6", Text("NL"))], [(Organization, Text("Example"))], [(CommonName, Text("alice"))])));

    [Fact]
    public void Several_values_in_one_part_are_joined_by_a_plus() =>
        Assert.Equal(
            "UID=1000+CN=alice,O=Example",
            Write(Name([(Organization, Text("Example"))], [(CommonName, Text("alice")), ("0.9.2342.19200300.100.1.1", Text("1000"))])));

    [Theory]
    [InlineData("alice", "alice")]
    [InlineData("James \"Jim\" Smith, III", "James \\\"Jim\\\" Smith\\, III")]
    [InlineData("a+b;c<d>e\\f=g", "a\\+b\\;c\\<d\\>e\\\\f=g")]
    [InlineData(" both edges ", "\\ both edges\\ ")]
    [InlineData("#hash # inside", "\\#hash # inside")]
    [InlineData(" ", "\\ ")]
    [InlineData("Lučić 李", "Lučić 李")]
    public void What_the_form_uses_itself_is_escaped(string value, string written) =>
        Assert.Equal($"CN={written}", Write(Name([(CommonName, Text(value))])));

    [Theory]
    [InlineData("2.5.4.7", "L")]
    [InlineData("2.5.4.8", "ST")]
    [InlineData("2.5.4.9", "STREET")]
    [InlineData("2.5.4.11", "OU")]
    [InlineData("0.9.2342.19200300.100.1.25", "DC")]
    [InlineData("1.2.840.113549.1.9.1", "emailAddress")]
    public void Known_types_have_their_short_name(string type, string name) =>
        Assert.Equal($"{name}=x", Write(Name([(type, Text("x"))])));

    [Fact]
    public void A_type_without_a_short_name_is_written_in_hexadecimal() =>
        Assert.Equal("1.3.6.1.4.1.99999.1=#0C026869", Write(Name([("1.3.6.1.4.1.99999.1", Text("hi"))])));

    [Fact]
    public void A_value_that_is_no_text_is_written_in_hexadecimal() =>
        Assert.Equal("CN=#0402CAFE", Write(Name([(CommonName, [4, 2, 0xca, 0xfe])])));

    [Theory]
    [InlineData(UniversalTagNumber.BMPString)]
    [InlineData(UniversalTagNumber.IA5String)]
    [InlineData(UniversalTagNumber.PrintableString)]
    [InlineData(UniversalTagNumber.VisibleString)]
    [InlineData(UniversalTagNumber.TeletexString)]
    public void Every_kind_of_text_is_read(UniversalTagNumber type) =>
        Assert.Equal("CN=alice", Write(Name([(CommonName, Text("alice", type))])));

    [Fact]
    public void An_empty_name_is_empty() => Assert.Equal("", Write(Name()));

    [Fact]
    public void Every_common_name_is_found()
    {
        X500DistinguishedName name = Name([(CommonName, Text("a")), (CommonName, Text("b"))], [(CommonName, [4, 1, 0])]);
        Assert.Equal(["a", "b", ""], DistinguishedName.Parse(name.RawData).CommonNames);
    }

    [Fact]
    public void A_malformed_name_is_said_to_be_one() =>
        Assert.Throws<AsnContentException>(static () => DistinguishedName.Parse(new byte[] { 0x30, 0x05, 0x31 }));

    private static string Write(X500DistinguishedName name) => DistinguishedName.Parse(name.RawData).ToString();
}
