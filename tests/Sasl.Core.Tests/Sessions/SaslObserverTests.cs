using System.Net;
using Sasl.Core.Tests.Credentials;
using Xunit;
using static Sasl.Core.Tests.Sessions.Scripted;

namespace Sasl.Core.Tests.Sessions;

/// <summary>What an administrator learns, and that it cannot be forged by a peer.</summary>
public sealed class SaslObserverTests
{
    private readonly RecordingObserver _observer = new();

    [Theory]
    [InlineData("alice", "alice@example.com")]
    [InlineData("  alice@other ", "alice@other")]
    [InlineData("@", "@")]
    [InlineData("al\nice", "al\\u000aice")]
    [InlineData("x\r\nOct 1 sshd: accepted", "x\\u000d\\u000aOct 1 sshd: accepted")]
    [InlineData("a\u001b[2Jb", "a\\u001b[2Jb")]
    [InlineData("a\0b", "a\\u0000b")]
    [InlineData("a\u007fb", "a\\u007fb")]
    [InlineData("a\u0085b", "a\\u0085b")]
    [InlineData("a\u202eb", "a\\u202eb")]        // right-to-left override
    [InlineData("a\u2028b\u2029c", "a\\u2028b\\u2029c")]
    [InlineData("a\u200eb\tc", "a\\u200eb\\u0009c")]
    public async Task The_attempted_user_is_canonical_where_it_is_known_and_escaped_where_it_is_not(string sent, string shown)
    {
        SaslUser? canonical = await DefaultCanonicalizer.Instance.CanonicalizeAsync(sent, Ask.Service, default);
        await StartAsync($"{sent}|wrong", new ScriptedVerifier(PasswordOutcome.Mismatch));
        Assert.Equal(canonical?.ToString() ?? shown, _observer.Attempt?.UserName);
        if (canonical is null)
            Assert.All(_observer.Attempt!.UserName!, static character => Assert.False(char.IsControl(character)));
        else
            Assert.Equal(shown, canonical.ToString());
    }

    [Fact]
    public async Task A_long_name_is_cut()
    {
        await StartAsync($"{new string('x', 5000)}|wrong", new ScriptedVerifier(PasswordOutcome.Mismatch));
        Assert.Equal(new string('x', SaslAttempt.MaxNameLength) + "…", _observer.Attempt?.UserName);

        await StartAsync($"\u0001{new string('x', 255)}|wrong", new ScriptedVerifier(PasswordOutcome.Mismatch));
        Assert.Equal("\\u0001" + new string('x', 255), _observer.Attempt?.UserName);
    }

    [Fact]
    public async Task A_half_of_a_surrogate_pair_is_escaped()
    {
        SaslServer server = Server(new ScriptedVerifier(PasswordOutcome.Mismatch), new RefusingCanonicalizer());
        var context = new ServerSessionContext(server, SaslChannel.Plaintext, []) { Attempt = new SaslAttempt(null, Ask.Service) };
        await context.ResolveUserAsync("a\ud800b", default);
        Assert.Equal("a\\ud800b", context.Attempt.UserName);
    }

