using System.Text;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>What either side does with messages that are not as they should be.</summary>
public sealed class DigestMessageTests
{
    private const string Good = "realm=\"r\",nonce=\"n\",qop=\"auth\",charset=utf-8,algorithm=md5-sess";

    [Theory]
    [InlineData(Good, true)]
    [InlineData(" , realm=\"r\" ,\r\n\tnonce = \"n\",, algorithm=md5-sess, ", true)]
    [InlineData("nonce=\"n\",algorithm=\"md5-sess\",new=\"thing\",other=token", true)]
    [InlineData("NONCE=\"n\",Algorithm=MD5-SESS,qop=\"auth,auth-new\"", true)]
    [InlineData("realm=\"a\",realm=\"b\",nonce=\"n\",algorithm=md5-sess", true)]
    [InlineData(Good + ",nonce=\"m\"", false)]
    [InlineData(Good + ",algorithm=md5-sess", false)]
    [InlineData(Good + ",qop=\"auth\"", false)]
    [InlineData(Good + ",charset=utf-8", false)]
    [InlineData(Good + ",maxbuf=100,maxbuf=100", false)]
    [InlineData(Good + ",stale=true,stale=true", false)]
    [InlineData(Good + ",maxbuf=16", false)]
    [InlineData(Good + ",maxbuf=16777216", false)]
    [InlineData(Good + ",maxbuf=99999999999999999999", false)]
    [InlineData(Good + ",maxbuf=-1", false)]
    [InlineData(Good + ",maxbuf=1e3", false)]
    [InlineData("realm=\"r\",nonce=\"n\",charset=utf-16,algorithm=md5-sess", false)]
    [InlineData("nonce=\"n\"", false)]
    [InlineData("algorithm=md5-sess", false)]
    [InlineData("nonce=\"\",algorithm=md5-sess", false)]
    [InlineData("nonce=\"n\",algorithm=md5", false)]
    [InlineData("nonce=\"n,algorithm=md5-sess", false)]
    [InlineData("nonce=\"n\\", false)]
    [InlineData("nonce=\"n\" algorithm=md5-sess", false)]
    [InlineData("nonce", false)]
    [InlineData("=\"n\"", false)]
    [InlineData("nonce=", false)]
    [InlineData("", false)]
    public void A_challenge_is_read_or_refused(string text, bool good)
    {
        DigestChallenge? challenge = DigestChallenge.Parse(Encoding.UTF8.GetBytes(text), out string? fault);
        Assert.Equal(good, challenge is not null);
        Assert.Equal(good, fault is null);
    }

    // CVE-2026-107161 (#889): Cyrus SASL's client allocated too little for values with many escapes.
    [Fact]
    public void A_realm_full_of_backslashes_and_quotes_goes_there_and_back()
    {
        string realm = string.Concat(Enumerable.Repeat("\\\"", 400));
        var written = new System.Buffers.ArrayBufferWriter<byte>();
        DigestChallenge.Write(written, "n"u8, realm, new DigestProtection(DigestQop.Auth, DigestMd5Ciphers.None), 0, stale: false);
        DigestChallenge read = DigestChallenge.Parse(written.WrittenSpan, out _)!;
        Assert.Equal(realm, Encoding.UTF8.GetString(read.Realm!.Value.Span));
    }

    [Fact]
    public void A_challenge_of_more_than_2047_octets_is_refused() =>
        Assert.Null(DigestChallenge.Parse(Encoding.ASCII.GetBytes(Good + ",x=\"" + new string('x', 2048) + "\""), out _));

