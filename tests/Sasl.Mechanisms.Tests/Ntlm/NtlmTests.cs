using System.Buffers.Binary;
using System.Text;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>Our client against our server: who gets in, with which response, and what is refused.</summary>
public sealed class NtlmTests
{
    private const int LmAt = 12;
    private const int NtAt = 20;
    private const int DomainAt = 28;
    private const int UserAt = 36;

    [Theory]
    [InlineData(NtlmVersions.V2, NtlmVersions.V1 | NtlmVersions.V2, true)]
    [InlineData(NtlmVersions.V1, NtlmVersions.V1 | NtlmVersions.V2, true)]
    [InlineData(NtlmVersions.Lm, NtlmVersions.V1 | NtlmVersions.V2, false)]
    [InlineData(NtlmVersions.Lm, NtlmVersions.All, true)]
    [InlineData(NtlmVersions.V1, NtlmVersions.V2, false)]
    [InlineData(NtlmVersions.V2, NtlmVersions.V1, false)]
    [InlineData(NtlmVersions.V2, NtlmVersions.V2, true)]
    public async Task A_server_accepts_the_versions_it_is_told_to(NtlmVersions sent, NtlmVersions accepted, bool good)
    {
        using var parties = new NtlmParties(new NtlmOptions { Response = sent }, new NtlmOptions { Accepted = accepted });
        Assert.Equal(good ? SaslError.None : SaslError.InvalidCredentials, (await parties.LogInAsync()).End.Error);
    }

    // What Cyrus SASL's client sends with ntlm_v2.
    [Theory]
    [InlineData(NtlmVersions.V2, true)]
    [InlineData(NtlmVersions.V1, false)]
    public async Task An_LMv2_response_alone_is_of_the_second_version(NtlmVersions accepted, bool good)
    {
        using var parties = new NtlmParties(server: new NtlmOptions { Accepted = accepted });
        (SaslReply end, _, _, _, _) = await parties.LogInAsync(onResponse: static response => Point(response, NtAt, 0, 0));
        Assert.Equal(good ? SaslError.None : SaslError.InvalidCredentials, end.Error);
        Assert.Equal(
            SaslError.InvalidCredentials,
            (await parties.LogInAsync(onResponse: static response => { response[64] ^= 1; return Point(response, NtAt, 0, 0); })).End.Error);
    }

    [Theory]
    [InlineData("alice", "secret", "secret", true)]
    [InlineData("alice", "secret", "Secret", false)]
    [InlineData("alice", "secret", "", false)]
    [InlineData("alice", "", "", false)]
    [InlineData("zoë", "grün", "grün", true)]
    [InlineData("zoë", "grün", "grun", false)]
    [InlineData("Ω", "пароль", "пароль", true)]
    public async Task The_password_decides(string user, string stored, string password, bool accepted)
    {
        foreach (NtlmVersions version in (NtlmVersions[])[NtlmVersions.V1, NtlmVersions.V2])
        {
            using var parties = new NtlmParties(new NtlmOptions { Response = version }, user: user, stored: stored, password: password);
            (SaslReply end, string? identity, _, _, _) = await parties.LogInAsync();
            Assert.Equal(accepted ? SaslError.None : SaslError.InvalidCredentials, end.Error);
            Assert.Equal(accepted ? user : null, identity);
        }
    }

    [Fact]
    public async Task Unknown_users_and_wrong_passwords_are_told_apart_by_nobody_outside()
    {
        using var parties = new NtlmParties(password: "wrong");
        SaslError wrong = (await parties.LogInAsync()).End.Error;
        await parties.Store.RemoveAsync(new SaslUser("alice", ""), default);
        Assert.Equal(wrong, (await parties.LogInAsync()).End.Error);
    }

