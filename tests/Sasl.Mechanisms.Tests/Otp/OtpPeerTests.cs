using System.Text;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>Message by message with the server of Cyrus SASL, on the sequence that its saslpasswd2 has made; with its client in Postfix, see RealClientsTests.</summary>
public sealed class OtpPeerTests
{
    [PeerFact("sasl-sample-server", "saslpasswd2")]
    public async Task Cyrus_SASL_lets_our_client_in_with_the_right_pass_phrase_only_and_again_with_the_next_password()
    {
        await using CyrusSample cyrus = await CyrusSample.StartAsync("OTP");
        string first = await LogInAsync(cyrus, "secret", succeeds: true);
        string second = await LogInAsync(cyrus, "secret", succeeds: true);
        Assert.StartsWith("otp-md5 498 ", first, StringComparison.Ordinal);
        Assert.StartsWith("otp-md5 497 ", second, StringComparison.Ordinal);
        await LogInAsync(cyrus, "not it", succeeds: false);
        InteropLog.Worked("OTP", InteropPeer.CyrusSample, OurSide.Client, "md5");
    }

    [PeerFact("sasl-sample-server", "saslpasswd2")]
    public async Task Cyrus_SASL_takes_over_a_new_sequence_of_our_client()
    {
        await using CyrusSample cyrus = await CyrusSample.StartAsync("OTP");
        await LogInAsync(cyrus, "secret", succeeds: true, renewBelow: OtpOptions.MaxSequence);
        string next = await LogInAsync(cyrus, "secret", succeeds: true);
        Assert.Matches(@"\Aotp-md5 498 lo[0-9]{4} ext", next);    // the seed that the client made of "localhost"
        InteropLog.Worked("OTP", InteropPeer.CyrusSample, OurSide.Client, "init-hex");
    }

    [PeerFact("sasl-sample-server", "saslpasswd2")]
    public async Task Cyrus_SASL_takes_six_words_that_somebody_types_and_a_new_sequence_in_words()
    {
        await using CyrusSample cyrus = await CyrusSample.StartAsync("OTP");
        string first = await LogInAsync(cyrus, "", succeeds: true, type: static asked => OtpText.ToWords(Password(asked)));
        Assert.StartsWith("otp-md5 498 ", first, StringComparison.Ordinal);
        await LogInAsync(cyrus, "", succeeds: false, type: static asked => OtpText.ToWords(Password(asked with { Seed = "other1" })));
        await LogInAsync(cyrus, "", succeeds: true, type: static asked =>
        {
            OtpParameters next = asked with { Sequence = 100, Seed = "words1" };
            return $"init-word:{OtpText.ToWords(Password(asked))}:{next}:{OtpText.ToWords(Password(next))}";
        });
        Assert.StartsWith("otp-md5 99 words1 ", await LogInAsync(cyrus, "secret", succeeds: true), StringComparison.Ordinal);
        InteropLog.Worked("OTP", InteropPeer.CyrusSample, OurSide.Client, "word");
    }

    private static byte[] Password(OtpParameters asked)
    {
        byte[] password = new byte[OtpHash.Length];
        OtpHash.Compute(asked.Algorithm, "secret"u8, asked.Seed, asked.Sequence, password);
        return password;
    }

    // Returns the challenge. Without a pass phrase somebody types the answer.
    private static async Task<string> LogInAsync(
        CyrusSample cyrus, string passPhrase, bool succeeds, int renewBelow = 0, Func<OtpParameters, string>? type = null)
    {
        await using SamplePeer peer = cyrus.StartServer();
        Assert.Equal("OTP", Encoding.ASCII.GetString((await peer.ReceiveAsync())!));
        using SaslSecret password = SaslSecret.FromText(passPhrase);
        using var client = new SaslClient(new SaslClientOptions
        {
            Service = "sample",
            ServerName = "localhost",
            Mechanisms = SaslMechanisms.Create(new SaslMechanismOptions { Otp = new OtpOptions { RenewBelow = renewBelow } }),
            Policy = new SaslPolicy { Allow = ["OTP"] },
            UserName = "alice",
            Password = type is null ? password : null,
            Prompt = type is null ? null : (challenge, _) => new(SaslSecret.FromText(type(OtpChallenge.Parse(Encoding.ASCII.GetBytes(challenge))!))),
        });
        using SaslClientSession session = client.CreateSession(SaslChannel.Plaintext);
        SaslReply reply = await session.StartAsync(["OTP"]);
        await peer.SendAsync((byte[])[.. "OTP\0"u8, .. reply.Message!.Value.Span]);
        byte[] challenge = (await peer.ReceiveAsync())!;
        await peer.SendAsync((await session.StepAsync(challenge)).Message!.Value);
        byte[]? greeting = await peer.ReceiveAsync();    // it sends a message when it has let somebody in, and ends when not
        if (greeting is not null)
            await peer.SendAsync("client message 1\0"u8.ToArray());
        PeerResult result = await peer.FinishAsync();
        Assert.True(succeeds == result.Succeeded, result.Transcript);
        Assert.Equal(succeeds, result.Transcript.Contains("Username: alice", StringComparison.Ordinal));
        return Encoding.ASCII.GetString(challenge);
    }
}
