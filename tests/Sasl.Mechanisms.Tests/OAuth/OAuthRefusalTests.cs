using System.Buffers;
using System.Text;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>The JSON of a refusal, as other servers write it and as hostile ones might.</summary>
public sealed class OAuthRefusalTests
{
    [Theory]
    [InlineData("{\"status\":\"invalid_token\",\"scope\":\"a b\",\"openid-configuration\":\"https://x\"}", "invalid_token", "a b", "https://x")]
    [InlineData("{\"status\":\"401\",\"schemes\":\"bearer\",\"scope\":\"mail\"}", "401", "mail", null)]
    [InlineData(" { \"x\" : [1,{\"status\":\"inner\"}], \"status\" : \"\\u0069nvalid_token\" } ", "invalid_token", null, null)]
    [InlineData("{\"status\":401}", null, null, null)]
    [InlineData("{\"status\":null,\"scope\":{\"status\":\"x\"}}", null, null, null)]
    [InlineData("{\"status\":\"first\",\"status\":\"second\"}", "first", null, null)]
    [InlineData("{\"Status\":\"x\"}", null, null, null)]
    public void What_is_there_is_read(string json, string? status, string? scope, string? configuration) =>
        Assert.Equal(new SaslTokenRefusal(status, scope, configuration), OAuthRefusal.Read(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("null")]
    [InlineData("\"status\"")]
    [InlineData("[\"status\",\"invalid_token\"]")]
    [InlineData("{\"status\":\"invalid_token\"")]
    [InlineData("{\"status\":\"invalid_token\",")]
    [InlineData("{\"status\":\"\\ud800\"}")]
    [InlineData("{\"a\":[[[[[[[[[[[[]]]]]]]]]]]],\"status\":\"deep\"}")]
    public void What_is_no_object_gives_nothing(string json) =>
        Assert.Equal(new SaslTokenRefusal(null, null, null), OAuthRefusal.Read(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Octets_that_are_no_text_give_nothing() =>
        Assert.Equal(new SaslTokenRefusal(null, null, null), OAuthRefusal.Read("{\"status\":\"\xff\"}".Select(static character => (byte)character).ToArray()));

    [Fact]
    public void What_is_too_long_gives_nothing()
    {
        Assert.Null(OAuthRefusal.Read(Encoding.ASCII.GetBytes($"{{\"status\":\"{new string('x', OAuthRefusal.MaxValueLength + 1)}\"}}")).Status);
        Assert.NotNull(OAuthRefusal.Read(Encoding.ASCII.GetBytes($"{{\"status\":\"{new string('x', OAuthRefusal.MaxValueLength)}\"}}")).Status);
        Assert.Null(OAuthRefusal.Read(Encoding.ASCII.GetBytes("{\"status\":\"a\"}".PadRight(OAuthRefusal.MaxLength + 1))).Status);
        Assert.Equal("a", OAuthRefusal.Read(Encoding.ASCII.GetBytes("{\"status\":\"a\"}".PadRight(OAuthRefusal.MaxLength))).Status);
    }

    [Fact]
    public void What_is_written_can_be_read()
    {
        var output = new ArrayBufferWriter<byte>();
        OAuthRefusal.Write(output, [("status", "invalid_token"), ("scope", null), ("openid-configuration", "https://x/\"\\\n\u0001ü")]);
        Assert.Equal(new SaslTokenRefusal("invalid_token", null, "https://x/\"\\\n\u0001ü"), OAuthRefusal.Read(output.WrittenSpan));
        Assert.Equal(-1, output.WrittenSpan.IndexOfAnyInRange((byte)0, (byte)0x1f));
    }
}
