using System.Diagnostics;
using System.Reflection;
using System.Text;
using Xunit;

namespace Sasl.Tests.History;

/// <summary>Any octets in any place: a reply, no exception, no memory that the peer chooses, and the session usable for a login.</summary>
public sealed class AnyOctetsTests
{
    private const int Messages = 20_000;
    private const int LongestUsual = 2048;
    private const int Longest = 64 * 1024 + 1;

    // What a refusal may cost whatever numbers the message contains; long messages may cost a few times themselves, for copies.
    private const long FixedCost = 64 * 1024;
    private const long CostPerOctet = 6;

    // Without optimisation the compiler's tables of constants are fetched by reflection, at up to 2 KiB a character that SASLprep looks up.
    private const long UnoptimizedCostPerOctet = 4 * 1024;

    private static readonly bool s_isOptimized =
        typeof(SaslPrep).Assembly.GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true };

    private static readonly string[] s_words =
    [
        "n,,n=alice,r=", "y,,", "p=tls-exporter,,", "a=bob,", "m=x,", "c=biws,", "r=", ",s=", ",i=4294967297", ",i=-1", ",i=1", "p=", "v=", "e=other-error", "=2C", "=3D", "=00",
        "\0alice\0pencil", "alice", "alice ", "\0", "\r\n", "0123456789abcdef0123456789abcdef", "%s%n", "\u00e9\u0301", "\ud83d\ude00", "99999999999999999999",
    ];

    [Fact]
    public async Task A_server_answers_any_octets_and_the_session_stays_usable()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        using var world = new World();
        foreach (string mechanism in World.Names)    // what is made once is made before anything is measured
        {
            using SaslServerSession warm = world.NewSession();
            await world.LogInAsync(warm, mechanism);
            using SaslServerSession warmer = world.NewSession();
            await world.LogInAsync(warmer, mechanism, "\u00e9", "\u00e9");    // and the tables of SASLprep, too
        }
        int accepted = 0;
        for (int i = 0; i < Messages; i++)
        {
            string mechanism = World.Names[random.Next(World.Names.Length)];
            try
            {
                accepted += await OneServerRound(world, mechanism, random) ? 1 : 0;
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed}, message {i}, {mechanism}", exception);
            }
        }
        Assert.InRange(accepted, 0, Messages / 4);    // undamaged by chance, traces of ANONYMOUS
    }

    [Fact]
    public async Task A_client_answers_any_octets_and_the_session_stays_usable()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        using var world = new World();
        var clients = World.Names.ToDictionary(static name => name, _ => world.NewClient());
        for (int i = 0; i < Messages; i++)
        {
            string mechanism = World.Names[random.Next(World.Names.Length)];
            try
            {
                await OneClientRound(world, clients[mechanism], mechanism, random);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"seed {seed}, message {i}, {mechanism}", exception);
            }
        }
    }

    private static async Task<bool> OneServerRound(World world, string mechanism, Random random)
    {
        using SaslServerSession session = world.NewSession();
        int damaged = random.Next(3);
        SaslReply reply = await world.TalkAsync(session, mechanism, World.Password, World.User, (number, message) =>
            number == damaged ? null : message);
        if (reply.IsSuccess)
            return false;    // there was no such message

        // The exchange stands where the damaged message is awaited, or has not begun.
        byte[] octets = Damage(random, mechanism);
        reply = await MeasuredAsync(octets, () => session.IsInProgress ? session.StepAsync(octets) : session.StartAsync(mechanism, octets));
        Assert.True(reply.Status is not SaslStatus.Failure || (reply.Message is null && reply.Error is not (SaslError.None or SaslError.TemporaryFailure)), $"{reply}");
        Assert.Equal(reply.IsSuccess, session.Identity is not null);
        if (reply.IsSuccess)
        {
            Assert.Contains(session.Identity!.Authorized.ToString(), new[] { "alice", "anonymous" });
            return true;
        }
        if (session.IsInProgress && random.Next(2) == 0)
            session.Abort();
        Assert.True((await world.LogInAsync(session, mechanism)).IsSuccess);
        return false;
    }

    private static async Task OneClientRound(World world, SaslClient account, string mechanism, Random random)
    {
        using SaslClientSession client = account.CreateSession(World.ChannelFor(mechanism));
        using SaslServerSession server = world.NewSession();
        SaslReply said = await client.StartAsync([mechanism]);
        SaslReply heard = said.Message is null ? await server.StartAsync(mechanism) : await server.StartAsync(mechanism, said.Message);
        for (int before = random.Next(3); before > 0 && heard.NeedsMore; before--)
        {
            said = await client.StepAsync(heard.Message!.Value);
            heard = await server.StepAsync(said.Message!.Value);
        }

        bool serverIsProved = client.IsFinished;
        byte[] octets = Damage(random, mechanism);
        said = await MeasuredAsync(octets, () => random.Next(4) == 0 ? client.CompleteAsync(octets) : client.StepAsync(octets));
        Assert.True(said.Status is not SaslStatus.Failure || (said.Message is null && said.Error is not SaslError.None));
        if (said.IsSuccess)
        {
            // Where the server proves nothing its word is all there is; where it does, it has done so before.
            Assert.True(serverIsProved || !client.Mechanism!.Security.HasFlag(SaslSecurityFlags.MutualAuth));
            return;
        }
        Assert.False(client.IsAuthenticated);

        using SaslServerSession next = world.NewSession();
        said = await client.StartAsync([mechanism]);
        heard = said.Message is null ? await next.StartAsync(mechanism) : await next.StartAsync(mechanism, said.Message);
        while (heard.NeedsMore)
        {
            said = await client.StepAsync(heard.Message!.Value);
            heard = await next.StepAsync(said.Message!.Value);
        }
        Assert.True(heard.IsSuccess);
        Assert.True((await client.CompleteAsync()).IsSuccess);
    }

    private static async Task<SaslReply> MeasuredAsync(byte[] octets, Func<ValueTask<SaslReply>> call)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        ValueTask<SaslReply> pending = call();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        long most = FixedCost + octets.Length * (!s_isOptimized ? UnoptimizedCostPerOctet : octets.Length > LongestUsual ? CostPerOctet : 0);
        Assert.True(allocated <= most, $"{allocated} octets allocated for {octets.Length}: {Convert.ToHexString(octets.AsSpan(0, Math.Min(octets.Length, LongestUsual)))}");
        return await pending;
    }

    private static byte[] Damage(Random random, string mechanism)
    {
        switch (random.Next(8))
        {
            case 0:
                return Noise(random, random.Next(32));
            case 1:
                return Noise(random, random.Next(LongestUsual));
            case 2:
                byte[] one = new byte[random.Next(LongestUsual)];
                Array.Fill(one, (byte)random.Next(256));
                return one;
            case 3 when random.Next(10) == 0:
                byte[] huge = new byte[random.Next(LongestUsual, Longest + 1)];
                Array.Fill(huge, (byte)"a,=\0n"[random.Next(5)]);
                return huge;
            default:
                var text = new List<byte>();
                if (mechanism.StartsWith("SCRAM-", StringComparison.Ordinal) && random.Next(2) == 0)
                    text.AddRange(Encoding.UTF8.GetBytes(mechanism.EndsWith("-PLUS", StringComparison.Ordinal) ? "p=tls-exporter,,n=alice,r=abc" : "n,,n=alice,r=abc"));
                for (int words = random.Next(6); words > 0; words--)
                    text.AddRange(Encoding.UTF8.GetBytes(s_words[random.Next(s_words.Length)]));
                for (int flips = random.Next(4); flips > 0 && text.Count > 0; flips--)
                    text[random.Next(text.Count)] = (byte)random.Next(256);
                return [.. text];
        }
    }

    private static byte[] Noise(Random random, int length)
    {
        byte[] octets = new byte[length];
        random.NextBytes(octets);
        return octets;
    }
}
