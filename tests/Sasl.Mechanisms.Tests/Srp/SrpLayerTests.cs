using System.Security.Cryptography;
using Sasl.Testing.Layers;
using Xunit;

#pragma warning disable CA5350 // SRP's layer signs with SHA-1.

namespace Sasl.Mechanisms.Tests;

/// <summary>What is done to sealed buffers on their way is noticed.</summary>
public sealed class SrpLayerTests
{
    private static readonly byte[] s_message = "MAIL FROM:<alice@example.com>\r\n"u8.ToArray();

    public static TheoryData<SrpMacs, string> Kinds { get; } = new()
    {
        { SrpMacs.Cyrus, "" }, { SrpMacs.Draft, "" }, { SrpMacs.Cyrus, "AES" }, { SrpMacs.Draft, "AES" }, { SrpMacs.Cyrus, "3DES" }, { SrpMacs.Draft, "DES" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_changed_truncated_and_lengthened_buffer_is_refused(SrpMacs how, string cipher)
    {
        byte[] key = RandomNumberGenerator.GetBytes(20);
        int length = SealedBuffers.Seal(Make(how, cipher, key, server: false), s_message).Length;
        for (int place = 0; place < length; place++)
        {
            byte[] packet = SealedBuffers.Seal(Make(how, cipher, key, server: false), s_message);
            Assert.Null(SealedBuffers.Open(Make(how, cipher, key, server: true), packet[..place]));
            packet[place] ^= 0x40;
            Assert.Null(SealedBuffers.Open(Make(how, cipher, key, server: true), packet));
        }
        Assert.Null(SealedBuffers.Open(Make(how, cipher, key, server: true), [.. SealedBuffers.Seal(Make(how, cipher, key, server: false), s_message), 0]));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_replayed_a_skipped_and_a_reordered_buffer_are_refused(SrpMacs how, string cipher)
    {
        byte[] key = RandomNumberGenerator.GetBytes(20);
        SrpLayer client = Make(how, cipher, key, server: false);
        byte[] first = SealedBuffers.Seal(client, s_message);
        byte[] second = SealedBuffers.Seal(client, s_message);
        SrpLayer replayed = Make(how, cipher, key, server: true);
        Assert.Equal(s_message, SealedBuffers.Open(replayed, first));
        Assert.Null(SealedBuffers.Open(replayed, first));
        Assert.Null(SealedBuffers.Open(Make(how, cipher, key, server: true), second));
        SrpLayer whole = Make(how, cipher, key, server: true);
        Assert.Equal(s_message, SealedBuffers.Open(whole, first));
        Assert.Equal(s_message, SealedBuffers.Open(whole, second));
    }

    [Fact]
    public void The_first_signature_of_the_chain_is_an_HMAC_whatever_the_length()
    {
        byte[] key = RandomNumberGenerator.GetBytes(20);
        for (int length = 0; length < 200; length++)
        {
            byte[] message = RandomNumberGenerator.GetBytes(length);
            byte[] signature = new byte[20];
            new SrpChainedMac(key).Sign(message, 0x01020304, signature);
            Assert.Equal(HMACSHA1.HashData(key, (byte[])[.. message, 1, 2, 3, 4]), signature);
        }
    }

    // What OpenSSL 3.0.22 gives for HMAC_Init_ex once, then three times HMAC_Update with what is signed here, and HMAC_Final.
    [Fact]
    public void The_chain_goes_on_as_OpenSSLs()
    {
        var mac = new SrpChainedMac("keykeykeykeykeykeyke"u8);
        foreach (string expected in (string[])["d8b210a9a20a6f2f55b2e2c916a71585a04d315a", "3b47cb9325aa97f50a466badfafde175bb900e1c", "2988ec90bb36e2fd12c5e4c134d7d9ac7d5a8d84"])
        {
            byte[] signature = new byte[20];
            mac.Sign("h"u8, 0x656c6c6f, signature);    // "hello"
            Assert.Equal(expected, Convert.ToHexStringLower(signature));
        }
    }

    private static SrpLayer Make(SrpMacs how, string cipher, byte[] key, bool server)
    {
        var choice = new SrpLayers
        {
            Macs = [SrpDigest.Of(SrpHash.Sha1)], DetectsReplay = true,
            Ciphers = SrpCipher.Find(System.Text.Encoding.ASCII.GetBytes(cipher)) is { } found ? [found] : [],
        };
        byte[] one = [.. Enumerable.Repeat((byte)1, 16)];
        byte[] two = [.. Enumerable.Repeat((byte)2, 16)];
        return new SrpLayer(choice, how, key, server ? one : two, server ? two : one, 2048, 2048);
    }
}
