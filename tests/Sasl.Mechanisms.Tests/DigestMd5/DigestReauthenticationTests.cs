using System.Text;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>Subsequent authentication, RFC 2831 section 2.2.</summary>
public sealed class DigestReauthenticationTests
{
    private static readonly DigestMd5Options s_remembering = new() { ReauthenticationTimeout = TimeSpan.FromMinutes(10) };

    [Fact]
    public async Task The_second_login_needs_no_challenge_and_counts_on()
    {
        using var parties = new DigestParties(options: s_remembering);
        using DigestRun first = await parties.LogInAsync();
        using DigestRun second = await parties.LogInAsync();
        using DigestRun third = await parties.LogInAsync();
        Assert.Equal("C:", first.Said[0]);
        Assert.Contains("nc=00000002", second.Said[0], StringComparison.Ordinal);
        Assert.StartsWith("S: rspauth=", second.Said[1], StringComparison.Ordinal);
        Assert.Contains("nc=00000003", third.Said[0], StringComparison.Ordinal);
        Assert.True(first.Succeeded && second.Succeeded && third.Succeeded);
    }

    [Fact]
    public async Task A_nonce_that_is_too_old_is_stale_and_the_login_goes_on_with_a_new_one()
    {
        using var parties = new DigestParties(options: s_remembering);
        using (await parties.LogInAsync())
        {
        }
        string replayed = await CaptureEarlyResponseAsync(parties);
        parties.Clock.Advance(TimeSpan.FromMinutes(11));
        using SaslServerSession server = parties.Server.CreateSession(SaslChannel.Plaintext);
        SaslReply reply = await server.StartAsync(DigestParties.Name, Encoding.Latin1.GetBytes(replayed));
        Assert.Contains("stale=true", Encoding.Latin1.GetString(reply.Message!.Value.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replayed_early_response_is_never_accepted()
    {
        using var parties = new DigestParties(options: s_remembering);
        using (await parties.LogInAsync())
        {
        }
        using DigestRun second = await parties.LogInAsync();
        Assert.True(second.Succeeded);
        using SaslServerSession server = parties.Server.CreateSession(SaslChannel.Plaintext);
        SaslReply reply = await server.StartAsync(DigestParties.Name, Encoding.Latin1.GetBytes(second.Said[0][3..]));
        Assert.True(reply.NeedsMore);
        Assert.Contains("nonce=", Encoding.Latin1.GetString(reply.Message!.Value.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_subsequent_authentication_does_not_advance_the_count()
    {
        using var parties = new DigestParties(options: s_remembering);
        using (await parties.LogInAsync())
        {
        }
        string early = await CaptureEarlyResponseAsync(parties);
        using SaslServerSession forged = parties.Server.CreateSession(SaslChannel.Plaintext);
        int at = early.IndexOf("response=", StringComparison.Ordinal) + "response=".Length;
        string wrong = early[..at] + new string('0', 32) + early[(at + 32)..];
        Assert.Equal(SaslError.InvalidCredentials, (await forged.StartAsync(DigestParties.Name, Encoding.Latin1.GetBytes(wrong))).Error);
        using SaslServerSession right = parties.Server.CreateSession(SaslChannel.Plaintext);
        SaslReply reply = await right.StartAsync(DigestParties.Name, Encoding.Latin1.GetBytes(early));
        Assert.StartsWith("rspauth=", Encoding.Latin1.GetString(reply.Message!.Value.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_has_forgotten_challenges_and_the_client_goes_along()
    {
        using var parties = new DigestParties(options: s_remembering);
        using (await parties.LogInAsync())
        {
        }
        using var restarted = new DigestParties(options: s_remembering);
        using var run = new DigestRun(restarted.Server.CreateSession(SaslChannel.Plaintext), parties.Client.CreateSession(SaslChannel.Plaintext));
        await run.GoAsync();
        Assert.True(run.Succeeded);
        Assert.Contains("nc=00000002", run.Said[0], StringComparison.Ordinal);
        Assert.Contains("nc=00000001", run.Said[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_server_remembers_no_more_than_a_hundred()
    {
        using var parties = new DigestParties(options: s_remembering);
        using DigestRun oldest = await parties.LogInAsync();
        for (int i = 0; i < DigestServerCache.MaxEntries; i++)
        {
            using var other = new DigestParties(options: s_remembering);
            using var run = new DigestRun(parties.Server.CreateSession(SaslChannel.Plaintext), other.Client.CreateSession(SaslChannel.Plaintext));
            await run.GoAsync();
            Assert.True(run.Succeeded);
        }
        using DigestRun again = await parties.LogInAsync();
        Assert.Contains("nc=00000001", again.Said[2], StringComparison.Ordinal);
    }

    private static async Task<string> CaptureEarlyResponseAsync(DigestParties parties)
    {
        using SaslClientSession client = parties.Client.CreateSession(SaslChannel.Plaintext);
        SaslReply start = await client.StartAsync([DigestParties.Name]);
        return Encoding.Latin1.GetString(start.Message!.Value.Span);
    }
}
