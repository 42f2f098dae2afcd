using System.Text;
using Sasl.Smtp;
using Xunit;

namespace Sasl.Tests.History;

/// <summary>A back end that cannot answer: "try again later", never "wrong password".</summary>
public sealed class DeadBackEndTests
{
    public enum Fault
    {
        Throws,
        SaysUnavailable,
        ThrowsLater,
        TimesOut,
        IsSocket,
        SaysNothing,
    }

    public static TheoryData<string, Fault> WithPassword =>
        Pairs(World.WithPassword);

    public static TheoryData<string, Fault> All => Pairs(World.Names);

    [Theory]
    [MemberData(nameof(WithPassword))]
    public async Task A_dead_store_or_verifier_is_a_temporary_failure_and_454(string mechanism, Fault fault)
    {
        var observer = new CollectingObserver();
        using var world = new World(options => options with
        {
            CredentialStore = new Dead(fault), PasswordVerifier = new Dead(fault), Observer = observer,
        });
        await ExpectTemporaryFailure(world, mechanism, observer, "nobody");
    }

    [Theory]
    [MemberData(nameof(WithPassword))]
    public async Task A_dead_store_behind_a_verifier_is_a_temporary_failure_and_454(string mechanism, Fault fault)
    {
        if (fault is Fault.SaysNothing)
            fault = Fault.Throws;
        var observer = new CollectingObserver();
        var store = new Dead(fault);
        using var world = new World(options => options with
        {
            CredentialStore = new CredentialStoreChain([new CredentialStoreLink("dead", store), new CredentialStoreLink("empty", new MemoryCredentialStore())]),
            PasswordVerifier = new PasswordVerifierChain(
            [
                new PasswordVerifierLink("dead", new StoredPasswordVerifier(store, [PlainTextForm.Instance], new SaslWorkQueue())),
                new PasswordVerifierLink("no", new FixedVerifier(PasswordOutcome.Mismatch)),
            ]),
            WritableStore = store,
            Observer = observer,
        });
        await ExpectTemporaryFailure(world, mechanism, observer, "nobody");
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_dead_canonicalizer_or_authorizer_is_a_temporary_failure_and_454(string mechanism, Fault fault)
    {
        if (fault is Fault.SaysNothing or Fault.SaysUnavailable)
            fault = Fault.Throws;
        var observer = new CollectingObserver();
        using var canonicalizer = new World(options => options with { Canonicalizer = new Dead(fault), Observer = observer });
        await ExpectTemporaryFailure(canonicalizer, mechanism, observer);
        using var authorizer = new World(options => options with { Authorizer = new Dead(fault), Observer = observer });
        await ExpectTemporaryFailure(authorizer, mechanism, observer);
    }

    [Theory]
    [MemberData(nameof(MessageHistoryTests.Mechanisms), MemberType = typeof(MessageHistoryTests))]
    public async Task A_host_that_gives_up_waiting_leaves_a_usable_session(string mechanism)
    {
        var gate = new Gate();
        using var world = new World(options => options with { Canonicalizer = gate });
        using var givingUp = new CancellationTokenSource();
        using SaslServerSession session = world.NewSession();
        gate.Waits = true;
        gate.Reached = givingUp.Cancel;
        using SaslClientSession client = world.NewClient().CreateSession(World.ChannelFor(mechanism));
        SaslReply said = await client.StartAsync([mechanism]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            SaslReply heard = await session.StartAsync(mechanism, said.Message, givingUp.Token);
            while (heard.NeedsMore)
            {
                said = await client.StepAsync(heard.Message!.Value);
                heard = await session.StepAsync(said.Message!.Value, givingUp.Token);
            }
        });
        Assert.Null(session.Identity);
        gate.Waits = false;
        Assert.True((await world.LogInAsync(session, mechanism)).IsSuccess);
    }

    private static TheoryData<string, Fault> Pairs(IEnumerable<string> mechanisms)
    {
        var pairs = new TheoryData<string, Fault>();
        foreach (string mechanism in mechanisms)
        {
            foreach (Fault fault in Enum.GetValues<Fault>())
                pairs.Add(mechanism, fault);
        }
        return pairs;
    }

