using System.Text;
using Xunit;

namespace Sasl.Kerberos.Tests;

/// <summary>The header of GS2, and what binds it.</summary>
[Collection(KdcCollection.Name)]
public sealed class Gs2Tests
{
    private const string Plus = KerberosMechanisms.Gs2PlusName;
    private const string Plain = KerberosMechanisms.Gs2Name;

    [KdcFact]
    public async Task Two_sides_that_see_different_channels_part()
    {
        using var parties = new Parties();
        using Login login = await parties.LogInAsync(Plus, Parties.BoundTo("one"), Parties.BoundTo("another"));
        Assert.Equal(SaslError.ChannelBindingMismatch, login.ServerEnd.Error);
        Assert.Equal("client and server do not see the same channel", Assert.Single(parties.Observer.Diagnostics));
    }

    [KdcFact]
    public async Task A_binding_of_a_type_that_the_channel_has_not_is_refused()
    {
        using var parties = new Parties();
        using Login login = await parties.LogInAsync(Plus, Parties.BoundTo("one"), Parties.BoundTo("one", SaslChannelBindings.TlsUnique));
        Assert.Equal(SaslError.ChannelBindingMismatch, login.ServerEnd.Error);
    }

    [KdcFact]
    public async Task Binding_under_the_name_without_PLUS_is_taken_as_Cyrus_SASLs_clients_send_it()
    {
        using var parties = new Parties();
        using Login login = await parties.LogInAsync(Plus, Parties.Bound);
        using SaslClientSession client = parties.Client.CreateSession(Parties.Bound);
        SaslReply first = await client.StartAsync([Plus]);
        using SaslServerSession server = parties.Server.CreateSession(Parties.Bound);
        SaslReply reply = await server.StartAsync(Plain, first.Message!.Value.ToArray());
        Assert.True(reply.NeedsMore);
        Assert.True((await server.StepAsync(default)).IsSuccess);
        Assert.Equal(SaslChannelBindings.TlsExporter, server.Identity!.ChannelBinding);
    }

    [KdcTheory]
    [InlineData("n,,", "y,,")]
    [InlineData("n,,", "n,a=root,")]
    [InlineData("y,,", "n,,")]
    public async Task A_header_that_was_changed_on_the_way_is_noticed(string sent, string instead)
    {
        using var parties = new Parties();
        SaslChannel channel = sent[0] == 'y' ? Parties.Bound : SaslChannel.Plaintext;
        using Login login = await parties.LogInAsync(Plain, SaslChannel.Plaintext, channel, (i, octets) =>
        {
            if (i != 0)
                return octets;
            Assert.StartsWith(sent, Encoding.Latin1.GetString(octets), StringComparison.Ordinal);
            return [.. Encoding.ASCII.GetBytes(instead), .. octets[sent.Length..]];
        });
        Assert.Equal(SaslError.ChannelBindingMismatch, login.ServerEnd.Error);
    }

    [KdcFact]
    public async Task A_client_that_has_not_seen_the_offer_to_bind_is_refused()
    {
        using var parties = new Parties();
        using Login login = await parties.LogInAsync(Plain, Parties.Bound);
        Assert.Equal(SaslError.ChannelBindingMismatch, login.ServerEnd.Error);
        Assert.Equal("the client has not seen the offer of -PLUS", Assert.Single(parties.Observer.Diagnostics));
    }

    // A ticket that a client has shown to GSSAPI must not become a GS2 login with a header of somebody else's making.
    [KdcTheory]
    [InlineData("n,,")]
    [InlineData("n,a=alice,")]
    public async Task A_token_that_was_made_for_GSSAPI_is_refused(string header)
    {
        using var parties = new Parties();
        using SaslClientSession client = parties.Client.CreateSession(SaslChannel.Plaintext);
        SaslReply first = await client.StartAsync([KerberosMechanisms.GssapiName]);
        Assert.True(Gs2Token.TryStrip(first.Message!.Value.Span, out ReadOnlySpan<byte> inner));
        byte[] message = [.. Encoding.ASCII.GetBytes(header), .. inner];
        using SaslServerSession server = parties.Server.CreateSession(SaslChannel.Plaintext);
        SaslReply reply = await server.StartAsync(Plain, message);
        Assert.Equal(SaslError.ChannelBindingMismatch, reply.Error);
        Assert.Equal("the client has not signed the GS2 header", Assert.Single(parties.Observer.Diagnostics));
    }

    [KdcTheory]
    [InlineData("")]
    [InlineData("n")]
    [InlineData("n,")]
    [InlineData("n,,")]
    [InlineData("x,,token")]
    [InlineData("F,n,,token")]
    [InlineData("p=,,token")]
    [InlineData("n,a=,token")]
    [InlineData("n,b=alice,token")]
    [InlineData("n,,token")]
    public async Task A_message_without_a_header_or_token_is_malformed(string message)
    {
        using var parties = new Parties();
        using SaslServerSession server = parties.Server.CreateSession(SaslChannel.Plaintext);
        SaslReply reply = await server.StartAsync(Plain, Encoding.ASCII.GetBytes(message));
        Assert.True(SaslError.Malformed == reply.Error, $"{reply} {Convert.ToHexString(reply.Message.GetValueOrDefault().Span)}");
        Assert.Empty(parties.Observer.Exceptions);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(117)]
    [InlineData(300)]
    [InlineData(70_000)]
    public void A_token_gets_back_the_header_that_was_taken_away(int length)
    {
        byte[] inner = new byte[length];
        byte[] token = Gs2Token.Restore(inner);
        Assert.True(Gs2Token.TryStrip(token, out ReadOnlySpan<byte> stripped));
        Assert.Equal(inner, stripped.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("60")]
    [InlineData("6000")]
    [InlineData("6085")]
    [InlineData("60850000000000")]
    [InlineData("600806062b0601050502")]
    public void What_is_no_token_of_Kerberos_is_not_stripped(string hex) =>
        Assert.False(Gs2Token.TryStrip(Convert.FromHexString(hex), out _));
}
