using System.IO.Pipelines;
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
        (SaslSecurityLayer server, SaslSecurityLayer client) = await NegotiateAsync(mechanism, ssf);
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
        (SaslSecurityLayer server, SaslSecurityLayer client) = await NegotiateAsync(mechanism, ssf);
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
        (SaslSecurityLayer server, SaslSecurityLayer client) = await NegotiateAsync(mechanism, ssf);
        byte[] packet = client.Seal(s_message);
        for (int length = 0; length < packet.Length; length++)
            Assert.Null(server.Open(packet[..length]));
        Assert.Null(server.Open([.. packet, 0]));
    }

    [KdcTheory]
    [MemberData(nameof(Layers))]
    public async Task A_replayed_buffer_is_refused(string mechanism, int ssf)
    {
        (SaslSecurityLayer server, SaslSecurityLayer client) = await NegotiateAsync(mechanism, ssf);
        byte[] packet = client.Seal(s_message);
        Assert.Equal(s_message, server.Open(packet));
        Assert.Null(server.Open(packet));
    }

    [KdcTheory]
    [MemberData(nameof(Layers))]
    public async Task A_buffer_that_overtakes_another_is_refused(string mechanism, int ssf)
    {
        (SaslSecurityLayer server, SaslSecurityLayer client) = await NegotiateAsync(mechanism, ssf);
        _ = client.Seal(s_message);
        Assert.Null(server.Open(client.Seal(s_message)));
    }

    [KdcTheory]
    [MemberData(nameof(Layers))]
    public async Task A_reflected_buffer_is_refused(string mechanism, int ssf)
    {
        (_, SaslSecurityLayer client) = await NegotiateAsync(mechanism, ssf);
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
    public async Task A_stream_carries_writes_of_any_size_in_pieces(string mechanism, int ssf)
    {
        (SaslSecurityLayer server, SaslSecurityLayer client) = await NegotiateAsync(mechanism, ssf);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        await using var from = new SaslStream(pipe.Writer.AsStream(), client);
        await using var to = new SaslStream(pipe.Reader.AsStream(), server);
        var random = new Random(28);
        foreach (int size in (int[])[1, MaxBuffer - 1, MaxBuffer, MaxBuffer + 1, 3 * MaxBuffer, 100_000, .. Enumerable.Range(0, 20).Select(_ => 1 + random.Next(3 * MaxBuffer))])
        {
            byte[] sent = new byte[size];
            random.NextBytes(sent);
            await from.WriteAsync(sent);
            byte[] read = new byte[size];
            await to.ReadExactlyAsync(read);
            Assert.Equal(sent, read);
        }
    }

    [KdcTheory]
    [MemberData(nameof(Layers))]
    public async Task A_replayed_buffer_closes_the_stream(string mechanism, int ssf)
    {
        (SaslSecurityLayer server, SaslSecurityLayer client) = await NegotiateAsync(mechanism, ssf);
        byte[] packet = client.Seal(s_message);
        byte[] framed = [0, 0, (byte)(packet.Length >> 8), (byte)packet.Length, .. packet];
        using var connection = new MemoryStream([.. framed, .. framed]);
        await using var stream = new SaslStream(connection, server);
        byte[] read = new byte[s_message.Length];
        await stream.ReadExactlyAsync(read);
        Assert.Equal(s_message, read);
        await Assert.ThrowsAsync<IOException>(async () => await stream.ReadAsync(read));
        Assert.False(connection.CanRead);
    }

    [KdcTheory]
    [InlineData(1)]
    [InlineData(256)]
    public async Task Reading_and_writing_at_the_same_time_mix_nothing_up(int ssf)
    {
        (SaslSecurityLayer server, SaslSecurityLayer client) = await NegotiateAsync(KerberosMechanisms.GssapiName, ssf);
        byte[][] sealedByServer = [.. Enumerable.Range(0, 500).Select(i => server.Seal(BitConverter.GetBytes(i)))];
        byte[][] sealedByClient = new byte[500][];
        await Task.WhenAll(
            Task.Run(() =>
            {
                for (int i = 0; i < sealedByServer.Length; i++)
                    Assert.Equal(BitConverter.GetBytes(i), client.Open(sealedByServer[i]));
            }),
            Task.Run(() =>
            {
                for (int i = 0; i < sealedByClient.Length; i++)
                    sealedByClient[i] = client.Seal(BitConverter.GetBytes(i));
            }));
        for (int i = 0; i < sealedByClient.Length; i++)
            Assert.Equal(BitConverter.GetBytes(i), server.Open(sealedByClient[i]));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        foreach (IDisposable one in _mine)
            one.Dispose();
        return Task.CompletedTask;
    }

    private async Task<(SaslSecurityLayer Server, SaslSecurityLayer Client)> NegotiateAsync(string mechanism, int ssf)
    {
        var parties = new Parties(serverMax: 256, clientMax: ssf, maxBuffer: MaxBuffer);
        Login login = await parties.LogInAsync(mechanism);
        _mine.AddRange([login, parties]);
        Assert.True(login.Succeeded, login.ToString());
        Assert.Equal(ssf, login.Server.SecurityLayer!.Ssf);
        return (login.Server.SecurityLayer, login.Client.SecurityLayer!);
    }
}
