using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Interop.Tests.Peers;

[Collection(PeersCollection.Name)]
public sealed class PostfixClientTests(SharedPeers peers)
{
    [PeerTheory("postfix", "saslpasswd2")]
    [InlineData("PLAIN")]
    [InlineData("LOGIN")]
    [InlineData("CRAM-MD5")]
    [InlineData("DIGEST-MD5")]
    [InlineData("SCRAM-SHA-1")]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-512")]
    public async Task Postfix_relays_through_Postfix(string mechanism)
    {
        PostfixServer server = await peers.PostfixAsync();
        await using PostfixClient client = await PostfixClient.StartAsync(new PostfixRelay(server.Port) { MechanismFilter = mechanism });

        PostfixDelivery delivery = await client.DeliverAsync();

        Assert.True(delivery.Status == PostfixStatus.Sent, delivery.ToString());
        Assert.Contains(delivery.Dialogue, line => line.StartsWith($"> AUTH {mechanism}", StringComparison.Ordinal));
        Assert.Contains(delivery.Dialogue, static line => line.StartsWith("< 235 ", StringComparison.Ordinal));
    }

    [PeerFact("postfix", "saslpasswd2")]
    public async Task A_refused_login_leaves_the_message_in_the_queue()
    {
        PostfixServer server = await peers.PostfixAsync();
        await using PostfixClient client = await PostfixClient.StartAsync(new PostfixRelay(server.Port) { Password = "wrong", MechanismFilter = "plain" });

        PostfixDelivery delivery = await client.DeliverAsync();

        Assert.True(delivery.Status == PostfixStatus.Deferred, delivery.ToString());
        Assert.Contains("535 5.7.8", delivery.StatusLine, StringComparison.Ordinal);
    }

    [PeerTheory("postfix", "saslpasswd2")]
    [InlineData(PeerTls.StartTls)]
    [InlineData(PeerTls.Implicit)]
    public async Task The_relay_is_verified_under_TLS(PeerTls tls)
    {
        PostfixServer server = await peers.PostfixAsync();
        using TestAuthority stranger = TestAuthority.Create();
        PostfixRelay relay = new(server.PortFor(tls)) { Tls = tls, CaFile = peers.Authority.CaFile };
        await using PostfixClient client = await PostfixClient.StartAsync(relay);
        await using PostfixClient mistrustful = await PostfixClient.StartAsync(relay with { CaFile = stranger.CaFile });

        PostfixDelivery right = await client.DeliverAsync();
        PostfixDelivery wrong = await mistrustful.DeliverAsync();

        Assert.True(right.Status == PostfixStatus.Sent, right.ToString());
        Assert.Contains(client.Log.Snapshot(), static line => line.Text.Contains("Verified TLS connection established", StringComparison.Ordinal));
        Assert.True(wrong.Status == PostfixStatus.Deferred, wrong.ToString());
        Assert.Contains("not verified", wrong.StatusLine, StringComparison.Ordinal);
    }

    [PeerFact("postfix", "dovecot")]
    public async Task Postfix_relays_through_Dovecot_and_the_message_arrives()
    {
        DovecotSubmission server = await peers.DovecotAsync();
        await using PostfixClient client = await PostfixClient.StartAsync(new PostfixRelay(server.Port) { MechanismFilter = "scram-sha-256" });

        PostfixDelivery delivery = await client.DeliverAsync("Subject: by way of Dovecot\n\n.a dot\n");

        Assert.True(delivery.Status == PostfixStatus.Sent, delivery.ToString());
        ReceivedMessage message = await server.Sink.WaitForMessageAsync(
            static message => message.Data.Contains("Subject: by way of Dovecot\n", StringComparison.Ordinal));
        Assert.Equal(["bob@example.org"], message.Recipients);
        Assert.EndsWith("\n.a dot\n", message.Data, StringComparison.Ordinal);
    }

    [PeerFact("postfix", "saslpasswd2")]
    public async Task A_permanent_refusal_bounces_and_the_bounce_goes_nowhere()
    {
        PostfixServer server = await peers.PostfixAsync();
        await using PostfixClient client = await PostfixClient.StartAsync(new PostfixRelay(server.Port) { ExtraSettings = "smtp_sasl_auth_enable = no" });

        PostfixDelivery delivery = await client.DeliverAsync();

        Assert.True(delivery.Status == PostfixStatus.Bounced, delivery.ToString());
        Assert.Contains("554 5.7.1", delivery.StatusLine, StringComparison.Ordinal);
        Assert.Contains("relay=none", await client.WaitForLogAsync(static line => line.Contains("to=<feeder@sender.invalid>", StringComparison.Ordinal)), StringComparison.Ordinal);
    }
}