    [Theory]
    [InlineData("nc=00000001", "nc=00000002", SaslError.InvalidCredentials)]
    [InlineData("nc=00000001", "nc=00000000", SaslError.Malformed)]
    [InlineData("nc=00000001", "nc=1", SaslError.Malformed)]
    [InlineData("nc=00000001", "nc=0000000g", SaslError.Malformed)]
    [InlineData("nc=00000001", "nc=00000001,nc=00000001", SaslError.Malformed)]
    [InlineData("qop=auth,", "qop=auth-int,", SaslError.InvalidCredentials)]
    [InlineData("qop=auth,", "qop=auth-conf,cipher=rc4,", SaslError.InvalidCredentials)]
    [InlineData("qop=auth,", "qop=auth,cipher=rc4,", SaslError.InvalidCredentials)]
    [InlineData("qop=auth,", "qop=auth,qop=auth,", SaslError.Malformed)]
    [InlineData("qop=auth,", "qop=auth,maxbuf=5,", SaslError.Malformed)]
    [InlineData("qop=auth,", "qop=auth,maxbuf=100,maxbuf=100,", SaslError.Malformed)]
    [InlineData("username=\"alice\"", "username=\"alice\",username=\"alice\"", SaslError.Malformed)]
    [InlineData("username=\"alice\"", "username=\"\"", SaslError.Malformed)]
    [InlineData("username=\"alice\"", "user=\"alice\"", SaslError.Malformed)]
    [InlineData("username=\"alice\"", "username=\"bob\"", SaslError.InvalidCredentials)]
    [InlineData("username=\"alice\"", "username=\"alice\",authzid=\"\"", SaslError.InvalidCredentials)]
    [InlineData("username=\"alice\"", "username=\"\u00ff\"", SaslError.Malformed)]
    [InlineData("realm=\"srv.example.com\"", "realm=\"srv.example.com\",realm=\"x\"", SaslError.Malformed)]
    [InlineData("realm=\"srv.example.com\",", "", SaslError.InvalidCredentials)]
    [InlineData("digest-uri=\"imap/", "digest-uri=\"smtp/", SaslError.InvalidCredentials)]
    [InlineData("digest-uri=\"imap/", "digest-uri=\"imap", SaslError.InvalidCredentials)]
    [InlineData("digest-uri=\"imap/", "digest-uri=\"imap/x\",digest-uri=\"imap/", SaslError.Malformed)]
    [InlineData("response=", "response=0", SaslError.Malformed)]
    [InlineData("charset=utf-8,", "charset=utf-7,", SaslError.Malformed)]
    [InlineData("cnonce=\"", "cnonce=\"\",x=\"", SaslError.Malformed)]
    public async Task A_response_that_was_changed_is_refused(string what, string by, SaslError error)
    {
        using var parties = new DigestParties();
        (SaslServerSession server, string response) = await HearAsync(parties);
        using (server)
        {
            Assert.Contains(what, response, StringComparison.Ordinal);
            SaslReply reply = await server.StepAsync(Encoding.Latin1.GetBytes(response.Replace(what, by, StringComparison.Ordinal)));
            Assert.Equal(error, reply.Error);
        }
    }

    [Fact]
    public async Task A_response_to_another_challenge_is_refused()
    {
        using var parties = new DigestParties();
        (SaslServerSession first, string response) = await HearAsync(parties);
        first.Dispose();
        using SaslServerSession second = parties.Server.CreateSession(SaslChannel.Plaintext);
        await second.StartAsync(DigestParties.Name);
        Assert.Equal(SaslError.InvalidCredentials, (await second.StepAsync(Encoding.Latin1.GetBytes(response))).Error);
    }

    // Upper-case digits would be another response to who compares octets.
    [Fact]
    public async Task A_response_in_upper_case_is_malformed()
    {
        using var parties = new DigestParties();
        (SaslServerSession server, string response) = await HearAsync(parties);
        using (server)
        {
            int at = response.IndexOf(",response=", StringComparison.Ordinal) + ",response=".Length;
            SaslReply reply = await server.StepAsync(Encoding.Latin1.GetBytes(response[..at] + response[at..].ToUpperInvariant().Replace('0', 'A')));
            Assert.Equal(SaslError.Malformed, reply.Error);
        }
    }