    private static async Task ExpectTemporaryFailure(World world, string mechanism, CollectingObserver observer, params string[] users)
    {
        foreach (string user in users.Append(World.User))
        {
            using SaslServerSession session = world.NewSession();
            SaslReply reply = await world.LogInAsync(session, mechanism, user: user);
            Assert.Equal((SaslStatus.Failure, SaslError.TemporaryFailure), (reply.Status, reply.Error));
            Assert.Null(session.Identity);

            using var smtp = new SmtpAuthServer(world.NewSession());
            Assert.Equal("454 4.7.0 Temporary authentication failure", await SmtpAsync(world, smtp, mechanism, user));
            Assert.Equal((SmtpAuthState.ExpectCommand, 0), (smtp.State, smtp.FailedAttempts));
        }
        Assert.All(observer.Errors, static error => Assert.Equal(SaslError.TemporaryFailure, error));
        Assert.True(observer.Errors.Count >= 2);
    }

    private static async Task<string> SmtpAsync(World world, SmtpAuthServer smtp, string mechanism, string user)
    {
        using SaslClientSession client = world.NewClient(user: user).CreateSession(World.ChannelFor(mechanism));
        SaslReply said = await client.StartAsync([mechanism]);
        string initial = said.Message is { } message ? message.IsEmpty ? " =" : " " + Convert.ToBase64String(message.Span) : "";
        SmtpAuthReply reply = await smtp.BeginAsync(Encoding.ASCII.GetBytes($" {mechanism}{initial}"));
        while (reply.Code == 334)
        {
            said = await client.StepAsync(Convert.FromBase64String(Encoding.ASCII.GetString(reply.Line.Span[4..])));
            reply = await smtp.ContinueAsync(Encoding.ASCII.GetBytes(Convert.ToBase64String(said.Message!.Value.Span)));
        }
        return Encoding.ASCII.GetString(reply.Line.Span);
    }

    /// <summary>A back end of every kind that fails in one way.</summary>
    private sealed class Dead(Fault fault) : IWritableCredentialStore, IPasswordVerifier, IUserCanonicalizer, IAuthorizer
    {
        public async ValueTask<bool> LookupAsync(SaslUser user, PropertySet properties, CancellationToken cancellationToken)
        {
            properties.Add("userPassword", "half an answer"u8);
            await FailAsync();
            return false;
        }

        public async ValueTask StoreAsync(SaslUser user, IReadOnlyList<SaslPropertyValue> values, CancellationToken cancellationToken) => await FailAsync();

        public async ValueTask<bool> RemoveAsync(SaslUser user, CancellationToken cancellationToken)
        {
            await FailAsync();
            return false;
        }

        public async ValueTask<bool> TryReplaceAsync(
            SaslUser user, string property, ReadOnlyMemory<byte>? expected, ReadOnlyMemory<byte>? replacement, CancellationToken cancellationToken)
        {
            await FailAsync();
            return false;
        }

        public async ValueTask<PasswordVerdict> VerifyAsync(
            SaslUser user, ReadOnlyMemory<byte> password, SaslServiceInfo service, CancellationToken cancellationToken)
        {
            if (fault is Fault.SaysNothing)
                return default;    // a verdict nobody has made
            if (fault is Fault.SaysUnavailable)
                return PasswordOutcome.Unavailable;
            await FailAsync();
            return PasswordOutcome.Match;
        }

        public async ValueTask<SaslUser?> CanonicalizeAsync(string name, SaslServiceInfo service, CancellationToken cancellationToken)
        {
            await FailAsync();
            return null;
        }

        public async ValueTask<bool> MayActAsAsync(
            SaslUser authenticated, SaslUser requested, SaslServiceInfo service, CancellationToken cancellationToken)
        {
            await FailAsync();
            return true;
        }

        private async Task FailAsync()
        {
            switch (fault)
            {
                case Fault.ThrowsLater:
                    await Task.Yield();
                    throw new TimeoutException("no answer");
                case Fault.TimesOut:
                    using (var timeout = new CancellationTokenSource())
                    {
                        await timeout.CancelAsync();
                        timeout.Token.ThrowIfCancellationRequested();    // its own time limit, not the caller's
                    }
                    break;
                case Fault.IsSocket:
                    throw new System.Net.Sockets.SocketException(111);
                case Fault.SaysUnavailable:
                    throw new SaslUnavailableException("the daemon does not answer");
                case Fault.Throws:
                case Fault.SaysNothing:
                    throw new InvalidOperationException("a bug of somebody else's");
            }
        }
    }

    /// <summary>Waits for the caller to give up.</summary>
    private sealed class Gate : IUserCanonicalizer
    {
        public bool Waits { get; set; }

        public Action? Reached { get; set; }

        public async ValueTask<SaslUser?> CanonicalizeAsync(string name, SaslServiceInfo service, CancellationToken cancellationToken)
        {
            if (Waits)
            {
                Reached?.Invoke();
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            return await DefaultCanonicalizer.Instance.CanonicalizeAsync(name, service, cancellationToken);
        }
    }
}
