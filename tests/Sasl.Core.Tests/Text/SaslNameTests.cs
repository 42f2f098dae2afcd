using System.Buffers;
using System.Text;
using Xunit;

namespace Sasl.Core.Tests.Preparation;

/// <summary>Names with "," and "=" in them.</summary>
public sealed class SaslNameTests
{
    [Theory]
    [InlineData("user", "user")]
    [InlineData("a=2Cb", "a,b")]
    [InlineData("a=3Db", "a=b")]
    [InlineData("=2C=3D", ",=")]
    [InlineData("=3D2C", "=2C")]
    [InlineData("я🂡", "я🂡")]
    public void A_name_is_decoded_and_encoded(string encoded, string name)
    {
        Assert.True(SaslName.TryDecode(Encoding.UTF8.GetBytes(encoded), out string? decoded));
        Assert.Equal(name, decoded);
        var written = new ArrayBufferWriter<byte>();
        SaslName.Encode(name, written);
        Assert.Equal(encoded, Encoding.UTF8.GetString(written.WrittenSpan));
    }

    [Theory]
    [InlineData("")]
    [InlineData("=")]
    [InlineData("a=")]
    [InlineData("a=2")]
    [InlineData("a=2c")]
    [InlineData("a=3d")]
    [InlineData("a=41")]
    [InlineData("a==2C")]
    [InlineData("a,b")]
    [InlineData("a\0b")]
    public void Anything_else_is_refused(string encoded) => Assert.False(SaslName.TryDecode(Encoding.UTF8.GetBytes(encoded), out _));

    [Theory]
    [InlineData("c328")]
    [InlineData("ff")]
    [InlineData("61c3")]
    [InlineData("eda080")]
    public void Octets_that_are_not_UTF_8_are_refused(string hex) => Assert.False(SaslName.TryDecode(Convert.FromHexString(hex), out _));

    [Theory]
    [InlineData("x", 1024, true)]
    [InlineData("x", 1025, false)]
    [InlineData("=2C", 1024, true)]
    [InlineData("=2C", 1025, false)]
    public void Names_have_a_bound(string part, int times, bool accepted) =>
        Assert.Equal(accepted, SaslName.TryDecode(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(part, times))), out _));
}
