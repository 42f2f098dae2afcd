using System.Text;
using Sasl.Mechanisms;
using Xunit;

namespace Sasl.Smtp.Tests.Server;

/// <summary>Whatever a client sends: a reply, no exception, and the session usable for another attempt.</summary>
public sealed class HostileLinesTests
{
    private const int Rounds = 3000;

    private static readonly string[] s_seeds =
    [
        " PLAIN " + TestServer.Plain("wrong"), " PLAIN", " LOGIN", " LOGIN YWxpY2U=", " CRAM-MD5", " EXTERNAL =", "=PLAIN AAAA", " SCRAM-SHA-256 ",
        "*", "=", "", TestServer.Plain("wrong"), "YWxpY2U=", "biwsbj11c2VyLHI9YWJj",
    ];

    [Fact]
    public async Task Damaged_and_random_lines_are_answered_and_the_session_stays_usable()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        try
        {
            for (int round = 0; round < Rounds; round++)
                await OneRound(random);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"seed {seed}", exception);
        }
    }

    [Fact]
    public async Task Every_truncation_and_every_flipped_octet_of_a_valid_response_is_answered()
    {
        byte[] valid = Encoding.ASCII.GetBytes(" PLAIN " + TestServer.Plain("wrong"));
        using SmtpAuthServer server = TestServer.Make();
        for (int i = 0; i < valid.Length; i++)
        {
            await Answer(server, valid[..i]);
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] flipped = [.. valid];
                flipped[i] ^= (byte)(1 << bit);
                await Answer(server, flipped);
            }
        }
        await LogIn(server);
    }

    private static async Task OneRound(Random random)
    {
        using SmtpAuthServer server = TestServer.Make(
            TestServer.Tls with { ExternalIdentity = "mallory" },
            options: new SmtpAuthServerOptions { BrokenClients = random.Next(2) == 0 },
            mechanisms: [SaslMechanisms.Plain, SaslMechanisms.Login, SaslMechanisms.CramMd5]);
        for (int i = 0; i < 4; i++)
            await Answer(server, Damage(random, Encoding.ASCII.GetBytes(s_seeds[random.Next(s_seeds.Length)])));
        await LogIn(server);
    }

    private static async Task Answer(SmtpAuthServer server, byte[] line)
    {
        SmtpAuthReply reply = server.State is SmtpAuthState.ExpectResponse ? await server.ContinueAsync(line) : await server.BeginAsync(line);
        Assert.True(reply.Code is 334 or 454 || reply.Code is >= 500 and < 600, $"{reply.Code}");
        Assert.False(reply.Line.Span.ContainsAnyExceptInRange((byte)' ', (byte)'~'));
        Assert.Null(server.Identity);
    }

    private static async Task LogIn(SmtpAuthServer server)
    {
        if (server.State is SmtpAuthState.ExpectResponse)
            Assert.StartsWith("501", await server.Continue("*"), StringComparison.Ordinal);
        Assert.StartsWith("235", await server.Begin(" PLAIN " + TestServer.Plain()), StringComparison.Ordinal);
    }

    private static byte[] Damage(Random random, byte[] line)
    {
        switch (random.Next(6))
        {
            case 0:
                return line;
            case 1:
                return line[..random.Next(line.Length + 1)];
            case 2:
                return [.. line, .. line];
            case 3:
                byte[] noise = new byte[random.Next(64)];
                random.NextBytes(noise);
                return noise;
            case 4:
                return [.. Encoding.ASCII.GetBytes(" PLAIN "), .. Encoding.ASCII.GetBytes(Convert.ToBase64String(line))];
            default:
                if (line.Length > 0)
                    line[random.Next(line.Length)] = (byte)random.Next(256);
                return line;
        }
    }
}
