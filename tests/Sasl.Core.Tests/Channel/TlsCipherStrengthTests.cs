using System.Net.Security;
using System.Runtime.Versioning;
using System.Security.Authentication;
using Xunit;

namespace Sasl.Core.Tests.Channel;

public class TlsCipherStrengthTests
{
    [Theory]
    [InlineData(TlsCipherSuite.TLS_AES_128_GCM_SHA256, 128)]
    [InlineData(TlsCipherSuite.TLS_AES_128_CCM_8_SHA256, 128)]
    [InlineData(TlsCipherSuite.TLS_AES_256_GCM_SHA384, 256)]
    [InlineData(TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256, 256)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, 128)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, 256)]
    [InlineData(TlsCipherSuite.TLS_DHE_RSA_WITH_CAMELLIA_128_GCM_SHA256, 128)]
    [InlineData(TlsCipherSuite.TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA256, 256)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_ARIA_128_GCM_SHA256, 128)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_ARIA_256_GCM_SHA384, 256)]
    [InlineData(TlsCipherSuite.TLS_RSA_WITH_3DES_EDE_CBC_SHA, 112)]
    [InlineData(TlsCipherSuite.TLS_RSA_WITH_DES_CBC_SHA, 56)]
    [InlineData(TlsCipherSuite.TLS_RSA_WITH_IDEA_CBC_SHA, 128)]
    [InlineData(TlsCipherSuite.TLS_RSA_WITH_SEED_CBC_SHA, 128)]
    [InlineData(TlsCipherSuite.TLS_RSA_WITH_RC4_128_SHA, 128)]
    [InlineData(TlsCipherSuite.TLS_RSA_EXPORT_WITH_RC4_40_MD5, 40)]
    [InlineData(TlsCipherSuite.TLS_RSA_EXPORT_WITH_DES40_CBC_SHA, 40)]
    [InlineData(TlsCipherSuite.TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5, 40)]
    [InlineData(TlsCipherSuite.TLS_KRB5_EXPORT_WITH_DES_CBC_40_SHA, 40)]
    [InlineData(TlsCipherSuite.TLS_RSA_WITH_NULL_SHA256, 0)]
    [InlineData(TlsCipherSuite.TLS_NULL_WITH_NULL_NULL, 0)]
    [InlineData((TlsCipherSuite)0xFAFA, 0)]
    public void The_cipher_of_the_suite_decides(TlsCipherSuite suite, int bits) => Assert.Equal(bits, TlsCipherStrength.Bits(suite));

    [Fact]
    public void Every_suite_that_encrypts_has_a_strength()
    {
        foreach (TlsCipherSuite suite in Enum.GetValues<TlsCipherSuite>())
            Assert.Equal(suite.ToString().Contains("_NULL", StringComparison.Ordinal), TlsCipherStrength.Bits(suite) == 0);
    }

    [Theory]
    [InlineData(TlsCipherSuite.TLS_AES_128_GCM_SHA256, SslProtocols.Tls13, 128)]
    [InlineData(TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256, SslProtocols.Tls13, 256)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, SslProtocols.Tls12, 128)]
    [InlineData(TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, SslProtocols.Tls12, 256)]
    [SupportedOSPlatform("linux")]
    public async Task Both_ends_report_the_strength_of_what_was_negotiated(TlsCipherSuite suite, SslProtocols protocol, int bits)
    {
        SslServerAuthenticationOptions server = TlsPair.ServerOptions(TestCertificates.Server("rsa"), protocol);
        server.CipherSuitesPolicy = new CipherSuitesPolicy([suite]);
        await using TlsPair pair = await TlsPair.ConnectAsync(server, TlsPair.ClientOptions(protocol));

        foreach (SslStream end in pair.Ends)
        {
            Assert.Equal(suite, end.NegotiatedCipherSuite);
            Assert.Equal(bits, SaslChannel.FromTls(end).ExternalSsf);
        }
    }
}
