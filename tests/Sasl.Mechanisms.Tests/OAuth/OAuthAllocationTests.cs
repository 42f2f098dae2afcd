using Xunit;
using Xunit.Abstractions;

namespace Sasl.Mechanisms.Tests;

/// <summary>What a login with a token costs in memory, beside what the validator needs.</summary>
public sealed class OAuthAllocationTests(ITestOutputHelper log)
{
    /// <summary>The server's share of one login, in octets: the session and everything it makes.</summary>
    private const int Budget =
#if DEBUG
        3072;    // where every asynchronous method allocates its state
#else
        1024;
#endif

    private const int Rounds = 200;

    [Theory]
    [InlineData("OAUTHBEARER", "n,a=alice,\x01host=mail.example.com\x01port=587\x01" + "auth=Bearer abc\x01\x01")]
    [InlineData("XOAUTH2", "user=alice\x01" + "auth=Bearer abc\x01\x01")]
    public void A_login_stays_within_its_budget(string name, string message)
    {
        var server = new SaslServer(new SaslServerOptions
        {
            Service = "smtp", ServerName = "x", Mechanisms = SaslMechanisms.Standard, TokenValidator = new Everybody(),
        });
        byte[] octets = System.Text.Encoding.ASCII.GetBytes(message);
        LogIn(server, name, octets);    // what is made once is not a login's
        long before = GC.GetAllocatedBytesForCurrentThread();
        LogIn(server, name, octets);
        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / Rounds;
        log.WriteLine($"{each} octets");
        Assert.InRange(each, 1, Budget);
    }

    private static void LogIn(SaslServer server, string name, byte[] message)
    {
        for (int i = 0; i < Rounds; i++)
        {
            using SaslServerSession session = server.CreateSession(OAuthParties.Tls);
            ValueTask<SaslReply> step = session.StartAsync(name, message);
            Assert.True(step.IsCompletedSuccessfully && step.Result.IsSuccess);
        }
    }

    private sealed class Everybody : ITokenValidator
    {
        private static readonly TokenVerdict s_verdict = TokenVerdict.Valid(new TokenGrant("alice"));

        public TokenDiscovery Discovery => TokenDiscovery.None;

        public ValueTask<TokenVerdict> ValidateAsync(ReadOnlyMemory<byte> token, SaslServiceInfo service, CancellationToken cancellationToken) => new(s_verdict);
    }
}
