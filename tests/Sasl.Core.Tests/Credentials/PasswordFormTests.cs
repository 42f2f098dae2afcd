using System.Security.Cryptography;
using Xunit;

namespace Sasl.Core.Tests.Credentials;

public sealed class PasswordFormTests
{
    [Theory]
    [InlineData("pencil", "pencil", true)]
    [InlineData("pencil", "Pencil", false)]
    [InlineData("pencil", "penci", false)]
    [InlineData("pencil", "pencil1", false)]
    [InlineData("pencil", "pencil\0", false)]
    [InlineData("pencil\0", "pencil", false)]
    [InlineData("pencil", "", false)]
    [InlineData("", "", false)]
    [InlineData("", "pencil", false)]
    public void Plain_text_matches_itself_only(string stored, string presented, bool matches) =>
        Assert.Equal(matches, PlainTextForm.Instance.Verify(Ask.Octets(stored), Ask.Octets(presented)));

    [Fact]
    public void Long_plain_text_is_compared_whole()
    {
        byte[] stored = Ask.Octets(new string('x', 70_000));
        byte[] other = [.. stored];
        other[^1] = (byte)'y';
        Assert.True(PlainTextForm.Instance.Verify(stored, stored));
        Assert.False(PlainTextForm.Instance.Verify(stored, other));
        Assert.False(PlainTextForm.Instance.Verify(stored, stored.AsSpan(1)));
    }

    [Theory]
    [InlineData("70E4DF")]        // Latin-1, as a terminal may have sent it to saslpasswd2
    [InlineData("70656E07")]      // a control character
    [InlineData("C2AD")]          // a soft hyphen, of which nothing is left
    public void A_stored_value_that_prepares_to_nothing_matches_nobody(string octets)
    {
        byte[] stored = Convert.FromHexString(octets);
        Assert.False(PlainTextForm.Instance.Verify(stored, stored));
        Assert.False(PlainTextForm.Instance.Verify(stored, []));
    }

    [Fact]
    public void A_stored_value_is_prepared_before_it_is_compared() =>
        Assert.True(PlainTextForm.Instance.Verify(Ask.Octets("pa\u00ADss"), "pass"u8));

    [Fact]
    public void Plain_text_costs_nothing_and_an_empty_value_is_no_password()
    {
        Assert.Equal(0, PlainTextForm.Instance.CostOf("pencil"u8));
        Assert.Null(PlainTextForm.Instance.CostOf([]));
        Assert.Equal("userPassword", PlainTextForm.Instance.Property.Name);
    }

    [Fact]
    public void Cyruss_salted_hash_is_read()
    {
        // perl -MDigest::MD5=md5_hex -e 'print md5_hex("0123456789abcdef", "sasldb", "pencil")'
        byte[] stored = [.. "0123456789abcdef"u8, 0, .. Convert.FromHexString(Md5OfPencil)];
        Assert.Equal(0, CyrusPlainForm.Instance.CostOf(stored));
        Assert.True(CyrusPlainForm.Instance.Verify(stored, "pencil"u8));
        Assert.False(CyrusPlainForm.Instance.Verify(stored, "Pencil"u8));
        Assert.Equal("cmusaslsecretPLAIN", CyrusPlainForm.Instance.Property.Name);
    }

    [Fact]
    public void Every_octet_of_cyruss_salted_hash_counts()
    {
        byte[] stored = CyrusSecret("pencil");
        for (int i = 0; i < stored.Length; i++)
        {
            byte[] flipped = [.. stored];
            flipped[i] ^= 1;
            Assert.False(CyrusPlainForm.Instance.Verify(flipped, "pencil"u8), $"octet {i}");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(34)]
    public void Other_lengths_are_not_cyruss_salted_hash(int length)
    {
        byte[] stored = [.. CyrusSecret("pencil"), 0];
        Assert.Null(CyrusPlainForm.Instance.CostOf(stored.AsSpan(0, length)));
        Assert.False(CyrusPlainForm.Instance.Verify(stored.AsSpan(0, length), "pencil"u8));
    }

    [Fact]
    public void Without_MD5_nothing_is_cyruss_salted_hash()
    {
        var form = new CyrusPlainForm(hasMD5: false);
        byte[] stored = CyrusSecret("pencil");
        Assert.Null(form.CostOf(stored));
        Assert.False(form.Verify(stored, "pencil"u8));
        form.Imitate(0, "pencil"u8);
    }

#pragma warning disable CA5351 // the form is Cyrus's
    internal static byte[] CyrusSecret(string password)
    {
        byte[] salt = Ask.Octets("0123456789abcdef");
        return [.. salt, 0, .. MD5.HashData([.. salt, .. "sasldb"u8, .. Ask.Octets(password)])];
    }
#pragma warning restore CA5351

    private const string Md5OfPencil = "e1dd2cc2ab715d8d21a1a062e529c1d4";
}
