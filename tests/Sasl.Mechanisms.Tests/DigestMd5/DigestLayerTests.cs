using System.Security.Cryptography;
using Sasl.Testing.Layers;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>What is done to sealed buffers on their way is noticed.</summary>
public sealed class DigestLayerTests
{
    private static readonly byte[] s_message = "MAIL FROM:<alice@example.com>\r\n"u8.ToArray();

    public static TheoryData<string> Ciphers { get; } = new("", "rc4-40", "rc4-56", "rc4", "des", "3des");

    [Theory]
    [MemberData(nameof(Ciphers))]
    public void Every_changed_octet_is_noticed(string cipher)
    {
        for (int place = 0; place < Pair(cipher).Packet().Length; place++)
        {
            using Sides sides = Pair(cipher);
            byte[] packet = sides.Packet();
            packet[place] ^= 0x40;
            Assert.Null(SealedBuffers.Open(sides.Server, packet));
        }
    }

    [Theory]
    [MemberData(nameof(Ciphers))]
    public void Every_truncated_and_every_lengthened_buffer_is_refused(string cipher)
    {
        for (int length = 0; length < Pair(cipher).Packet().Length; length++)
        {
            using Sides sides = Pair(cipher);
            Assert.Null(SealedBuffers.Open(sides.Server, sides.Packet()[..length]));
        }
        using Sides other = Pair(cipher);
        Assert.Null(SealedBuffers.Open(other.Server, [.. other.Packet(), 0]));
    }

    [Theory]
    [MemberData(nameof(Ciphers))]
    public void A_replayed_a_skipped_and_a_reflected_buffer_are_refused(string cipher)
    {
        using Sides replayed = Pair(cipher);
        byte[] first = replayed.Packet();
        Assert.Equal(s_message, SealedBuffers.Open(replayed.Server, first));
        Assert.Null(SealedBuffers.Open(replayed.Server, first));

        using Sides skipped = Pair(cipher);
        _ = skipped.Packet();
        Assert.Null(SealedBuffers.Open(skipped.Server, skipped.Packet()));

        using Sides reflected = Pair(cipher);
        Assert.Null(SealedBuffers.Open(reflected.Client, reflected.Packet()));
    }

    // Cyrus SASL trusts the last octet of what it has decrypted; here it has to be 1 to 8 and all of the padding has to be the same.
    [Theory]
    [InlineData("des")]
    [InlineData("3des")]
    public void DIGEST_pad_is_validated_against_the_packet(string cipher)
    {
        foreach (byte pad in (byte[])[0, 9, 200])
        {
            byte[] key = RandomNumberGenerator.GetBytes(16);
            byte[] forged = Forge(cipher, key, pad);
            using var server = new DigestLayer(key, Find(cipher), isServer: true, 2048, 2048);
            Assert.Null(SealedBuffers.Open(server, forged));
        }
    }

    [Theory]
    [InlineData(17)]
    [InlineData(20)]
    public void A_peer_whose_buffer_holds_no_message_gets_no_layer(int buffer) => Assert.True(DigestLayer.RoomIn(buffer, null) < 1);

    private static DigestCipher? Find(string name) => DigestCipher.Find(System.Text.Encoding.ASCII.GetBytes(name));

    // Blocks under the right key, whose end after decryption is the padding octet that is tried and a MAC of nothing.
    private static byte[] Forge(string name, byte[] key, byte pad)
    {
        DigestCipher cipher = Find(name)!;
        byte[] sealing = new byte[16];
        DigestComputation.DeriveKey(key, "Digest H(A1) to client-to-server sealing key magic constant"u8, sealing);
        byte[] body = new byte[24];
        body[13] = pad;
        DigestStreamCipher.Make(cipher, sealing, encrypt: true).Apply(body);
        return [.. body, 0, 1, 0, 0, 0, 0];
    }

    private static Sides Pair(string cipher)
    {
        byte[] key = RandomNumberGenerator.GetBytes(16);
        return new Sides(
            new DigestLayer(key, Find(cipher), isServer: true, 2048, 2048),
            new DigestLayer(key, Find(cipher), isServer: false, 2048, 2048));
    }

    private sealed record Sides(DigestLayer Server, DigestLayer Client) : IDisposable
    {
        public byte[] Packet() => SealedBuffers.Seal(Client, s_message);

        public void Dispose()
        {
            Server.Dispose();
            Client.Dispose();
        }
    }
}
