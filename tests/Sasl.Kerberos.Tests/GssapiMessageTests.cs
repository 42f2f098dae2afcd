using System.Buffers;
using Xunit;

namespace Sasl.Kerberos.Tests;

/// <summary>The last two messages of GSSAPI, made by hand inside a true conversation.</summary>
[Collection(KdcCollection.Name)]
public sealed class GssapiMessageTests
{
    [KdcTheory]
    [InlineData("01000000", SaslError.None)]
    [InlineData("02000800", SaslError.None)]
    [InlineData("04000800", SaslError.None)]
    [InlineData("04ffffff", SaslError.None)]
    [InlineData("01000000616c696365", SaslError.None)]               // alice
    [InlineData("01000000626f62", SaslError.NotAuthorized)]          // bob
    [InlineData("", SaslError.Malformed)]
    [InlineData("010000", SaslError.Malformed)]
    [InlineData("00000000", SaslError.Malformed)]                    // no bit
    [InlineData("03000800", SaslError.Malformed)]                    // two bits
    [InlineData("06000800", SaslError.Malformed)]                    // two bits, without ad_compat
    [InlineData("08000800", SaslError.Malformed)]                    // a bit that means nothing
    [InlineData("01000800", SaslError.None)]                         // GNU SASL says so; without a layer it means nothing
    [InlineData("02000010", SaslError.Malformed)]                    // a buffer that holds nothing
    [InlineData("04000000", SaslError.Malformed)]
    [InlineData("01000000616c00696365", SaslError.Malformed)]        // a NUL
    [InlineData("01000000c3", SaslError.Malformed)]                  // not UTF-8
    public async Task The_server_judges_the_clients_choice(string choice, SaslError error)
    {
        using var parties = new Parties(serverMax: 256, clientMax: 256);
        Assert.Equal(error, (await ChooseAsync(parties, choice)).Error);
    }

    [KdcTheory]
    [InlineData(0, "02000800")]
    [InlineData(0, "04000800")]
    [InlineData(1, "04000800")]
    [InlineData(255, "04000800")]
    public async Task A_layer_that_was_not_offered_cannot_be_chosen(int serverMax, string choice)
    {
        using var parties = new Parties(serverMax: serverMax, clientMax: 256);
        Assert.Equal(SaslError.Malformed, (await ChooseAsync(parties, choice)).Error);
    }

    [KdcFact]
    public async Task With_ad_compat_both_bits_are_encryption()
    {
        using var parties = new Parties(serverMax: 256, clientMax: 256, server: new KerberosOptions { AdCompat = true });
        Assert.True((await ChooseAsync(parties, "06000800")).IsSuccess);
        using var signing = new Parties(serverMax: 1, clientMax: 256, server: new KerberosOptions { AdCompat = true });
        Assert.Equal(SaslError.Malformed, (await ChooseAsync(signing, "06000800")).Error);
    }

    [KdcTheory]
    [InlineData("01000000", 0, 0, SaslError.None)]
    [InlineData("01ffffff", 0, 0, SaslError.None)]                   // Dovecot says so; without a layer it means nothing
    [InlineData("07000800", 0, 256, SaslError.None)]
    [InlineData("02000800", 0, 0, SaslError.MechanismTooWeak)]       // only layers, and the policy forbids them
    [InlineData("01000000", 1, 256, SaslError.MechanismTooWeak)]
    [InlineData("00000000", 0, 256, SaslError.MechanismTooWeak)]
    [InlineData("f8000800", 0, 256, SaslError.MechanismTooWeak)]     // bits that mean nothing
    [InlineData("07000010", 0, 256, SaslError.Malformed)]            // a buffer that holds nothing
    [InlineData("0700080000", 0, 256, SaslError.Malformed)]
    [InlineData("070008", 0, 256, SaslError.Malformed)]
    [InlineData("", 0, 256, SaslError.Malformed)]
    public async Task The_client_judges_the_servers_offer(string offer, int min, int max, SaslError error)
    {
        using var parties = new Parties(clientMin: min, clientMax: max);
        using SaslClientSession client = parties.Client.CreateSession(SaslChannel.Plaintext);
        using KerberosContext server = GssBackend.Instance.OpenServer(new KerberosRequest(KerberosOptions.Default, "sample", "localhost", Negotiates: false));
        SaslReply reply = await client.StartAsync([KerberosMechanisms.GssapiName]);
        KerberosStep step = server.Advance(reply.Message!.Value.Span);
        Assert.True(step.IsComplete);
        reply = await client.StepAsync(step.Token);
        Assert.Equal(0, reply.Message!.Value.Length);
        var sealedOffer = new ArrayBufferWriter<byte>();
        server.Wrap(Convert.FromHexString(offer), conceal: false, sealedOffer);
        reply = await client.StepAsync(sealedOffer.WrittenMemory);
        Assert.Equal(error, reply.Error);
    }

    [KdcFact]
    public async Task A_server_that_reports_success_before_its_proof_is_not_believed()
    {
        using var parties = new Parties();
        foreach (string mechanism in Parties.All)
        {
            using SaslClientSession client = parties.Client.CreateSession(Parties.ChannelFor(mechanism));
            await client.StartAsync([mechanism]);
            Assert.Equal(SaslError.ServerNotAuthentic, (await client.CompleteAsync()).Error);
        }
    }

    [KdcFact]
    public async Task Data_where_the_client_only_acknowledges_is_malformed()
    {
        using var parties = new Parties();
        using SaslClientSession client = parties.Client.CreateSession(SaslChannel.Plaintext);
        using SaslServerSession server = parties.Server.CreateSession(SaslChannel.Plaintext);
        SaslReply own = await client.StartAsync([KerberosMechanisms.GssapiName]);
        await server.StartAsync(KerberosMechanisms.GssapiName, own.Message!.Value.ToArray());
        Assert.Equal(SaslError.Malformed, (await server.StepAsync("x"u8.ToArray())).Error);
    }

    // Our client up to the offer of layers, and then a choice of the test's.
    private static async Task<SaslReply> ChooseAsync(Parties parties, string choice)
    {
        using SaslServerSession server = parties.Server.CreateSession(SaslChannel.Plaintext);
        using KerberosContext client = GssBackend.Instance.OpenClient(
            new KerberosRequest(KerberosOptions.Default, "sample", "localhost", Negotiates: false)
            {
                Wanted = GssFlags.Mutual | GssFlags.Replay | GssFlags.Sequence | GssFlags.Integrity | GssFlags.Confidentiality,
            });
        SaslReply reply = await server.StartAsync(KerberosMechanisms.GssapiName, client.Advance([]).Token);
        Assert.True(client.Advance(reply.Message!.Value.Span).IsComplete);
        reply = await server.StepAsync(default);
        var offer = new ArrayBufferWriter<byte>();
        Assert.True(client.TryUnwrap(reply.Message!.Value.Span, offer, out _));
        Assert.Equal(4, offer.WrittenCount);
        var message = new ArrayBufferWriter<byte>();
        client.Wrap(Convert.FromHexString(choice), conceal: false, message);
        reply = await server.StepAsync(message.WrittenMemory);
        server.SecurityLayer?.Dispose();
        return reply;
    }
}
