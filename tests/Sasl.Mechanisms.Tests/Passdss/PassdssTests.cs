using System.Buffers.Binary;
using System.Buffers;
using System.Security.Cryptography;
using Org.BouncyCastle.Math;
using Sasl.Testing.Layers;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>Our client against our server: who gets in, with which protection, and what is refused.</summary>
public sealed class PassdssTests
{
    private static readonly SaslMechanism s_passdss = SaslMechanisms.Passdss;
    private static readonly byte[] s_message = "MAIL FROM:<alice@example.com>\r\n"u8.ToArray();

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(256, 0, 0)]
    [InlineData(1, 256, 1)]
    [InlineData(256, 56, 1)]
    [InlineData(256, 112, 112)]
    [InlineData(256, 256, 112)]
    public async Task The_strongest_protection_that_both_allow_is_used(int serverMax, int clientMax, int ssf)
    {
        using var parties = new LayeredParties(s_passdss, serverMax: serverMax, clientMax: clientMax);
        using LayeredRun run = await parties.LogInAsync();
        Assert.True(run.Succeeded);
        Assert.Equal(ssf, run.Server.SecurityLayer?.Ssf ?? 0);
        Assert.Equal(ssf, run.Client.SecurityLayer?.Ssf ?? 0);
        if (ssf > 0)
            await LayerChecks.CarryBothWaysAsync(run.Server.SecurityLayer!, run.Client.SecurityLayer!);
    }

    [Theory]
    [InlineData("alice", "secret", "secret", true)]
    [InlineData("alice", "secret", "Secret", false)]
    [InlineData("alice", "secret", "", false)]
    [InlineData("alice", "grün", "grün", true)]
    [InlineData("alice", "a password longer than a few blocks of the cipher", "a password longer than a few blocks of the cipher", true)]
    [InlineData("bob", "secret", "secret", false)]
    public async Task The_password_decides(string user, string stored, string password, bool accepted)
    {
        using var parties = new LayeredParties(s_passdss, user: user, stored: stored, password: password);
        using LayeredRun run = await parties.LogInAsync();
        Assert.Equal(accepted, run.Succeeded);
        Assert.Equal(accepted ? SaslError.None : SaslError.InvalidCredentials, run.ServerEnd.Error);
    }

    [Fact]
    public async Task An_authorization_id_is_asked_for()
    {
        using var parties = new LayeredParties(s_passdss, authzid: "bob");
        using LayeredRun run = await parties.LogInAsync();
        Assert.Equal(SaslError.NotAuthorized, run.ServerEnd.Error);
    }

    [Theory]
    [InlineData(256, 0, 1, 256)]
    [InlineData(256, 113, 256, 0)]
    public async Task A_strength_that_the_other_side_does_not_have_is_missed(int serverMax, int serverMin, int clientMax, int clientMin)
    {
        using var parties = new LayeredParties(s_passdss, serverMax: serverMax, serverMin: serverMin, clientMax: clientMax, clientMin: clientMin);
        using SaslClientSession client = parties.Client.CreateSession(SaslChannel.Plaintext);
        using SaslServerSession server = parties.Server.CreateSession(SaslChannel.Plaintext);
        SaslReply start = await client.StartAsync(["PASSDSS-3DES-1"]);
        SaslReply heard = start.Status is SaslStatus.Failure ? start : await server.StartAsync("PASSDSS-3DES-1", start.Message!.Value.ToArray());
        SaslReply end = heard.Status is SaslStatus.Failure ? heard : await client.StepAsync(heard.Message!.Value.ToArray());
        Assert.Equal(SaslStatus.Failure, end.Status);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(-2)]
    public async Task A_public_key_that_gives_a_known_secret_is_refused_by_either_side(int which)
    {
        BigInteger key = which >= 0 ? BigInteger.ValueOf(which) : PassdssGroup.Prime.Add(BigInteger.ValueOf(which + 1));
        using var parties = new LayeredParties(s_passdss);
        using SaslServerSession server = parties.Server.CreateSession(SaslChannel.Plaintext);
        var first = new ArrayBufferWriter<byte>();
        PassdssBuffer.AddString(first, default);
        PassdssBuffer.AddString(first, "alice"u8);
        PassdssBuffer.AddNumber(first, key);
        Assert.Equal(SaslError.InvalidCredentials, (await server.StartAsync("PASSDSS-3DES-1", first.WrittenSpan.ToArray())).Error);
        using LayeredRun run = await parties.LogInAsync((number, message) => number == 1 ? WithServerKey(message, key) : message);
        Assert.Equal(SaslError.ServerNotAuthentic, run.ClientEnd.Error);
    }

    // The client's proof covers all that was said; the signature, what the server has said and what the client had.
    [Fact]
    public async Task No_mutation_lets_anybody_in()
    {
        using var parties = new LayeredParties(s_passdss, serverMax: 256, clientMax: 256);
        using LayeredRun good = await parties.LogInAsync();
        for (int which = 0; which < 3; which++)
        {
            for (int place = 0; place < good.Said[which].Length; place += which == 1 ? 17 : 3)
            {
                using LayeredRun run = await parties.LogInAsync((number, message) =>
                    number == which && place < message.Length ? [.. message[..place], (byte)(message[place] ^ 0x20), .. message[(place + 1)..]] : message);
                Assert.False(run.Succeeded, $"message {which}, octet {place}");
            }
        }
    }

    [Fact]
    public async Task Messages_that_are_cut_off_are_malformed()
    {
        using var parties = new LayeredParties(s_passdss);
        using LayeredRun good = await parties.LogInAsync();
        foreach (int which in (int[])[0, 1, 2])
        {
            for (int length = 1; length < good.Said[which].Length; length += 7)
            {
                using LayeredRun run = await parties.LogInAsync((number, message) => number == which ? message[..Math.Min(length, message.Length - 1)] : message);
                Assert.False(run.Succeeded);
                Assert.True(run.ServerEnd.Error is SaslError.Malformed || run.ClientEnd.Error is SaslError.Malformed, $"message {which}, {length} octets");
            }
        }
    }

    // Section 9 of the facts: Cyrus SASL believes the last octet of what it has decrypted, and subtracts it and 20 from a length that may be less.
    [Theory]
    [InlineData(24, 8)]
    [InlineData(24, 200)]
    [InlineData(24, 255)]
    [InlineData(24, 4)]
    [InlineData(32, 12)]
    public void PASSDSS_pad_is_validated_against_the_packet(int length, byte last)
    {
        byte[] key = RandomNumberGenerator.GetBytes(24);
        byte[] vector = new byte[8];
        byte[] packet = new byte[length];
        packet[^1] = last;
        new PassdssCipher(key, vector, encrypt: true).Apply(packet);
        using var layer = new PassdssLayer(new byte[20], new byte[20], new PassdssCipher(key, vector, encrypt: true), new PassdssCipher(key, vector, encrypt: false), 2048, 2048);
        Assert.Null(SealedBuffers.Open(layer, packet));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(20)]
    [InlineData(23)]
    public void PASSDSS_packets_shorter_than_their_parts_are_refused(int length)
    {
        foreach (bool isEncrypted in (bool[])[true, false])
        {
            if (isEncrypted || length < 20)
                Assert.Null(SealedBuffers.Open(Layer(new byte[24], isEncrypted, server: true), new byte[length]));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_changed_truncated_lengthened_replayed_and_reordered_buffer_is_refused(bool isEncrypted)
    {
        byte[] key = RandomNumberGenerator.GetBytes(24);
        PassdssLayer client = Layer(key, isEncrypted, server: false);
        byte[] first = SealedBuffers.Seal(client, s_message);
        byte[] second = SealedBuffers.Seal(client, s_message);
        for (int place = 0; place < first.Length; place++)
        {
            byte[] changed = [.. first];
            changed[place] ^= 0x40;
            Assert.Null(SealedBuffers.Open(Layer(key, isEncrypted, server: true), changed));
            Assert.Null(SealedBuffers.Open(Layer(key, isEncrypted, server: true), first[..place]));
        }
        Assert.Null(SealedBuffers.Open(Layer(key, isEncrypted, server: true), [.. first, 0]));
        Assert.Null(SealedBuffers.Open(Layer(key, isEncrypted, server: true), second));
        PassdssLayer server = Layer(key, isEncrypted, server: true);
        Assert.Equal(s_message, SealedBuffers.Open(server, first));
        Assert.Null(SealedBuffers.Open(server, first));
        PassdssLayer whole = Layer(key, isEncrypted, server: true);
        Assert.Equal(s_message, SealedBuffers.Open(whole, first));
        Assert.Equal(s_message, SealedBuffers.Open(whole, second));
    }

    private static PassdssLayer Layer(byte[] key, bool isEncrypted, bool server)
    {
        byte[] one = [.. Enumerable.Repeat((byte)1, 20)];
        byte[] two = [.. Enumerable.Repeat((byte)2, 20)];
        PassdssCipher? encrypt = isEncrypted ? new PassdssCipher(key, new byte[8], encrypt: true) : null;
        PassdssCipher? decrypt = isEncrypted ? new PassdssCipher(key, new byte[8], encrypt: false) : null;
        return new PassdssLayer(server ? two : one, server ? one : two, encrypt, decrypt, 2048, 2048);
    }

    private static byte[] WithServerKey(byte[] message, BigInteger key)
    {
        int at = 4 + BinaryPrimitives.ReadInt32BigEndian(message);
        int length = BinaryPrimitives.ReadInt32BigEndian(message.AsSpan(at));
        var changed = new ArrayBufferWriter<byte>();
        changed.Write(message.AsSpan(0, at));
        PassdssBuffer.AddNumber(changed, key);
        changed.Write(message.AsSpan(at + 4 + length));
        return changed.WrittenSpan.ToArray();
    }
}
