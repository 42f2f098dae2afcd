using System.Buffers.Binary;
using Xunit;

namespace Sasl.Testing.Layers;

/// <summary>What a connection inside a security layer has to do, whichever mechanism made the layer.</summary>
public static class StreamChecks
{
    private const int PacketsAtOnce = 500;

    // What a reader has room for before anything has arrived.
    private const int SmallRoom = 8 * 1024;

    private static readonly byte[] s_first = "MAIL FROM:<alice@example.com>\r\n"u8.ToArray();
    private static readonly byte[] s_second = "RCPT TO:<bob@example.com>\r\n"u8.ToArray();

    /// <summary>Writes come out as they went in, both ways, in packets that the other side accepts and in no more of them than are needed.</summary>
    /// <param name="pair">Both ends.</param>
    /// <param name="sizes">How many octets the writes have.</param>
    public static void CarryWrites(LayerPair pair, IEnumerable<int> sizes)
    {
        ArgumentNullException.ThrowIfNull(pair);
        List<byte> toServer = [];
        List<byte> toClient = [];
        using var client = new SaslStream(new MemoryWire(toClient, toServer), pair.Client);
        using var server = new SaslStream(new MemoryWire(toServer, toClient), pair.Server);
        var random = new Random(2222);
        foreach (int size in sizes)
        {
            byte[] text = new byte[size];
            random.NextBytes(text);
            Carry(client, pair.Client, toServer, server, pair.Server, text);
            Carry(server, pair.Server, toClient, client, pair.Client, text);
        }
    }

    /// <summary>One end seals and opens at the same time, as a stream with a reader and a writer does, and nothing is mixed up.</summary>
    public static async Task SealAndOpenAtOnceAsync(LayerPair pair)
    {
        ArgumentNullException.ThrowIfNull(pair);
        byte[][] fromServer = [.. Enumerable.Range(0, PacketsAtOnce).Select(i => pair.Server.Seal(BitConverter.GetBytes(i)))];
        byte[][] fromClient = new byte[PacketsAtOnce][];
        await Task.WhenAll(
            Task.Run(() =>
            {
                for (int i = 0; i < PacketsAtOnce; i++)
                    Assert.Equal(BitConverter.GetBytes(i), pair.Client.Open(fromServer[i]));
            }),
            Task.Run(() =>
            {
                for (int i = 0; i < PacketsAtOnce; i++)
                    fromClient[i] = pair.Client.Seal(BitConverter.GetBytes(i));
            }));
        for (int i = 0; i < PacketsAtOnce; i++)
            Assert.Equal(BitConverter.GetBytes(i), pair.Server.Open(fromClient[i]));
    }

    /// <summary>A packet that was changed, cut, lengthened, sent again, sent too early, left out or sent back closes the connection; what came before it is read.</summary>
    /// <param name="negotiate">Makes a new pair.</param>
    /// <param name="knowsItsOwn">False where the mechanism gives both directions one key, so that nobody can notice what is sent back.</param>
    public static async Task RefuseWhatWasDoneToPacketsAsync(Func<Task<LayerPair>> negotiate, bool knowsItsOwn = true)
    {
        ArgumentNullException.ThrowIfNull(negotiate);
        int length = (await negotiate()).Client.Seal(s_second).Length;
        foreach (int place in (int[])[0, 1, length / 2, length - 2, length - 1])
            await RefuseAsync($"octet {place} changed", (first, second, _) => [.. first, .. Changed(second, SealedBuffers.LengthOctets + place)]);
        for (int place = 0; place < SealedBuffers.LengthOctets; place++)
            await RefuseAsync($"octet {place} of the length changed", (first, second, _) => [.. first, .. Changed(second, place)]);
        for (int cut = 1; cut <= length; cut++)
            await RefuseAsync($"{cut} octets cut off", (first, second, _) => [.. first, .. SealedBuffers.Frame(second.AsSpan(SealedBuffers.LengthOctets..^cut))]);
        for (int cut = 1; cut < length + SealedBuffers.LengthOctets; cut++)
            await RefuseAsync($"the connection ends {cut} octets before the packet's end", (first, second, _) => [.. first, .. second[..^cut]]);
        await RefuseAsync("an octet added", static (first, second, _) => [.. first, .. SealedBuffers.Frame([.. second.AsSpan(SealedBuffers.LengthOctets), 0])]);
        await RefuseAsync("sent again", static (first, _, _) => [.. first, .. first]);
        await RefuseAsync("sent too early", static (first, second, third) => [.. first, .. third, .. second]);
        await RefuseAsync("left out", static (first, _, third) => [.. first, .. third]);
        LayerPair mirrored = await negotiate();
        byte[] returned = mirrored.Client.Seal(s_first);
        if (knowsItsOwn)
            Refuse("sent back", mirrored.Client, SealedBuffers.Frame(returned), good: 0);
        else
            Assert.NotNull(mirrored.Client.Open(returned));

        async Task RefuseAsync(string what, Func<byte[], byte[], byte[], byte[]> doTo)
        {
            LayerPair pair = await negotiate();
            byte[] arriving = doTo(Sent(pair.Client, s_first), Sent(pair.Client, s_second), Sent(pair.Client, s_second));
            Refuse(what, pair.Server, arriving, s_first.Length);
        }
    }

