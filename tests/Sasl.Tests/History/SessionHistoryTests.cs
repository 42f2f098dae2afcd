using System.Text;
using Sasl.Smtp;
using Xunit;

namespace Sasl.Tests.History;

/// <summary>What one attempt left behind for the next.</summary>
public sealed class SessionHistoryTests : IDisposable
{
    private readonly World _world = new();

    public static TheoryData<string> Mechanisms => [.. World.Names];

    public void Dispose() => _world.Dispose();

    [Fact]
    public async Task CVE_2011_1720_Every_mechanism_starts_afresh_after_every_other()
    {
        foreach (string first in World.Names)
        {
            foreach (string second in World.Names)
            {
                using SaslServerSession session = _world.NewSession();
                if (first is "PLAIN" or "EXTERNAL" or "ANONYMOUS" or "CRAM-MD5" or "OAUTHBEARER" or "XOAUTH2")
                    Assert.True((await session.StartAsync(first)).NeedsMore);
                else
                    Assert.True((await _world.TalkAsync(session, first, World.Password, World.User, static (number, message) => number < 1 ? message : null)).NeedsMore);
                if (World.WithPassword.Contains(first))
                    Assert.Equal(SaslError.InvalidCredentials, (await _world.LogInAsync(session, first, "wrong")).Error);
                Assert.Null(session.Identity);
                SaslReply reply = await _world.LogInAsync(session, second);
                Assert.True(reply.IsSuccess, $"{second} after {first}: {reply}");
                Assert.Equal(second, session.Identity!.Mechanism.Name);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Mechanisms))]
    public async Task A_session_reused_after_a_failure_has_no_stale_success(string mechanism)
    {
        // Cyrus SASL's sent_last: refused after its last message was out, an exchange made the next start, whatever it said, a success.
        using var world = new World(static options => options with { Authorizer = new Nobody() });
        using SaslServerSession session = world.NewSession();
        Assert.Equal(SaslError.NotAuthorized, (await world.LogInAsync(session, mechanism)).Error);
        Assert.Null(session.Identity);
        Assert.Equal(SaslError.InvalidCredentials, (await session.StartAsync("PLAIN", "\0mallory\0wrong"u8.ToArray())).Error);
        Assert.Null(session.Identity);
        SaslReply empty = await session.StartAsync(mechanism, mechanism is "CRAM-MD5" ? null : ReadOnlyMemory<byte>.Empty);
        Assert.False(empty.IsSuccess);
        Assert.Null(session.Identity);
    }

    [Theory]
    [InlineData("SCRAM-SHA-1")]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-512")]
    public async Task A_stripped_offer_is_noticed_and_a_second_start_does_not_get_around_it(string mechanism)
    {
        using SaslServerSession session = _world.NewSession();
        Assert.Equal(SaslError.ChannelBindingMismatch, (await session.StartAsync(mechanism, "y,,n=alice,r=abc"u8.ToArray())).Error);
        Assert.False((await session.StartAsync("PLAIN", "\0mallory\0wrong"u8.ToArray())).IsSuccess);
        Assert.Null(session.Identity);
    }

