using Xunit;

namespace Sasl.Saslauthd.Tests.Rimap;

public sealed class RimapOptionsTests
{
    [Theory]
    [InlineData("mail.example.com", "mail.example.com", 143, RimapTls.None)]
    [InlineData("mail.example.com/2143", "mail.example.com", 2143, RimapTls.None)]
    [InlineData("localhost/imap", "localhost", 143, RimapTls.None)]
    [InlineData("::1/143", "::1", 143, RimapTls.None)]
    [InlineData("[::1]/143", "::1", 143, RimapTls.None)]
    [InlineData("imap://mail.example.com", "mail.example.com", 143, RimapTls.None)]
    [InlineData("imap://mail.example.com:2143/?starttls", "mail.example.com", 2143, RimapTls.StartTls)]
    [InlineData("imaps://mail.example.com", "mail.example.com", 993, RimapTls.Implicit)]
    [InlineData("imaps://[::1]:2993", "::1", 2993, RimapTls.Implicit)]
    public void The_original_form_and_addresses_are_accepted(string text, string host, int port, RimapTls tls)
    {
        RimapOptions options = RimapOptions.Parse(text);
        Assert.Equal((host, port, tls), (options.Host, options.Port, options.Tls));
        Assert.Equal(TimeSpan.FromSeconds(30), options.Timeout);
    }

    [Fact]
    public void Parameters_name_the_authorities_and_the_time_limit()
    {
        RimapOptions options = RimapOptions.Parse("imap://mail.example.com?starttls&cacert=/etc/ssl/our%20ca.pem&timeout=5");
        Assert.Equal((RimapTls.StartTls, "/etc/ssl/our ca.pem", TimeSpan.FromSeconds(5)), (options.Tls, options.CaFile, options.Timeout));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/143")]
    [InlineData("mail/0")]
    [InlineData("mail/65536")]
    [InlineData("mail/-1")]
    [InlineData("mail/imaps")]
    [InlineData("mail/143/x")]
    [InlineData("ma il")]
    [InlineData("http://mail")]
    [InlineData("imap://mail:0")]
    [InlineData("imap://mail:99999")]
    [InlineData("imap://mail/inbox")]
    [InlineData("imap://user:pass@mail")]
    [InlineData("imaps://mail?starttls")]
    [InlineData("imap://mail?cacert=/x")]
    [InlineData("imap://mail?starttls&timeout=0")]
    [InlineData("imap://mail?tls=yes")]
    public void Anything_else_is_an_error_that_says_what_is_accepted(string text)
    {
        SaslConfigurationException error = Assert.Throws<SaslConfigurationException>(() => RimapOptions.Parse(text));
        Assert.Contains("accepted are HOST, HOST/PORT, imap://HOST", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("user:pass", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_host_the_checker_does_not_start()
    {
        using var work = new SaslWorkQueue();
        SaslConfigurationException error = Assert.Throws<SaslConfigurationException>(() => RimapVerifier.Checker.Make(new SaslauthdCheckerContext { Work = work }));
        Assert.Contains("-O has to name the IMAP server", error.Message, StringComparison.Ordinal);
        Assert.Equal("rimap", RimapVerifier.Checker.Name);
    }

    [Fact]
    public void A_remote_server_without_TLS_is_a_warning()
    {
        using var work = new SaslWorkQueue();
        var warnings = new List<string>();
        ((IDisposable)RimapVerifier.Checker.Make(new SaslauthdCheckerContext { Work = work, Option = "mail.example.com", Warn = warnings.Add })).Dispose();
        Assert.Contains("in the clear", Assert.Single(warnings), StringComparison.Ordinal);
        warnings.Clear();
        ((IDisposable)RimapVerifier.Checker.Make(new SaslauthdCheckerContext { Work = work, Option = "127.0.0.1/2143", Warn = warnings.Add })).Dispose();
        Assert.Empty(warnings);
    }

    [Fact]
    public void Authorities_that_cannot_be_read_stop_the_start()
    {
        using var work = new SaslWorkQueue();
        SaslConfigurationException error = Assert.Throws<SaslConfigurationException>(
            () => RimapVerifier.Checker.Make(new SaslauthdCheckerContext { Work = work, Option = "imaps://mail?cacert=/nowhere/ca.pem" }));
        Assert.Contains("/nowhere/ca.pem cannot be read", error.Message, StringComparison.Ordinal);
    }
}