    /// <summary>A length that was not agreed on is refused by itself, and one that was takes no memory before its octets arrive.</summary>
    public static async Task RefuseHostileLengthsAsync(Func<Task<LayerPair>> negotiate)
    {
        ArgumentNullException.ThrowIfNull(negotiate);
        long most = (await negotiate()).Server.MaxSealed;
        foreach (long length in (long[])[0, most + 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff])
        {
            MemoryWire wire = Refuse($"length {length}", (await negotiate()).Server, [.. Length(length), .. new byte[100_000]], good: 0);
            Assert.Equal(1, wire.Reads);
            Assert.InRange(wire.LargestRoom, 1, SmallRoom);
        }
        MemoryWire announced = Refuse($"length {most}, and then the end", (await negotiate()).Server, [.. Length(most), .. new byte[Math.Min(100, most - 1)]], good: 0);
        Assert.InRange(announced.LargestRoom, 1, SmallRoom);
    }

    private static void Carry(SaslStream from, SaslSecurityLayer sender, List<byte> wire, SaslStream to, SaslSecurityLayer receiver, byte[] text)
    {
        from.Write(text);
        int packets = 0;
        for (int at = 0; at < wire.Count; packets++)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(wire.GetRange(at, SealedBuffers.LengthOctets).ToArray());
            Assert.InRange(length, 1, receiver.MaxSealed);
            at += SealedBuffers.LengthOctets + length;
        }
        Assert.Equal((text.Length + sender.MaxPlaintext - 1) / sender.MaxPlaintext, packets);
        byte[] read = new byte[text.Length];
        to.ReadExactly(read);
        Assert.Equal(text, read);
        Assert.Equal(0, to.Read(new byte[1]));
    }

    private static MemoryWire Refuse(string what, SaslSecurityLayer receiver, byte[] arriving, int good)
    {
        var wire = new MemoryWire([.. arriving], []);
        using var stream = new SaslStream(wire, receiver, leaveOpen: true);
        byte[] read = new byte[arriving.Length];
        stream.ReadExactly(read.AsSpan(0, good));
        Assert.True(Record.Exception(() => stream.Read(read)) is IOException, $"not refused: {what}");
        Assert.True(wire.IsClosed, $"not closed: {what}");
        Assert.True(Record.Exception(() => stream.Read(read)) is IOException, $"read on: {what}");
        return wire;
    }

    private static byte[] Sent(SaslSecurityLayer layer, byte[] text) => SealedBuffers.Frame(layer.Seal(text));

    private static byte[] Length(long length)
    {
        byte[] octets = new byte[SealedBuffers.LengthOctets];
        BinaryPrimitives.WriteUInt32BigEndian(octets, (uint)length);
        return octets;
    }

    private static byte[] Changed(byte[] octets, int place)
    {
        byte[] changed = [.. octets];
        changed[place] ^= 1;
        return changed;
    }
}
