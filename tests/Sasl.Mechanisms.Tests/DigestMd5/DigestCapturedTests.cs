using System.Buffers;
using System.Text;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>What Debian's Cyrus SASL said and sealed (../shared/cyrus-facts.md, appendix B): alice, pencil, example.com, imap/srv.example.com.</summary>
public sealed class DigestCapturedTests
{
    private const string ServerText = "srv message 1\0";
    private const string ClientText = "client message 1\0";

    private static readonly byte[] s_uri = "imap/srv.example.com"u8.ToArray();

    /// <summary>Cipher, nonce, cnonce, response, rspauth, the server's packet and the client's, both without their length.</summary>
    public static TheoryData<string, string, string, string, string, string, string> Captured { get; } = new()
    {
        {
            "rc4", "6S67LrnkV2DfnM3Ro1HX+gdEK7uhhK5QK/JC0YCfUR8=", "lSsZ07kT+lzKTPiFppsgh7w6ItTuB8dZJxz0wQaAihM=",
            "77633476ba57fea8aec09d604b850fd4", "c36523fa1f3b9c5e14295e542625784f",
            "84b522ef453088a65cced0f43eba5372e8e127feab4f565b000100000000", "19557a2d804835fa289ba347970df1c5002d954872ebbabe9a9c23000100000000"
        },
        {
            "rc4-56", "7b1GeX3o8fraxceYhbowC5GTrm9AVeyxgv9tnaAnR+c=", "94kXC1BfNkQkIDmvVhAGNcnoToaL36mVOi5h6GlS7Jc=",
            "48ea8b46d51ee9c89936a79036da5958", "bbe1634a4e0a1a5a9b69a159749debee",
            "1ec7720382c10b3bb07aa59874b2a3ee826909efd940035cfd000100000000"[2..], "fdfdf6ed84b5416306a30cd0e467cc1ef54262b20a81d5e9127918000100000000"
        },
        {
            "des", "q0XIFk/zVtQDI0ghTlxEXjpALlr0RrvxCxoncLb0s7g=", "l4oxbobVcMiWK/Pe3NRY9olksV14hxSFokQ0dsg49kE=",
            "58addb51ed0d9f617515b9b9367cac50", "ff3c118c1f3de1f5b69044fc30afe1ed",
            "41a748fc5fb3d3a4322c4ed83eaa3d50e2c362c3e67795b7b3220b597e0e9ecf000100000000",
            "8d504679db2a888d62ff05bea5fb1ec737eee1119af4200ae7dd59824640b4c9000100000000"
        },
        {
            "", "LzwmWM5jnuOuWWO4QSQSqej/sqtcZzAPgTw7j5on/Eo=", "q4FG7etUNzCvYVzvHDn2b+xBdNRGxIAXSi9ZZ8z4E+U=",
            "f090eaa8466aca47552d4c793eb4b41d", "58fd5398445e10b34729a90534c47b51",
            "737276206d6573736167652031008b722627fb25ce5d8951000100000000", "636c69656e74206d65737361676520310003f86c0c28ed2945e03c000100000000"
        },
    };

    [Theory]
    [MemberData(nameof(Captured))]
    public void Proofs_and_packets_are_those_of_Cyrus_SASL(
        string cipherName, string nonce, string clientNonce, string response, string proof, string serverPacket, string clientPacket)
    {
        DigestCipher? cipher = DigestCipher.Find(Encoding.ASCII.GetBytes(cipherName));
        byte[] key = SessionKey(nonce, clientNonce);

        Assert.Equal(response, Prove(key, nonce, clientNonce, cipher, ofServer: false));
        Assert.Equal(proof, Prove(key, nonce, clientNonce, cipher, ofServer: true));
        using var server = new DigestLayer(key, cipher, isServer: true, 2048, 2048);
        using var client = new DigestLayer(key, cipher, isServer: false, 2048, 2048);
        Assert.Equal(serverPacket, Seal(server, ServerText));
        Assert.Equal(ServerText, Open(client, serverPacket));
        Assert.Equal(clientPacket, Seal(client, ClientText));
        Assert.Equal(ClientText, Open(server, clientPacket));
    }

    // RFC 2831 section 4, the IMAP example: chris, secret, elwood.innosoft.com.
    [Fact]
    public void The_example_of_the_RFC_holds()
    {
        byte[] secret = new byte[16];
        byte[] key = new byte[16];
        byte[] client = new byte[16];
        byte[] server = new byte[16];
        DigestComputation.HashSecret("chris"u8, "elwood.innosoft.com"u8, "secret"u8, secret);
        DigestComputation.HashSession(secret, "OA6MG9tEQGm2hh"u8, "OA6MHXh6VqTrRk"u8, null, key);
        DigestComputation.Prove(key, "OA6MG9tEQGm2hh"u8, "OA6MHXh6VqTrRk"u8, 1, DigestQop.Auth, "imap/elwood.innosoft.com"u8, client, server);
        Assert.Equal("d388dad90d4bbd760a152321f2143af7", Convert.ToHexStringLower(client));
        Assert.Equal("ea40f60335c427b5527b84dbabcdfffd", Convert.ToHexStringLower(server));
    }

    private static byte[] SessionKey(string nonce, string clientNonce)
    {
        byte[] secret = new byte[16];
        byte[] key = new byte[16];
        DigestComputation.HashSecret("alice"u8, "example.com"u8, "pencil"u8, secret);
        DigestComputation.HashSession(secret, Encoding.ASCII.GetBytes(nonce), Encoding.ASCII.GetBytes(clientNonce), null, key);
        return key;
    }

    private static string Prove(byte[] key, string nonce, string clientNonce, DigestCipher? cipher, bool ofServer)
    {
        byte[] client = new byte[16];
        byte[] server = new byte[16];
        DigestComputation.Prove(
            key, Encoding.ASCII.GetBytes(nonce), Encoding.ASCII.GetBytes(clientNonce), 1, cipher is null ? DigestQop.AuthInt : DigestQop.AuthConf,
            s_uri, client, server);
        return Convert.ToHexStringLower(ofServer ? server : client);
    }

    private static string Seal(DigestLayer layer, string text)
    {
        var output = new ArrayBufferWriter<byte>();
        layer.Wrap(Encoding.ASCII.GetBytes(text), output);
        return Convert.ToHexStringLower(output.WrittenSpan);
    }

    private static string Open(DigestLayer layer, string packet)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.True(layer.TryUnwrap(Convert.FromHexString(packet), output));
        return Encoding.ASCII.GetString(output.WrittenSpan);
    }
}
