using System.Security.Cryptography;

#pragma warning disable CA5350 // 3DES is what auth-conf has.

namespace Sasl.Benchmarks;

/// <summary>DIGEST-MD5's security layers, one direction: buffers of 4 and 64 KiB sealed.</summary>
internal static class LayerContests
{
    private const int Rc4Strength = 128;
    private const int TripleDesStrength = 112;

    private static readonly int[] s_sizes = [4 * 1024, 64 * 1024];

    /// <summary>Each layer at each size.</summary>
    public static IEnumerable<Contest> All =>
    [
        .. s_sizes.SelectMany(static size => new[]
        {
            Stream("auth-int", 1, size, Goal.Times(Peer.Cyrus, 0.97), Goal.NoMore(0)),
            Stream("auth-conf rc4", Rc4Strength, size, Goal.Times(Peer.Cyrus, 1.5)),
            new Contest($"auth-conf 3des stream, {size / 1024} KiB", () => [Ours(TripleDesStrength, size), OpenSslTripleDes(size)], Goal.Times(Peer.Platform, 0.95)) { Octets = size },
        }),
    ];

    private static Contest Stream(string name, int strength, int size, params Goal[] goals) => new(
        $"{name} stream, {size / 1024} KiB",
        () => [Ours(strength, size), .. Peer.IsThere(Peer.Cyrus) ? [Cyrus(strength, size)] : Array.Empty<Contestant>()],
        goals)
    { Octets = size };

    private static Contestant Ours(int strength, int size)
    {
        const string Mechanism = "DIGEST-MD5";
        var policy = new SaslPolicy { MinSsf = strength, MaxSsf = strength, MaxBuffer = 0xFFFFFF };
        MemoryCredentialStore store = Party.StoreFor(Mechanism, Party.Kept.PlainText);
        OurServerSide server = Party.OurServer(Mechanism, store, policy, SaslChannel.Plaintext);
        OurClientSide client = Party.OurClient(Mechanism, remembers: true, policy, SaslChannel.Plaintext);
        client.Open();
        server.Open();
        new Duel(client, server).Converse();
        SaslSecurityLayer layer = server.Session.SecurityLayer!;
        if (layer.Ssf != strength)
            throw new InvalidOperationException($"The layer has {layer.Ssf} bits.");
        var output = new SecureBufferWriter();
        byte[] text = new byte[size];
        // A buffer of 64 KiB with its trailer may be longer than the peer takes: then it goes in pieces, as in libsasl2.
        return Contestant.Of("this library", () =>
        {
            for (int at = 0; at < size; at += layer.MaxPlaintext)
            {
                output.Clear();
                layer.Wrap(text.AsSpan(at, Math.Min(layer.MaxPlaintext, size - at)), output);
            }
        });
    }

    private static unsafe Contestant Cyrus(int strength, int size)
    {
        const string Mechanism = "DIGEST-MD5";
        Libsasl2.StartClient();
        Libsasl2.StartInMemory();
        Libsasl2.MemoryStore.KeepPlainText();
        var client = new Libsasl2Side.Client(Mechanism, (uint)strength);
        var server = new Libsasl2Side.Server(Mechanism, (uint)strength);
        client.Open();
        server.Open();
        new Duel(client, server).Converse();
        byte[] text = GC.AllocateArray<byte>(size, pinned: true);
        // More than the negotiated buffer is refused, so the largest that is accepted is sent at a time.
        int most = Math.Min(size, 65536 - 64);
        return Contestant.Of(Peer.Cyrus, () =>
        {
            fixed (byte* octets = text)
            {
                for (int at = 0; at < size; at += most)
                    Libsasl2.Check(Libsasl2.Encode(server.Context, octets + at, (uint)Math.Min(most, size - at), out _, out _));
            }
        });
    }

    private static Contestant OpenSslTripleDes(int size)
    {
        TripleDES cipher = TripleDES.Create();
        cipher.Key = [.. Enumerable.Range(1, 24).Select(static i => (byte)(i * 11))];
        byte[] text = new byte[size], output = new byte[size + 8], iv = new byte[8];
        return Contestant.Of(Peer.Platform, () => cipher.EncryptCbc(text, iv, output, PaddingMode.None)) with { Retire = cipher.Dispose };
    }
}