    [Fact]
    public void Ntlm_options_take_one_response_to_send_and_at_least_one_to_accept()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => NtlmParties.With(new NtlmOptions { Response = NtlmVersions.All }));
        Assert.Throws<ArgumentOutOfRangeException>(static () => NtlmParties.With(new NtlmOptions { Response = NtlmVersions.None }));
        Assert.Throws<ArgumentOutOfRangeException>(static () => NtlmParties.With(new NtlmOptions { Accepted = NtlmVersions.None }));
        Assert.Throws<ArgumentOutOfRangeException>(static () => NtlmParties.With(new NtlmOptions { Accepted = (NtlmVersions)8 }));
    }

    // Section 9 of the facts: Cyrus SASL read the parts of a message by lengths and places that the peer had written into it.
    [Theory]
    [InlineData(0xffff, 0u)]
    [InlineData(0xffff, 64u)]
    [InlineData(24, 0xffff_fff0u)]
    [InlineData(24, 0x8000_0000u)]
    [InlineData(24, 0x7fff_ffffu)]
    [InlineData(1, 100_000u)]
    public async Task NTLM_offsets_and_lengths_are_validated_against_the_message(int length, uint place)
    {
        foreach (int at in (int[])[LmAt, NtAt, DomainAt, UserAt])
        {
            using var parties = new NtlmParties();
            SaslReply end = (await parties.LogInAsync(onResponse: response => Point(response, at, length, place))).End;
            Assert.Equal(SaslError.Malformed, end.Error);
        }
        foreach (int at in (int[])[12, 40])
        {
            using var parties = new NtlmParties();
            Assert.Equal(SaslError.Malformed, (await parties.LogInAsync(onChallenge: challenge => Point(challenge, at, length, place))).End.Error);
        }
    }

    [Fact]
    public async Task NTLM_offsets_that_end_exactly_with_the_message_are_good_and_one_octet_more_is_not()
    {
        using var parties = new NtlmParties();
        (SaslReply good, _, _, _, byte[] response) = await parties.LogInAsync();
        Assert.True(good.IsSuccess);
        int end = BinaryPrimitives.ReadUInt16LittleEndian(response.AsSpan(UserAt)) + (int)BinaryPrimitives.ReadUInt32LittleEndian(response.AsSpan(UserAt + 4));
        Assert.Equal(response.Length, end);
        Assert.Equal(SaslError.Malformed, (await parties.LogInAsync(onResponse: static message => message[..^1])).End.Error);
    }

    [Fact]
    public async Task Every_message_that_is_cut_off_is_refused()
    {
        using var parties = new NtlmParties();
        (_, _, byte[] request, byte[] challenge, byte[] response) = await parties.LogInAsync();
        for (int length = 0; length < 16; length++)
            Assert.Equal(SaslError.Malformed, (await StartAsync(parties, request[..length])).Error);
        for (int length = 0; length < challenge.Length; length++)
            Assert.Equal(SaslError.Malformed, (await parties.LogInAsync(onChallenge: message => message[..length])).End.Error);
        for (int length = 0; length < response.Length; length++)
            Assert.Equal(SaslError.Malformed, (await parties.LogInAsync(onResponse: message => message[..length])).End.Error);
    }

    // Only the workstation, the session key, the flags, the room of parts and the LMv2 response beside an NTLMv2 response prove nothing.
    [Fact]
    public async Task No_mutation_of_what_is_proved_lets_anybody_in()
    {
        using var parties = new NtlmParties(serverNonces: new Zeros());
        byte[] response = (await parties.LogInAsync()).Response;
        byte[] covered = Covered(response)!;
        int accepted = 0;
        for (int i = 0; i < response.Length; i++)
        {
            foreach (byte bit in (byte[])[1, 0x20, 0x80])
            {
                byte[] mutated = [.. response];
                mutated[i] ^= bit;
                SaslReply end = (await parties.LogInAsync(onResponse: _ => mutated)).End;
                accepted += end.IsSuccess ? 1 : 0;
                Assert.False(end.IsSuccess && !Covered(mutated)!.AsSpan().SequenceEqual(covered), $"octet {i}, bit {bit}");
            }
        }
        Assert.InRange(accepted, 1, response.Length * 2);
    }

    [Fact]
    public async Task No_mutation_of_a_challenge_makes_a_client_throw()
    {
        using var parties = new NtlmParties();
        byte[] challenge = (await parties.LogInAsync()).Challenge;
        for (int i = 0; i < challenge.Length; i++)
        {
            foreach (byte[] mutated in (byte[][])[
                challenge[..i], [.. challenge[..i], .. challenge[(i + 1)..]], [.. challenge[..i], 0xff, .. challenge[i..]],
                [.. challenge[..i], (byte)(challenge[i] ^ 0x81), .. challenge[(i + 1)..]]])
            {
                SaslReply end = (await parties.LogInAsync(onChallenge: _ => mutated)).End;
                Assert.NotEqual(SaslStatus.Continue, end.Status);
            }
        }
    }

    [Fact]
    public async Task A_replayed_response_does_not_fit_another_challenge()
    {
        using var parties = new NtlmParties();
        byte[] response = (await parties.LogInAsync()).Response;
        Assert.Equal(SaslError.InvalidCredentials, (await parties.LogInAsync(onResponse: _ => response)).End.Error);
    }

    // What a client that knows NTLMv2 needs is given to who shows that it does; Cyrus SASL's client gets what its server would send.
    [Theory]
    [InlineData(0x0000_0207u, 0x0002_0205u, false)]
    [InlineData(0x0008_8206u, 0x0082_8206u, true)]
    [InlineData(0x0080_0207u, 0x0082_0205u, true)]
    [InlineData(0x0080_0203u, 0x0000_0201u, false)]
    [InlineData(0xffff_ffffu, 0x0082_fffdu, true)]
    public async Task The_challenge_repeats_what_the_client_can_do(uint asked, uint answered, bool hasInfo)
    {
        using var parties = new NtlmParties();
        byte[] challenge = (await StartAsync(parties, Flags(asked))).Challenge;
        Assert.Equal(answered, BinaryPrimitives.ReadUInt32LittleEndian(challenge.AsSpan(20)));
        Assert.Equal(hasInfo, BinaryPrimitives.ReadUInt16LittleEndian(challenge.AsSpan(40)) > 0);
    }

    [Fact]
    public async Task A_client_that_cannot_do_Unicode_gets_and_sends_octets()
    {
        using var parties = new NtlmParties(server: new NtlmOptions { Accepted = NtlmVersions.V2 });
        (SaslReply end, _, _, byte[] challenge, byte[] response) = await parties.LogInAsync(onRequest: static _ => Flags(0x0000_0206));
        Assert.True(end.IsSuccess);
        Assert.Contains("SRV.EXAMPLE.COM", Encoding.Latin1.GetString(challenge), StringComparison.Ordinal);
        Assert.EndsWith("SRV.EXAMPLE.COMalice", Encoding.Latin1.GetString(response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_LM_response_is_not_sent_to_a_server_that_knows_nothing_better()
    {
        using var parties = new NtlmParties(new NtlmOptions { Response = NtlmVersions.V1 });
        Assert.Equal(SaslError.MechanismTooWeak, (await parties.LogInAsync(onRequest: static _ => Flags(0x0000_0007))).End.Error);
    }

    [Fact]
    public async Task A_server_that_tells_the_time_gets_it_back_and_no_LMv2_response()
    {
        byte[] time = Convert.FromHexString("0102030405060708");
        using var parties = new NtlmParties();
        byte[] response = (await parties.LogInAsync(onChallenge: challenge => [.. Point(challenge, 40, 16, (uint)challenge.Length), 7, 0, 8, 0, .. time, 0, 0, 0, 0])).Response;
        Assert.Equal(new byte[24], response[64..88]);
        Assert.Equal(time, response[(88 + 16 + 8)..(88 + 16 + 16)]);
    }

    [Theory]
    [InlineData("0200ff00")]
    [InlineData("020000")]
    [InlineData("0300020041000500")]
    [InlineData("07000800010203040506070809")]
    public async Task Target_information_whose_pairs_do_not_end_is_refused(string pairs)
    {
        byte[] octets = Convert.FromHexString(pairs);
        using var parties = new NtlmParties();
        SaslReply end = (await parties.LogInAsync(onChallenge: challenge => [.. Point(challenge, 40, octets.Length, (uint)challenge.Length), .. octets])).End;
        Assert.Equal(SaslError.Malformed, end.Error);
    }

    [Theory]
    [InlineData("d800", "a lone surrogate")]
    [InlineData("0000", "NUL")]
    public async Task A_name_that_is_no_text_is_refused(string unit, string what)
    {
        byte[] octets = [.. Convert.FromHexString(unit).Reverse()];
        using var parties = new NtlmParties();
        SaslReply end = (await parties.LogInAsync(onResponse: response => [.. Point(response, UserAt, 2, (uint)response.Length), .. octets])).End;
        Assert.True(end.Error is SaslError.Malformed, what);
    }

    private static byte[] Flags(uint flags)
    {
        byte[] request = [.. "NTLMSSP\0"u8, 1, 0, 0, 0, .. new byte[20]];
        BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(12), flags);
        return request;
    }

    private static byte[] Point(byte[] message, int at, int length, uint place)
    {
        byte[] changed = [.. message];
        BinaryPrimitives.WriteUInt16LittleEndian(changed.AsSpan(at), (ushort)length);
        BinaryPrimitives.WriteUInt16LittleEndian(changed.AsSpan(at + 2), (ushort)length);
        BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(at + 4), place);
        return changed;
    }

    private static async Task<(SaslError Error, byte[] Challenge)> StartAsync(NtlmParties parties, byte[] request)
    {
        using SaslServerSession server = parties.Server.CreateSession(SaslChannel.Plaintext);
        SaslReply reply = await server.StartAsync(NtlmParties.Name, request);
        return (reply.Error, reply.Message?.ToArray() ?? []);
    }

    private static byte[]? Covered(byte[] message) => NtlmAuthentication.Parse(message, unicode: true, out _) is not { } read
        ? null
        : [.. read.NtResponse.Span, .. Encoding.Unicode.GetBytes(read.Domain.ToUpperInvariant()), 0, 0, .. Encoding.Unicode.GetBytes(read.User)];

    private sealed class Zeros : SaslNonceSource
    {
        public override void Fill(Span<byte> destination) => destination.Clear();
    }
}
