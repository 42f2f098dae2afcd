using System.Buffers;
using System.Text;
using Xunit;

namespace Sasl.Core.Tests.Channel;

/// <summary>The header that SCRAM, OAUTHBEARER and GS2 share.</summary>
public sealed class Gs2HeaderTests
{
    [Theory]
    [InlineData("n,,rest", nameof(Gs2Binding.NotSupported), "", null, 3)]
    [InlineData("y,,", nameof(Gs2Binding.NotOffered), "", null, 3)]
    [InlineData("p=tls-exporter,,n=user", nameof(Gs2Binding.Used), "tls-exporter", null, 16)]
    [InlineData("p=tls-unique,a=bob,", nameof(Gs2Binding.Used), "tls-unique", "bob", 19)]
    [InlineData("p=x.509-A,,", nameof(Gs2Binding.Used), "x.509-A", null, 11)]
    [InlineData("n,a=a=2Cb=3Dc,", nameof(Gs2Binding.NotSupported), "", "a,b=c", 14)]
    [InlineData("n,a=ü,", nameof(Gs2Binding.NotSupported), "", "ü", 7)]
    public void A_header_is_read_and_written_back(string text, string binding, string type, string? authzid, int length)
    {
        byte[] octets = Encoding.UTF8.GetBytes(text);
        Assert.True(Gs2Header.TryParse(octets, out Gs2Header header));
        Assert.Equal(binding, header.Binding.ToString());
        Assert.Equal(type, Encoding.ASCII.GetString(header.BindingType));
        Assert.Equal(type, header.BindingTypeName());
        Assert.Equal(authzid, header.AuthorizationId);
        Assert.Equal(length, header.Length);

        var written = new ArrayBufferWriter<byte>();
        Gs2Header.Write(header.Binding, type, authzid, written);
        Assert.Equal(octets[..length], written.WrittenSpan.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("n")]
    [InlineData("n,")]
    [InlineData(",,")]
    [InlineData("n,a=bob")]
    [InlineData("N,,")]
    [InlineData("F,n,,")]
    [InlineData("p,,")]
    [InlineData("p=,,")]
    [InlineData("p=tls unique,,")]
    [InlineData("n,a=,")]
    [InlineData("n,b=bob,")]
    [InlineData("n,bob,")]
    [InlineData("n,a=b=ob,")]
    public void Anything_else_is_refused(string text) => Assert.False(Gs2Header.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void The_name_of_a_binding_type_has_a_bound(int length, bool accepted) =>
        Assert.Equal(accepted, Gs2Header.TryParse(Encoding.ASCII.GetBytes($"p={new string('x', length)},,"), out _));
}