    [Fact]
    public async Task The_events_have_their_facts_as_fields()
    {
        var channel = new SaslChannel { ExternalSsf = 256, Remote = new IPEndPoint(IPAddress.Loopback, 4711) };
        await StartAsync("alice|pencil|alice", new ScriptedVerifier(PasswordOutcome.Match, "saslauthd"), channel);
        SaslAttempt attempt = _observer.Attempt!;
        Assert.Same(Password, attempt.Mechanism);
        Assert.Equal("saslauthd", attempt.DecidedBy);
        Assert.Equal("alice@example.com", attempt.UserName);
        Assert.Equal("smtp", attempt.Service.Service);
        Assert.Equal("example.com", attempt.Service.Realm);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 4711), attempt.Service.Channel.Remote);
        Assert.Equal(new SaslIdentity(Alice, Alice, Password, null), _observer.Identity);
        Assert.Equal(["started", "succeeded"], _observer.Events);
    }

    [Fact]
    public async Task Before_a_name_was_sent_there_is_none()
    {
        using SaslServerSession session = Server(new ScriptedVerifier(PasswordOutcome.Match)).CreateSession(SaslChannel.Plaintext);
        await session.StartAsync("PASSWORD");
        Assert.Null(_observer.Attempt?.UserName);
        Assert.Null(_observer.Attempt?.DecidedBy);
    }

    [Fact]
    public async Task An_unknown_user_and_a_wrong_password_differ_for_the_administrator_only()
    {
        SaslReply unknown = await StartAsync("ghost|x", new ScriptedVerifier(PasswordOutcome.UnknownUser));
        SaslReply wrong = await StartAsync("alice|x", new ScriptedVerifier(PasswordOutcome.Mismatch));
        Assert.Equal(wrong, unknown);
        Assert.Contains("failed InvalidCredentials: unknown user", _observer.Events);
        Assert.Contains("failed InvalidCredentials: password mismatch", _observer.Events);
    }

    [Fact]
    public async Task A_verifier_that_does_not_say_who_decided_is_named_by_its_type()
    {
        await StartAsync("alice|x", new ScriptedVerifier(PasswordOutcome.Mismatch));
        Assert.Equal(nameof(ScriptedVerifier), _observer.Attempt?.DecidedBy);
    }

    [Fact]
    public async Task The_store_of_a_chain_that_knew_the_user_is_named()
    {
        var chain = new CredentialStoreChain(
            [new("sasldb", ScriptedStore.Unknown()), new("sql", ScriptedStore.With()), new("ldap", ScriptedStore.With())]);
        var options = new SaslServerOptions { Service = "smtp", Mechanisms = [Password], PasswordVerifier = new ScriptedVerifier(PasswordOutcome.Match) };
        var context = new ServerSessionContext(new SaslServer(options with { CredentialStore = chain }), SaslChannel.Plaintext, [])
        {
            Attempt = new SaslAttempt(null, Ask.Service),
        };
        using var found = new PropertySet(SaslProperty.UserPassword);
        Assert.True(await context.LookupAsync(Alice, found, default));
        Assert.Equal("sql", context.Attempt.DecidedBy);

        context = new ServerSessionContext(new SaslServer(options with { CredentialStore = ScriptedStore.With() }), SaslChannel.Plaintext, [])
        {
            Attempt = new SaslAttempt(null, Ask.Service),
        };
        using var alone = new PropertySet(SaslProperty.UserPassword);
        await context.LookupAsync(Alice, alone, default);
        Assert.Equal("ScriptedStore", context.Attempt.DecidedBy);
    }

    [Fact]
    public async Task No_event_contains_what_the_peer_sent_as_its_password()
    {
        foreach (PasswordOutcome outcome in Enum.GetValues<PasswordOutcome>())
            await StartAsync("alice|s3cr3t-pa55", new ScriptedVerifier(outcome));
        Assert.DoesNotContain(_observer.Events, static what => what.Contains("s3cr3t", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_observer_that_throws_cannot_make_a_failure_a_success_or_lock_the_session()
    {
        SaslServer server = new(Options(new ScriptedVerifier(PasswordOutcome.Mismatch)) with { Observer = new ThrowingObserver() });
        using SaslServerSession session = server.CreateSession(SaslChannel.Plaintext);
        for (int round = 0; round < 2; round++)
        {
            await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await session.StartAsync("PASSWORD", Octets("alice|x")));
            Assert.Null(session.Identity);
            Assert.False(session.IsInProgress);
        }

        server = new(Options(new ScriptedVerifier(PasswordOutcome.Match)) with { Observer = new ThrowingObserver() });
        using SaslServerSession other = server.CreateSession(SaslChannel.Plaintext);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await other.StartAsync("PASSWORD", Octets("alice|x")));
        Assert.Null(other.Identity);
    }

    [Fact]
    public void An_observer_need_not_look_at_anything()
    {
        var attempt = new SaslAttempt(Password, Ask.Service);
        SaslObserver.None.Started(attempt);
        SaslObserver.None.Succeeded(attempt, new SaslIdentity(Alice, Alice, Password, null));
        SaslObserver.None.Failed(attempt, SaslError.Malformed, "x");
        SaslObserver.None.BackendThrew(attempt, new InvalidOperationException());
        SaslObserver.None.AnonymousTrace(attempt, "x");
        Assert.Null(attempt.UserName);
    }

    private SaslServerOptions Options(IPasswordVerifier verifier, IUserCanonicalizer? canonicalizer = null) => new()
    {
        Service = "smtp",
        Realm = "example.com",
        Mechanisms = [Password],
        PasswordVerifier = verifier,
        Observer = _observer,
        Canonicalizer = canonicalizer ?? DefaultCanonicalizer.Instance,
    };

    private SaslServer Server(IPasswordVerifier verifier, IUserCanonicalizer? canonicalizer = null) => new(Options(verifier, canonicalizer));

    private async Task<SaslReply> StartAsync(string message, IPasswordVerifier verifier, SaslChannel? channel = null)
    {
        using SaslServerSession session = Server(verifier).CreateSession(channel ?? SaslChannel.Plaintext);
        return await session.StartAsync("PASSWORD", Octets(message));
    }

    private sealed class RefusingCanonicalizer : IUserCanonicalizer
    {
        public ValueTask<SaslUser?> CanonicalizeAsync(string name, SaslServiceInfo service, CancellationToken cancellationToken) => new((SaslUser?)null);
    }

    private sealed class ThrowingObserver : SaslObserver
    {
        public override void Succeeded(SaslAttempt attempt, SaslIdentity identity) => throw new InvalidTimeZoneException();

        public override void Failed(SaslAttempt attempt, SaslError error, string diagnostic) => throw new InvalidTimeZoneException();
    }
}