    // Each octet flipped, dropped, doubled, and every prefix. The proof does not cover charset, cipher and maxbuf (RFC 6331 says so).
    [Fact]
    public async Task No_mutation_of_what_the_proof_covers_lets_anybody_in()
    {
        using var parties = new DigestParties(serverMax: 256, clientMax: 256, sameNonce: true);
        (SaslServerSession first, string response) = await HearAsync(parties);
        first.Dispose();
        string covered = Covered(response)!;
        int accepted = 0;
        for (int i = 0; i < response.Length; i++)
        {
            foreach (string mutated in (string[])[
                response[..i], response.Remove(i, 1), response.Insert(i, response[i].ToString()), response[..i] + (char)(response[i] ^ 1) + response[(i + 1)..]])
            {
                using SaslServerSession server = parties.Server.CreateSession(SaslChannel.Plaintext);
                await server.StartAsync(DigestParties.Name);
                SaslReply reply = await server.StepAsync(Encoding.Latin1.GetBytes(mutated));
                Assert.False(reply.NeedsMore && Covered(mutated) != covered, mutated);
                accepted += reply.NeedsMore ? 1 : 0;
            }
        }
        Assert.InRange(accepted, 1, response.Length);
    }

    // The same for what a server says: never an exception, never a client that believes it is logged in.
    [Fact]
    public async Task No_mutation_of_a_challenge_makes_a_client_throw()
    {
        using var parties = new DigestParties(serverMax: 256, clientMax: 256);
        using SaslServerSession server = parties.Server.CreateSession(SaslChannel.Plaintext);
        byte[] challenge = (await server.StartAsync(DigestParties.Name)).Message!.Value.ToArray();
        for (int i = 0; i < challenge.Length; i++)
        {
            foreach (byte[] mutated in (byte[][])[
                challenge[..i], [.. challenge[..i], .. challenge[(i + 1)..]], [.. challenge[..i], challenge[i], .. challenge[i..]],
                [.. challenge[..i], (byte)(challenge[i] ^ 1), .. challenge[(i + 1)..]]])
            {
                using SaslClientSession client = parties.Client.CreateSession(SaslChannel.Plaintext);
                await client.StartAsync([DigestParties.Name]);
                SaslReply answer = await client.StepAsync(mutated);
                Assert.False(answer.IsSuccess);
            }
        }
    }

    [Fact]
    public async Task Ciphers_that_are_switched_off_are_neither_offered_nor_accepted()
    {
        using var parties = new DigestParties(serverMax: 256, clientMax: 256, options: new DigestMd5Options { Ciphers = DigestMd5Ciphers.TripleDes });
        using DigestRun run = await parties.LogInAsync();
        Assert.Contains("cipher=\"3des\"", run.Said[1], StringComparison.Ordinal);
        Assert.Equal(112, run.Client.SecurityLayer!.Ssf);
    }

    [Fact]
    public async Task Where_a_layer_is_required_none_is_no_choice()
    {
        using var parties = new DigestParties(serverMax: 256, clientMax: 256, min: 56);
        using DigestRun run = await parties.LogInAsync();
        Assert.Contains("qop=\"auth-conf\",cipher=\"rc4-56,rc4,3des\"", run.Said[1], StringComparison.Ordinal);
        Assert.Equal(128, run.Client.SecurityLayer!.Ssf);
    }

    private static string? Covered(string text) => DigestResponse.Parse(Encoding.Latin1.GetBytes(text), out _) is not { } read ? null : string.Join('|',
        ((ReadOnlyMemory<byte>[])[read.UserName, read.Realm, read.Nonce, read.ClientNonce, read.Uri, read.Digest]).Select(one => Encoding.Latin1.GetString(one.Span))
            .Append($"{read.NonceCount} {read.Qop} {read.AuthorizationId is null}"));

    private static async Task<(SaslServerSession Server, string Response)> HearAsync(DigestParties parties)
    {
        SaslServerSession server = parties.Server.CreateSession(SaslChannel.Plaintext);
        using SaslClientSession client = parties.Client.CreateSession(SaslChannel.Plaintext);
        await client.StartAsync([DigestParties.Name]);
        SaslReply challenge = await server.StartAsync(DigestParties.Name);
        SaslReply response = await client.StepAsync(challenge.Message!.Value);
        return (server, Encoding.Latin1.GetString(response.Message!.Value.Span));
    }
}
