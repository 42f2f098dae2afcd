using Sasl.Testing.Layers;
using Xunit;

namespace Sasl.Kerberos.Tests;

/// <summary>What is done to sealed buffers on their way is noticed, and closes the stream.</summary>
[Collection(KdcCollection.Name)]
public sealed class LayerTests : IAsyncLifetime
{
    private const int MaxBuffer = 4096;

    private static readonly byte[] s_message = "MAIL FROM:<alice@example.com>\r\n"u8.ToArray();

    private readonly List<IDisposable> _mine = [];

    // The fixture is not named: it is there for as long as the collection is.
    public static TheoryData<string, int> Layers { get; } = new()
    {
        { KerberosMechanisms.GssapiName, 1 },
        { KerberosMechanisms.GssapiName, 256 },
        { KerberosMechanisms.SpnegoName, 1 },
        { KerberosMechanisms.SpnegoName, 256 },
    };

    [KdcTheory]
    [MemberData(nameof(Layers))]
    public async Task Buffers_of_every_size_up_to_what_the_peer_accepts_come_through_both_ways(string mechanism, int ssf)
    {
        (SaslSecurityLayer client, SaslSecurityLayer server) = await NegotiateAsync(mechanism, ssf);
        Assert.Equal(MaxBuffer, server.MaxSealed);
        Assert.InRange(client.MaxPlaintext, MaxBuffer - 128, MaxBuffer - 1);
        var random = new Random(4752);
        int most = Math.Min(client.MaxPlaintext, server.MaxPlaintext);
        foreach (int size in (int[])[0, 1, 2, 15, 16, 17, 100, 1000, most - 1, most, .. Enumerable.Range(0, 50).Select(_ => random.Next(most))])
        {
            byte[] plain = new byte[size];
            random.NextBytes(plain);
            byte[] packet = client.Seal(plain);
            Assert.InRange(packet.Length, size + 1, MaxBuffer);
            Assert.Equal(plain, server.Open(packet));
            Assert.Equal(plain, client.Open(server.Seal(plain)));
        }
    }

    [KdcTheory]
    [MemberData(nameof(Layers))]
    public async Task Every_changed_octet_is_noticed(string mechanism, int ssf)
    {
        (SaslSecurityLayer client, SaslSecurityLayer server) = await NegotiateAsync(mechanism, ssf);
        byte[] packet = client.Seal(s_message);
        for (int place = 0; place < packet.Length; place++)
        {
            byte[] changed = [.. packet];
            changed[place] ^= 0x40;
            Assert.Null(server.Open(changed));
        }
        Assert.Equal(s_message, server.Open(packet));    // all of them were refused for the change
    }

    [KdcTheory]
    [MemberData(nameof(Layers))]
    public async Task Every_truncated_and_every_lengthened_buffer_is_refused(string mechanism, int ssf)
    {
        (SaslSecurityLayer client, SaslSecurityLayer server) = await NegotiateAsync(mechanism, ssf);
        byte[] packet = client.Seal(s_message);
        for (int length = 0; length < packet.Length; length++)
            Assert.Null(server.Open(packet[..length]));
        Assert.Null(server.Open([.. packet, 0]));
    }

    [KdcTheory]
    [MemberData(nameof(Layers))]
    public async Task A_replayed_buffer_is_refused(string mechanism, int ssf)
    {
        (SaslSecurityLayer client, SaslSecurityLayer server) = await NegotiateAsync(mechanism, ssf);
        byte[] packet = client.Seal(s_message);
        Assert.Equal(s_message, server.Open(packet));
        Assert.Null(server.Open(packet));
    }

    [KdcTheory]
    [MemberData(nameof(Layers))]
    public async Task A_buffer_that_overtakes_another_is_refused(string mechanism, int ssf)
    {
        (SaslSecurityLayer client, SaslSecurityLayer server) = await NegotiateAsync(mechanism, ssf);
        _ = client.Seal(s_message);
        Assert.Null(server.Open(client.Seal(s_message)));
    }

    [KdcTheory]
    [MemberData(nameof(Layers))]
    public async Task A_reflected_buffer_is_refused(string mechanism, int ssf)
    {
        (SaslSecurityLayer client, _) = await NegotiateAsync(mechanism, ssf);
        Assert.Null(client.Open(client.Seal(s_message)));
    }

    [KdcFact]
    public async Task A_buffer_that_is_only_signed_is_refused_where_encryption_was_agreed_on()
    {
        using var parties = new Parties(serverMax: 256, clientMax: 256, maxBuffer: MaxBuffer);
        using Login login = await parties.LogInAsync(KerberosMechanisms.GssapiName);
        // The same conversation, sealed as the other layer seals.
        var context = (KerberosContext)typeof(KerberosLayer).GetField("_context", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance)!
            .GetValue(login.Client.SecurityLayer)!;
        KerberosLayer signing = KerberosLayer.Make(context, conceals: false, MaxBuffer, MaxBuffer)!;
        Assert.Null(login.Server.SecurityLayer!.Open(signing.Seal(s_message)));
    }

    [KdcTheory]
    [MemberData(nameof(Layers))]
    public async Task Writes_of_any_size_go_both_ways_in_pieces_that_the_other_side_takes(string mechanism, int ssf)
    {
        var random = new Random(28);
        StreamChecks.CarryWrites(
            await NegotiateAsync(mechanism, ssf),
            [0, 1, MaxBuffer - 1, MaxBuffer, MaxBuffer + 1, 3 * MaxBuffer, 100_000, .. Enumerable.Range(0, 20).Select(_ => 1 + random.Next(3 * MaxBuffer))]);
    }

    [KdcTheory]
    [InlineData(1)]
    [InlineData(256)]
    public async Task What_is_done_to_a_packet_closes_the_connection(int ssf) =>
        await StreamChecks.RefuseWhatWasDoneToPacketsAsync(() => NegotiateAsync(KerberosMechanisms.GssapiName, ssf));

    [KdcTheory]
    [InlineData(1)]
    [InlineData(256)]
    public async Task A_hostile_length_costs_nothing(int ssf) =>
        await StreamChecks.RefuseHostileLengthsAsync(() => NegotiateAsync(KerberosMechanisms.GssapiName, ssf));

    [KdcTheory]
    [InlineData(1)]
    [InlineData(256)]
    public async Task Reading_and_writing_at_the_same_time_mix_nothing_up(int ssf) =>
        await StreamChecks.SealAndOpenAtOnceAsync(await NegotiateAsync(KerberosMechanisms.GssapiName, ssf));

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        foreach (IDisposable one in _mine)
            one.Dispose();
        return Task.CompletedTask;
    }

    private async Task<LayerPair> NegotiateAsync(string mechanism, int ssf)
    {
        var parties = new Parties(serverMax: 256, clientMax: ssf, maxBuffer: MaxBuffer);
        Login login = await parties.LogInAsync(mechanism);
        _mine.AddRange([login, parties]);
        Assert.True(login.Succeeded, login.ToString());
        Assert.Equal(ssf, login.Server.SecurityLayer!.Ssf);
        return new LayerPair(login.Client.SecurityLayer!, login.Server.SecurityLayer);
    }
}
