using System.Text;
using Sasl.Mechanisms;
using Xunit;

namespace Sasl.Smtp.Tests.Client;

/// <summary>Whatever a server sends: a result, no exception, and no login without the mechanism's proof.</summary>
public sealed class HostileServerTests
{
    private const int Rounds = 3000;

    private static readonly string[] s_seeds =
    [
        "334 ", "334", "334 VXNlcm5hbWU6", "334 PDEyMzQuNTY3OEBob3N0Pg==", "334 cj1hYmMscz1BQUFBLGk9NDA5Ng==", "334 dj1BQUFB", "334-AAAA", "501 5.5.2 no",
        "535-5.7.8 no", "535 5.7.8 no", "454 4.7.0 later", "421 bye", "504 5.5.4 no", "250 ok", "220 hello", "", "*", "334 =",
    ];

    private static readonly string[] s_offered = ["SCRAM-SHA-256", "CRAM-MD5", "LOGIN", "PLAIN"];

    [Fact]
    public async Task Damaged_and_random_replies_end_in_a_result()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        try
        {
            for (int round = 0; round < Rounds; round++)
            {
                string[] lines = [.. Enumerable.Range(0, random.Next(8)).Select(_ => Damage(random, s_seeds[random.Next(s_seeds.Length)]))];
                using SmtpAuthClient client = TestClient.Make(
                    options: new SmtpAuthClientOptions { TryNextMechanism = random.Next(2) == 0, InitialResponse = random.Next(2) == 0 },
                    mechanisms: SaslMechanisms.Standard);
                string[] offered = [s_offered[random.Next(s_offered.Length)], "PLAIN"];
                SmtpAuthResult result = await new ScriptedServer(lines).Run(client, offered);
                Assert.False(result.IsSuccess, string.Join('|', lines));
                Assert.True(result.ServerText.Length <= SmtpAuthResult.MaxServerTextLength);
                Assert.DoesNotContain(result.ServerText, char.IsControl);
            }
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"seed {seed}", exception);
        }
    }

    // Never 235: whoever says that to PLAIN has let the client in.
    private static string Damage(Random random, string line)
    {
        switch (random.Next(5))
        {
            case 0:
                return line + line;
            case 1:
                return line[..random.Next(line.Length + 1)];
            case 2:
                byte[] noise = new byte[random.Next(64)];
                random.NextBytes(noise);
                return "4" + Encoding.Latin1.GetString(noise);
            case 3:
                return line.Length < 4 ? line : line[..3] + (char)random.Next(256) + line[4..];
            default:
                return line;
        }
    }
}
