using System.Buffers;
using System.Text;
using Org.BouncyCastle.Math;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>Our client against our server: who gets in, with which protection, and which numbers are refused.</summary>
public sealed class SrpTests
{
    private static readonly SaslMechanism s_srp = SaslMechanisms.Srp;

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(256, 0, 0)]
    [InlineData(0, 256, 0)]
    [InlineData(1, 256, 1)]
    [InlineData(256, 1, 1)]
    [InlineData(56, 256, 56)]
    [InlineData(256, 112, 112)]
    [InlineData(256, 256, 128)]
    public async Task The_strongest_protection_that_both_allow_is_used(int serverMax, int clientMax, int ssf)
    {
        using var parties = new LayeredParties(s_srp, serverMax: serverMax, clientMax: clientMax);
        using LayeredRun run = await parties.LogInAsync();
        Assert.True(run.Succeeded);
        Assert.Equal(ssf, run.Server.SecurityLayer?.Ssf ?? 0);
        Assert.Equal(ssf, run.Client.SecurityLayer?.Ssf ?? 0);
        if (ssf > 0)
            await LayerChecks.CarryBothWaysAsync(run.Server.SecurityLayer!, run.Client.SecurityLayer!);
    }

    [Theory]
    [InlineData(SrpCiphers.Des, 56)]
    [InlineData(SrpCiphers.TripleDes, 112)]
    [InlineData(SrpCiphers.Aes, 128)]
    [InlineData(SrpCiphers.Blowfish, 128)]
    [InlineData(SrpCiphers.Cast128, 128)]
    [InlineData(SrpCiphers.Idea, 128)]
    public async Task Every_cipher_carries_messages_signed_in_either_way(SrpCiphers cipher, int ssf)
    {
        foreach (SrpMacs macs in (SrpMacs[])[SrpMacs.Cyrus, SrpMacs.Draft])
        {
            using var parties = new LayeredParties(With(new SrpOptions { Ciphers = cipher, Macs = macs }), serverMax: 256, clientMax: 256);
            using LayeredRun run = await parties.LogInAsync();
            Assert.Equal(ssf, run.Client.SecurityLayer!.Ssf);
            await LayerChecks.CarryBothWaysAsync(run.Server.SecurityLayer!, run.Client.SecurityLayer!);
        }
    }

    [Theory]
    [InlineData("alice", "secret", "secret", true)]
    [InlineData("alice", "secret", "Secret", false)]
    [InlineData("alice", "secret", "", false)]
    [InlineData("alice", "grün", "grün", true)]
    [InlineData("bob", "secret", "secret", false)]
    public async Task The_password_decides(string user, string stored, string password, bool accepted)
    {
        foreach (SrpHash hash in Enum.GetValues<SrpHash>())
        {
            using var parties = new LayeredParties(With(new SrpOptions { Hash = hash }), user: user, stored: stored, password: password);
            using LayeredRun run = await parties.LogInAsync();
            Assert.Equal(accepted, run.Succeeded);
            Assert.Equal(accepted ? SaslError.None : SaslError.InvalidCredentials, run.ServerEnd.Error);
        }
    }

    [Theory]
    [InlineData(SrpHash.Sha1)]
    [InlineData(SrpHash.RipeMd160)]
    [InlineData(SrpHash.Md5)]
    public async Task The_stored_verifier_is_enough_for_who_logs_in_with_the_whole_name(SrpHash hash)
    {
        var alice = new SaslUser("alice", "example.com");
        SaslPropertyValue secret = Assert.Single(With(new SrpOptions { Hash = hash }).DeriveSecrets!(alice, "secret"u8));
        Assert.Equal("cmusaslsecretSRP", secret.Name);
        foreach ((string name, string password, bool accepted) in ((string, string, bool)[])[("alice@example.com", "secret", true), ("alice@example.com", "wrong", false), ("alice", "secret", false)])
        {
            using var parties = new LayeredParties(s_srp, user: name, password: password, realm: "example.com", stored: "");
            parties.Store.Add(alice, secret.Name, secret.Value!.Value.Span);
            using LayeredRun run = await parties.LogInAsync();
            Assert.Equal(accepted, run.Succeeded);
        }
    }

    [Fact]
    public async Task With_a_stored_password_beside_the_verifier_the_short_name_is_enough()
    {
        var alice = new SaslUser("alice", "example.com");
        SaslPropertyValue secret = s_srp.DeriveSecrets!(alice, "secret"u8)[0];
        using var parties = new LayeredParties(s_srp, realm: "example.com");
        parties.Store.Add(alice, secret.Name, secret.Value!.Value.Span);
        using LayeredRun run = await parties.LogInAsync();
        Assert.True(run.Succeeded);
    }

    [Theory]
    [InlineData("")]
    [InlineData("!")]
    [InlineData("AAAA")]
    [InlineData("AAAADAAFU0hBLTEAAQABAA==")]
    public void A_stored_value_that_is_no_verifier_is_not_used(string stored) => Assert.Null(SrpStoredForm.Parse(Encoding.ASCII.GetBytes(stored), SrpGroup.Largest));

    // #896: with A a multiple of N the shared secret is 0, and everybody knows K.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task SRP_A_that_is_0_mod_N_logs_nobody_in(int multiple)
    {
        BigInteger key = SrpGroup.Largest.Prime.Multiply(BigInteger.ValueOf(multiple));
        using var parties = new LayeredParties(s_srp);
        using SaslServerSession server = parties.Server.CreateSession(SaslChannel.Plaintext);
        byte[] names = Message(new SrpBuffer().AddText("alice"u8).AddText("alice"u8).AddText(default).AddOctets(default));
        SaslReply challenge = await server.StartAsync("SRP", names);
        (byte[] salt, BigInteger serverKey, byte[] list) = ReadChallenge(challenge.Message!.Value.Span);
        var computation = new SrpComputation(SrpGroup.Largest, SrpDigest.Of(SrpHash.Sha1));
        byte[] sessionKey = computation.Digest.Compute(default(ReadOnlyMemory<byte>));
        byte[] proof = computation.ClientProof("alice"u8.ToArray(), "alice"u8.ToArray(), salt, key, serverKey, sessionKey, list);
        SaslReply end = await server.StepAsync(Message(new SrpBuffer().AddNumber(key).AddOctets(proof).AddText("mda=SHA-1"u8).AddOctets(new byte[16])));
        Assert.Equal(SaslStatus.Failure, end.Status);
        Assert.Null(server.Identity);
    }

    [Fact]
    public async Task SRP_A_v_to_the_u_that_is_1_or_minus_1_logs_nobody_in()
    {
        // Whoever knew v could choose A so; u depends on A, so that it is only the check itself that can be shown.
        SrpGroup group = SrpGroup.Largest;
        var computation = new SrpComputation(group, SrpDigest.Of(SrpHash.Sha1));
        BigInteger serverKey = BigInteger.ValueOf(5);
        Assert.Null(computation.ServerSessionKey(BigInteger.One, serverKey, BigInteger.One, BigInteger.Three));
        Assert.Null(computation.ServerSessionKey(group.Prime.Subtract(BigInteger.One), serverKey, BigInteger.One, BigInteger.Three));
        Assert.NotNull(computation.ServerSessionKey(BigInteger.Two, serverKey, BigInteger.One, BigInteger.Three));
        await Task.CompletedTask;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task SRP_B_that_is_0_mod_N_is_refused_by_the_client(int multiple)
    {
        BigInteger key = SrpGroup.Largest.Prime.Multiply(BigInteger.ValueOf(multiple));
        using var parties = new LayeredParties(s_srp);
        using LayeredRun run = await parties.LogInAsync((number, message) => number == 1 ? Challenge(SrpGroup.Largest.Prime, BigInteger.Two, key, "mda=SHA-1") : message);
        Assert.Equal(SaslError.ServerNotAuthentic, run.ClientEnd.Error);
    }

    [Theory]
    [InlineData(0, 2, 1024, false)]
    [InlineData(4, 2, 1024, false)]
    [InlineData(5, 2, 1024, true)]
    [InlineData(8, 2, 2048, true)]
    [InlineData(8, 3, 1024, false)]
    [InlineData(0, 2, 257, true)]
    public async Task Only_groups_of_the_table_that_are_large_enough_are_used(int index, int generator, int minBits, bool good)
    {
        BigInteger prime = SrpGroup.All[index].Prime;
        using var parties = new LayeredParties(s_srp, With(new SrpOptions { MinGroupBits = minBits }));
        using SaslClientSession client = parties.Client.CreateSession(SaslChannel.Plaintext);
        await client.StartAsync(["SRP"]);
        SaslReply answer = await client.StepAsync(Challenge(prime, BigInteger.ValueOf(generator), BigInteger.ValueOf(77), "mda=SHA-1"));
        Assert.Equal(good ? SaslError.None : SaslError.MechanismTooWeak, answer.Error);
        Assert.Equal(SaslError.MechanismTooWeak, (await Fresh(parties, Challenge(prime.Add(BigInteger.Two), BigInteger.Two, BigInteger.ValueOf(77), "mda=SHA-1"))).Error);
    }

    [Theory]
    [InlineData("mda=SHA-1,mda=SHA-1")]
    [InlineData("mda=MD5")]
    [InlineData("replay_detection,integrity=HMAC-SHA-1")]
    [InlineData("mda=SHA-1,integrity=HMAC-SHA-1")]
    [InlineData("mda=SHA-1,confidentiality=AES")]
    [InlineData("mda=SHA-1,replay_detection,confidentiality=AES")]
    [InlineData("mda=SHA-1,replay_detection")]
    [InlineData("mda=SHA-1,replay_detection,replay_detection,integrity=HMAC-SHA-1")]
    [InlineData("mda=SHA-1,replay_detection,integrity=HMAC-MD5")]
    [InlineData("mda=SHA-1,replay_detection,integrity=HMAC-SHA-1,confidentiality=IDEA")]
    [InlineData("mda=SHA-1,replay_detection,integrity=HMAC-SHA-1,confidentiality=AES,confidentiality=DES")]
    [InlineData("mda=SHA-1,replay_detection,integrity=HMAC-SHA-1,maxbuffersize=24")]
    [InlineData("mda=SHA-1,replay_detection,integrity=HMAC-SHA-1,maxbuffersize=2147483644")]
    [InlineData("mda=SHA-1,replay_detection,integrity=HMAC-SHA-1,maxbuffersize=-1")]
    [InlineData("mda=SHA-1,replay_detection,integrity=HMAC-SHA-1,maxbuffersize=100,maxbuffersize=100")]
    [InlineData("mda=SHA-1,mandatory=nothing")]
    public async Task A_choice_that_was_not_offered_or_protects_by_halves_is_refused(string choice)
    {
        using var parties = new LayeredParties(s_srp, serverMax: 256, clientMax: 256);
        using LayeredRun run = await parties.LogInAsync((number, message) => number == 2 ? WithChoice(message, choice) : message);
        Assert.Equal(SaslStatus.Failure, run.ServerEnd.Status);
    }

    [Fact]
    public async Task What_the_server_insists_on_cannot_be_left_out()
    {
        using var parties = new LayeredParties(s_srp, serverMax: 256, clientMax: 256, serverMin: 112);
        using LayeredRun good = await parties.LogInAsync();
        Assert.True(good.Succeeded);
        Assert.Contains("mandatory=replay_detection,mandatory=integrity,mandatory=confidentiality", Encoding.Latin1.GetString(good.Said[1]), StringComparison.Ordinal);
        foreach (string choice in (string[])["mda=SHA-1", "mda=SHA-1,replay_detection,integrity=HMAC-SHA-1"])
        {
            using LayeredRun run = await parties.LogInAsync((number, message) => number == 2 ? WithChoice(message, choice) : message);
            Assert.Equal(SaslError.InvalidCredentials, run.ServerEnd.Error);
        }
        using var without = new LayeredParties(s_srp, serverMax: 256, clientMax: 1, serverMin: 112);
        using LayeredRun weak = await without.LogInAsync();
        Assert.Equal(SaslError.MechanismTooWeak, weak.ClientEnd.Error);
    }

    // The offer is part of the client's proof: who takes ciphers out of it is noticed.
    [Fact]
    public async Task An_offer_that_was_changed_on_the_way_is_noticed()
    {
        using var parties = new LayeredParties(s_srp, serverMax: 256, clientMax: 256);
        using LayeredRun run = await parties.LogInAsync(static (number, message) => number == 1 ? Replace(message, "confidentiality=AES", "confidentiality=XXX") : message);
        Assert.Equal(SaslError.InvalidCredentials, run.ServerEnd.Error);
    }

    [Fact]
    public async Task One_vector_for_both_directions_is_refused_by_either_side()
    {
        using var server = new LayeredParties(s_srp, serverMax: 256, clientMax: 256, serverNonces: new FixedNonces("0123456789abcdef"), clientNonces: new FixedNonces("0123456789abcdef"));
        using LayeredRun run = await server.LogInAsync();
        Assert.Equal(SaslError.InvalidCredentials, run.ServerEnd.Error);
        using var client = new LayeredParties(s_srp, serverMax: 256, clientMax: 256, clientNonces: new FixedNonces("0123456789abcdef"));
        using LayeredRun other = await client.LogInAsync(static (number, message) =>
            number == 3 ? [.. message[..(4 + 1 + 20 + 1)], .. "0123456789abcdef"u8, .. message[(4 + 1 + 20 + 1 + 16)..]] : message);
        Assert.Equal(SaslError.ServerNotAuthentic, other.ClientEnd.Error);
    }

    [Fact]
    public async Task Unknown_users_and_wrong_passwords_are_told_apart_by_nobody_outside()
    {
        using var parties = new LayeredParties(s_srp, password: "wrong");
        using LayeredRun wrong = await parties.LogInAsync();
        using LayeredRun again = await parties.LogInAsync();
        await parties.Store.RemoveAsync(new SaslUser("alice", ""), default);
        using LayeredRun unknown = await parties.LogInAsync();
        Assert.Equal(wrong.ServerEnd.Error, unknown.ServerEnd.Error);
        Assert.Equal(wrong.Said.Count, unknown.Said.Count);
        Assert.Equal(ReadChallenge(wrong.Said[1]).Salt, ReadChallenge(again.Said[1]).Salt);
        Assert.Equal(wrong.Said[1].Length, unknown.Said[1].Length);
    }

    [Fact]
    public async Task An_authorization_id_is_asked_for()
    {
        using var parties = new LayeredParties(s_srp, authzid: "bob");
        using LayeredRun run = await parties.LogInAsync();
        Assert.Equal(SaslError.NotAuthorized, run.ServerEnd.Error);
    }

    [Fact]
    public async Task The_client_believes_no_server_without_its_proof()
    {
        using var parties = new LayeredParties(s_srp);
        using LayeredRun run = await parties.LogInAsync(static (number, message) => number == 3 ? [.. message[..10], (byte)(message[10] ^ 1), .. message[11..]] : message);
        Assert.Equal(SaslError.ServerNotAuthentic, run.ClientEnd.Error);
        using SaslClientSession client = parties.Client.CreateSession(SaslChannel.Plaintext);
        await client.StartAsync(["SRP"]);
        await client.StepAsync(run.Said[1]);
        Assert.Equal(SaslError.ServerNotAuthentic, (await client.CompleteAsync(null)).Error);
    }

    // One octet of each message changed, dropped and added; the names, the session and the nonce of the first are not all proved.
    [Fact]
    public async Task No_mutation_lets_anybody_in_who_would_be_somebody_else()
    {
        using var parties = new LayeredParties(s_srp, With(new SrpOptions { MinGroupBits = 1024 }), serverMax: 256, clientMax: 256);
        using LayeredRun good = await parties.LogInAsync();
        for (int which = 0; which < 4; which++)
        {
            int step = which == 0 ? 1 : 23;
            for (int place = 0; place < good.Said[which].Length; place += step)
            {
                using LayeredRun run = await parties.LogInAsync((number, message) =>
                    number == which && place < message.Length ? [.. message[..place], (byte)(message[place] ^ 0x20), .. message[(place + 1)..]] : message);
                // The vectors prove nothing; what they damage is found by the first message.
                bool isVector = which is 2 or 3 && place >= 4 + 1 + 20 + 1;
                Assert.True(!run.Succeeded || which == 0 || isVector, $"message {which}, octet {place}");
                if (run.Succeeded)
                    Assert.Equal("alice", run.Server.Identity!.Authorized.Name);
            }
        }
    }

    [Fact]
    public async Task Messages_that_are_cut_off_or_longer_than_they_say_are_malformed()
    {
        using var parties = new LayeredParties(s_srp);
        using LayeredRun good = await parties.LogInAsync();
        for (int length = 0; length < good.Said[0].Length; length++)
        {
            using SaslServerSession server = parties.Server.CreateSession(SaslChannel.Plaintext);
            if (length > 0)
                Assert.Equal(SaslError.Malformed, (await server.StartAsync("SRP", good.Said[0][..length])).Error);
        }
        for (int length = 1; length < good.Said[2].Length; length += 13)
        {
            using LayeredRun run = await parties.LogInAsync((number, message) => number == 2 ? message[..length] : message);
            Assert.Equal(SaslError.Malformed, run.ServerEnd.Error);
        }
        using LayeredRun longer = await parties.LogInAsync(static (number, message) => number == 2 ? [.. message, 0] : message);
        Assert.Equal(SaslError.Malformed, longer.ServerEnd.Error);
    }

    // vectors.json, srp-sasl-derived: the inputs of RFC 5054 appendix B through the formulas of the draft.
    [Fact]
    public void The_numbers_of_RFC_5054_give_what_the_draft_makes_of_them()
    {
        SrpGroup group = SrpGroup.All[5];
        var computation = new SrpComputation(group, SrpDigest.Of(SrpHash.Sha1));
        BigInteger x = computation.SecretExponent("alice"u8.ToArray(), "password123"u8.ToArray(), Convert.FromHexString("beb25379d1a8581eb5a727673a2441ee"));
        Assert.Equal("94b7555aabe9127cc58ccf4993db6cf84d16c124", x.ToString(16));
        var a = new BigInteger("60975527035cf2ad1989806f0407210bc81edc04e2762a56afd529ddda2d4393", 16);
        var b = new BigInteger("e487cb59d31ac550471e81f00f6928e01dda08e974a004f49e61f5d105284d20", 16);
        BigInteger v = group.Raise(x);
        BigInteger clientKey = group.Raise(a);
        BigInteger serverKey = computation.ServerPublicKey(v, b);
        Assert.StartsWith("61d5e490f6f1b79547b0704c436f523d", clientKey.ToString(16), StringComparison.Ordinal);
        Assert.StartsWith("5d59d8f5c8f4ee9da52e38825e50a75a", serverKey.ToString(16), StringComparison.Ordinal);
        Assert.Equal("decf10cd6cca5869a6083c8858cc3d60b3a5e33d", computation.Scramble(clientKey, serverKey).ToString(16));
        Assert.Equal("a57c9793093100e198cd66edca07007e7d4b011e", Convert.ToHexStringLower(computation.ServerSessionKey(clientKey, serverKey, v, b)!));
        Assert.Equal("a57c9793093100e198cd66edca07007e7d4b011e", Convert.ToHexStringLower(computation.ClientSessionKey(clientKey, serverKey, x, a)!));
    }

    private static SaslMechanism With(SrpOptions options) =>
        SaslMechanisms.Create(new SaslMechanismOptions { Srp = options }).First(static one => one.Name == "SRP");

    private static async Task<SaslReply> Fresh(LayeredParties parties, byte[] challenge)
    {
        using SaslClientSession client = parties.Client.CreateSession(SaslChannel.Plaintext);
        await client.StartAsync(["SRP"]);
        return await client.StepAsync(challenge);
    }

    private static byte[] Challenge(BigInteger prime, BigInteger generator, BigInteger key, string list) => Message(
        new SrpBuffer().Add(0).AddNumber(prime).AddNumber(generator).AddOctets(new byte[16]).AddNumber(key).AddText(Encoding.ASCII.GetBytes(list)));

    private static byte[] WithChoice(byte[] message, string choice)
    {
        var reader = new SrpReader(message);
        BigInteger key = reader.ReadNumber();
        byte[] proof = reader.ReadOctets().ToArray();
        reader.ReadText();
        return Message(new SrpBuffer().AddNumber(key).AddOctets(proof).AddText(Encoding.ASCII.GetBytes(choice)).AddOctets(reader.ReadOctets()));
    }

    private static (byte[] Salt, BigInteger Key, byte[] List) ReadChallenge(ReadOnlySpan<byte> message)
    {
        var reader = new SrpReader(message);
        reader.ReadOctet();
        reader.ReadNumber();
        reader.ReadNumber();
        byte[] salt = reader.ReadOctets().ToArray();
        BigInteger key = reader.ReadNumber();
        return (salt, key, reader.ReadText().ToArray());
    }

    private static byte[] Replace(byte[] message, string what, string by) =>
        Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(message).Replace(what, by, StringComparison.Ordinal));

    private static byte[] Message(SrpBuffer buffer)
    {
        var output = new ArrayBufferWriter<byte>();
        buffer.WriteTo(output);
        return output.WrittenSpan.ToArray();
    }
}
