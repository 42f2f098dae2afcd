using System.Text;
using Xunit;

namespace Sasl.Saslauthd.Tests.HttpForm;

public sealed class HttpFormOptionsTests
{
    [Fact]
    public void The_originals_keys_have_the_originals_defaults()
    {
        HttpFormOptions options = Read("httpform_uri: /auth\nhttpform_data: u=%u&p=%p\n");
        Assert.Equal(("localhost", 80, "/auth", "u=%u&p=%p", false), (options.Host, options.Port, options.Path, options.Data, options.Tls));
    }

    [Fact]
    public void Our_keys_ask_for_TLS()
    {
        HttpFormOptions options = Read("httpform_uri: /a\nhttpform_data: u=%u&p=%p\nhttpform_tls: yes\nhttpform_host: www.example.com\nhttpform_tls_cacert_file: /ca.pem\nhttpform_timeout: 7\n");
        Assert.Equal((443, true, "/ca.pem", TimeSpan.FromSeconds(7)), (options.Port, options.Tls, options.CaFile, options.Timeout));
    }

    [Theory]
    [InlineData("httpform_data: u=%u&p=%p", "httpform_uri")]
    [InlineData("httpform_uri: /a", "httpform_data")]
    [InlineData("httpform_uri: auth\nhttpform_data: u=%u&p=%p", "conf(1): httpform_uri")]
    [InlineData("httpform_uri: /a HTTP/1.1\nhttpform_data: u=%u&p=%p", "conf(1): httpform_uri")]
    [InlineData("httpform_uri: /a\nhttpform_data: u=%u", "conf(2): httpform_data: it has no %u or no %p")]
    [InlineData("httpform_uri: /a\nhttpform_data: u=%u&p=%%p", "conf(2): httpform_data: it has no %u or no %p")]
    [InlineData("httpform_uri: /a\nhttpform_data: p=%p", "conf(2): httpform_data: it has no %u or no %p")]
    [InlineData("httpform_uri: /a\nhttpform_data: u=%u&p=%p\nhttpform_port: 0", "conf(3): httpform_port")]
    [InlineData("httpform_uri: /a\nhttpform_data: u=%u&p=%p\nhttpform_port: x", "conf(3): httpform_port")]
    [InlineData("httpform_uri: /a\nhttpform_data: u=%u&p=%p\nhttpform_host: a b", "conf(3): httpform_host")]
    [InlineData("httpform_uri: /a\nhttpform_data: u=%u&p=%p\nhttpform_timeout: 0", "conf(3): httpform_timeout")]
    [InlineData("httpform_uri: /a\nhttpform_data: u=%u&p=%p\nhttpform_tls_cacert_file: /ca.pem", "conf(3): httpform_tls_cacert_file")]
    public void What_cannot_work_is_refused_with_its_place(string text, string expected)
    {
        SaslConfigurationException error = Assert.Throws<SaslConfigurationException>(() => Read(text));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("user=%u&password=%p&realm=%r&service=%s", "user=alice&password=a%20b%26c%3D%25%00%FF&realm=r1&service=%s")]
    [InlineData("%%u=%u%%%p%", "%u=alice%a%20b%26c%3D%25%00%FF%")]
    [InlineData("%r%u%p", "r1alicea%20b%26c%3D%25%00%FF")]
    [InlineData("none", "none")]
    public void Tokens_are_replaced_and_what_is_filled_in_is_encoded(string template, string expected)
    {
        using var output = new SecureBufferWriter();
        HttpFormTemplate.Fill(template, new SaslUser("alice", "r1"), [.. "a b&c=%\0"u8, 0xff], output);
        Assert.Equal(expected, Encoding.ASCII.GetString(output.WrittenSpan));
    }

    [Fact]
    public void What_a_percent_sign_does_not_mean_is_a_warning()
    {
        var run = new CheckerRun();
        new HttpFormVerifier(new HttpFormOptions { Path = "/", Data = "u=%u&p=%p&service=%s", Host = "www.example.com" }, run.Warn).Dispose();
        Assert.Contains(run.Warnings, static warning => warning.Contains("'%s' means nothing", StringComparison.Ordinal));
        Assert.Contains(run.Warnings, static warning => warning.Contains("in the clear", StringComparison.Ordinal));
    }

    private static HttpFormOptions Read(string text) => HttpFormOptions.From(SaslConfiguration.Parse(text, "conf", SaslConfigurationSyntax.Saslauthd));
}
