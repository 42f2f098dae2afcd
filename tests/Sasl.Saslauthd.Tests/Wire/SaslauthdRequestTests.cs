using System.Text;
using Xunit;

namespace Sasl.Saslauthd.Tests.Wire;

public sealed class SaslauthdRequestTests
{
    private static readonly SaslauthdRequest s_request = new("u1", "sample", "myrealm", Client: null);

    [Fact]
    public void Four_counted_strings_are_what_2_1_28_sends() =>
        Assert.Equal("\0\u0002u1\0\u0005magic\0\u0006sample\0\u0007myrealm", Encoded(s_request, "magic"));

    [Fact]
    public void The_development_version_sends_the_clients_address_as_well() =>
        Assert.Equal(
            "\0\u0002u1\0\u0005magic\0\u0006sample\0\u0007myrealm\0\u000F192.0.2.1;40000",
            Encoded(s_request with { Client = "192.0.2.1;40000" }, "magic"));

    [Fact]
    public void An_unknown_address_is_an_empty_fifth_string() =>
        Assert.EndsWith("\u0007myrealm\0\0", Encoded(s_request with { Client = "" }, "magic"), StringComparison.Ordinal);

    [Theory]
    [InlineData(256, null)]
    [InlineData(257, "the password is longer than the 256 octets that saslauthd takes")]
    public void Saslauthd_request_overflow(int length, string? refusal)
    {
        Assert.Equal(refusal, Refusal(s_request, new byte[length].Select(static _ => (byte)'x').ToArray()));
        string text = new('x', length);
        Assert.Equal(refusal?.Replace("password", "login name", StringComparison.Ordinal), Refusal(s_request with { Login = text }));
        Assert.Equal(refusal?.Replace("password", "realm", StringComparison.Ordinal), Refusal(s_request with { Realm = text }));
        Assert.Equal(refusal?.Replace("password", "service name", StringComparison.Ordinal), Refusal(s_request with { Service = text }));
        Assert.Equal(refusal?.Replace("password", "client's address", StringComparison.Ordinal), Refusal(s_request with { Client = text }));
    }

    [Fact]
    public void The_bound_counts_octets_and_not_characters()
    {
        Assert.Null(Refusal(s_request with { Login = new string('é', 128) }));
        Assert.NotNull(Refusal(s_request with { Login = new string('é', 129) }));
    }

    [Fact]
    public void Saslauthd_NUL_truncation()
    {
        Assert.Equal("the login name contains a NUL", Refusal(s_request with { Login = "alice\0x" }));
        Assert.Equal("the password contains a NUL", Refusal(s_request, [.. "pencil\0x"u8]));
        Assert.Equal("the realm contains a NUL", Refusal(s_request with { Realm = "a\0b" }));
    }

    [Fact]
    public void Empty_names_and_passwords_are_refused()
    {
        Assert.Equal("the login name is empty", Refusal(s_request with { Login = "" }));
        Assert.Equal("the password is empty", Refusal(s_request, []));
    }

    [Fact]
    public void Half_a_character_is_refused_and_not_replaced() =>
        Assert.Equal("the login name is not Unicode text", Refusal(s_request with { Login = "alice\uD800" }));

    [Fact]
    public void Addresses_are_written_as_Cyrus_writes_them()
    {
        Assert.Equal("192.0.2.1;40000", SaslauthdClientAddress.Of(System.Net.IPEndPoint.Parse("192.0.2.1:40000")));
        Assert.Equal("192.0.2.1;40000", SaslauthdClientAddress.Of(System.Net.IPEndPoint.Parse("[::ffff:192.0.2.1]:40000")));
        Assert.Equal("2001:db8::1;40000", SaslauthdClientAddress.Of(System.Net.IPEndPoint.Parse("[2001:db8::1]:40000")));
        Assert.Equal("", SaslauthdClientAddress.Of(new System.Net.Sockets.UnixDomainSocketEndPoint("/tmp/x")));
        Assert.Equal("", SaslauthdClientAddress.Of(null));
    }

    private static string Encoded(SaslauthdRequest request, string password)
    {
        using var output = new SecureBufferWriter();
        Assert.Null(request.Write(Encoding.UTF8.GetBytes(password), output));
        return Encoding.Latin1.GetString(output.WrittenSpan);
    }

    private static string? Refusal(SaslauthdRequest request, byte[]? password = null)
    {
        using var output = new SecureBufferWriter();
        return request.Write(password ?? [.. "magic"u8], output);
    }
}