    [Theory]
    [MemberData(nameof(MessageHistoryTests.Scrams), MemberType = typeof(MessageHistoryTests))]
    public async Task A_session_reused_after_its_last_message_awaits_no_acknowledgement_of_another(string mechanism)
    {
        using SaslServerSession session = _world.NewSession();
        await _world.TalkAsync(session, mechanism, World.Password, World.User, static (number, message) => number < 2 ? message : null);
        Assert.Null(session.Identity);
        Assert.False((await session.StartAsync("PLAIN", "\0mallory\0wrong"u8.ToArray())).IsSuccess);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.StepAsync(ReadOnlyMemory<byte>.Empty));
        Assert.Null(session.Identity);
    }

    [Theory]
    [MemberData(nameof(Mechanisms))]
    public async Task Identity_is_null_after_a_failure(string mechanism)
    {
        using var world = new World(static options => options with { Authorizer = new Nobody() });
        foreach (World one in new[] { _world, world })
        {
            using SaslServerSession session = one.NewSession();
            Assert.Null(session.Identity);
            SaslReply reply = await one.TalkAsync(session, mechanism, "wrong", World.User, (_, message) =>
            {
                Assert.Null(session.Identity);
                return message;
            });
            Assert.Equal(reply.IsSuccess, session.Identity is not null);
            Assert.True(!reply.IsSuccess || (one == _world && !World.WithPassword.Contains(mechanism)));
            Assert.Null(session.SecurityLayer);
        }
    }

    [Theory]
    [MemberData(nameof(Mechanisms))]
    public async Task Authorization_is_asked_after_every_verification(string mechanism)
    {
        var authorizer = new Nobody();
        using var world = new World(options => options with { Authorizer = authorizer });
        using SaslServerSession session = world.NewSession();
        Assert.Equal(SaslError.NotAuthorized, (await world.LogInAsync(session, mechanism)).Error);
        Assert.Equal(1, authorizer.Asked);
    }

    [Theory]
    [MemberData(nameof(Mechanisms))]
    public async Task An_exchange_aborted_at_any_step_leaves_the_session_usable(string mechanism)
    {
        for (int step = 0; step < 4; step++)
        {
            using SaslServerSession session = _world.NewSession();
            SaslReply broken = await _world.TalkAsync(session, mechanism, World.Password, World.User, (number, message) => number < step ? message : null);
            if (broken.IsSuccess)
                break;
            session.Abort();
            session.Abort();
            Assert.Null(session.Identity);
            Assert.True((await _world.LogInAsync(session, mechanism)).IsSuccess);
        }
    }

    [Theory]
    [MemberData(nameof(Mechanisms))]
    public async Task A_step_after_a_failure_is_no_step(string mechanism)
    {
        using SaslServerSession session = _world.NewSession();
        SaslReply reply = await session.StartAsync(mechanism);
        while (reply.NeedsMore)
            reply = await session.StepAsync(new byte[] { 0, 255, 0 });
        Assert.Equal(SaslStatus.Failure, reply.Status);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await session.StepAsync(ReadOnlyMemory<byte>.Empty));
        Assert.Null(session.Identity);
    }

    [Theory]
    [MemberData(nameof(Mechanisms))]
    public async Task A_client_never_goes_back_to_an_earlier_step(string mechanism)
    {
        // Cyrus SASL's DIGEST-MD5 client went from step 3 to step 2, and LOGIN's gave the password to whoever asked once more.
        using SaslServerSession server = _world.NewSession();
        using SaslClientSession client = _world.NewClient().CreateSession(World.ChannelFor(mechanism));
        SaslReply said = await client.StartAsync([mechanism]);
        SaslReply heard = said.Message is null ? await server.StartAsync(mechanism) : await server.StartAsync(mechanism, said.Message);
        var challenges = new List<byte[]>();
        while (heard.NeedsMore)
        {
            challenges.Add(heard.Message!.Value.ToArray());
            said = await client.StepAsync(heard.Message!.Value);
            heard = await server.StepAsync(said.Message!.Value);
        }
        SaslReply again = default;
        if (mechanism is "OAUTHBEARER" or "XOAUTH2")
        {
            // A refusal may come where success should; the answer to it has no token in it.
            again = await client.StepAsync("{}"u8.ToArray());
            Assert.True(again.NeedsMore && again.Message!.Value.Length <= 1);
        }
        else
        {
            Assert.True(client.IsFinished);
        }
        again = await client.StepAsync(challenges.Count > 0 ? challenges[0] : ReadOnlyMemory<byte>.Empty);
        Assert.Equal((SaslStatus.Failure, SaslError.Malformed, true), (again.Status, again.Error, again.Message is null));
        Assert.False(client.IsAuthenticated);
    }

    [Fact]
    public async Task CVE_2019_19906_Long_mechanism_names_are_refused_and_not_repeated()
    {
        var observer = new CollectingObserver();
        using var world = new World(options => options with { Observer = observer });
        foreach (int length in Enumerable.Range(1, 300).Concat([1000, 4096, 65_536, 1_000_000]))
        {
            string name = "X" + new string('Q', length - 1);
            using SaslServerSession session = world.NewSession();
            Assert.Equal(SaslError.MechanismUnavailable, (await session.StartAsync(name, "x"u8.ToArray())).Error);
            using var smtp = new SmtpAuthServer(world.NewSession());
            SmtpAuthReply reply = await smtp.BeginAsync(Encoding.ASCII.GetBytes($" {name} eA=="));
            Assert.True(reply.Code is 504 or 501);
            Assert.DoesNotContain("QQ", Encoding.ASCII.GetString(reply.Line.Span), StringComparison.Ordinal);
        }
        Assert.All(observer.Lines, static line => Assert.DoesNotContain("QQ", line, StringComparison.Ordinal));
        using SaslClientSession client = world.NewClient().CreateSession(World.Tls);
        Assert.Equal(SaslError.MechanismUnavailable, (await client.StartAsync([new string('Q', 100_000)])).Error);
        Assert.DoesNotContain("QQ", client.FailureDetail + client.Explain(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_of_mechanisms_with_their_PLUS_forms_is_whole()
    {
        // Cyrus SASL's sasl_listmech made room for one separator too few.
        using SaslServerSession session = _world.NewSession();
        Assert.Equal(World.Names.Order(), session.Mechanisms.Select(static mechanism => mechanism.Name).Order());
        using var smtp = new SmtpAuthServer(_world.NewSession());
        Assert.Equal(World.Names.Order(), smtp.Capability!.Split(' ')[1..].Order());
    }

    [Theory]
    [InlineData("%s%s%n%n")]
    [InlineData("{0}{1}{999}")]
    [InlineData("{user}")]
    public async Task Remote_text_is_never_a_format(string text)
    {
        var lines = new List<string>();
        SaslServerBuilder builder = Builders.Memory();
        builder.Log = (_, line) => lines.Add(line);
        using SaslServerSetup setup = builder.Build("smtp", Builders.Conf("log_level: 7"));
        await setup.LogInAsync(text, text);
        Assert.Contains(lines, line => line.Contains($"user \"{text}@example.com\"", StringComparison.Ordinal));
    }

    private sealed class Nobody : IAuthorizer
    {
        public int Asked { get; private set; }

        public ValueTask<bool> MayActAsAsync(
            SaslUser authenticated, SaslUser requested, SaslServiceInfo service, CancellationToken cancellationToken)
        {
            Asked++;
            return new(false);
        }
    }
}
