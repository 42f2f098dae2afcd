using Xunit;
using Xunit.Abstractions;

namespace Sasl.Mechanisms.Tests;

/// <summary>What a login costs in memory, both halves, sessions created and disposed; and what repeated logins cost, which is the same.</summary>
/// <remarks>
/// The figures are what the library allocates when it is compiled for speed, and some room. A change that makes an exchange allocate more fails
/// here; one that makes it allocate less should lower its line. docs/performance-notes.md says what the octets are.
/// </remarks>
public sealed class AllocationBudgetTests(ITestOutputHelper log)
{
    private const int Rounds = 200;
    private const int IdleSessions = 1_000;

    // Without optimisation every asynchronous method allocates its state and the compiler its closures: 2 to 6 KiB a login, however little the login itself
    // allocates. The budgets are for Release, which is what test.sh runs; in Debug they hold with this on top, and show only gross faults.
#if DEBUG
    private const int Unoptimized = 8 * 1024;
#else
    private const int Unoptimized = 0;
#endif

    private static readonly SaslChannel s_tls = new() { ExternalSsf = 256, ExternalIdentity = "alice" };

    [Theory]
    [InlineData("PLAIN", 680)]
    [InlineData("LOGIN", 700)]
    [InlineData("ANONYMOUS", 570)]
    [InlineData("EXTERNAL", 540)]
    [InlineData("CRAM-MD5", 760)]
    [InlineData("DIGEST-MD5", 2_100)]
    [InlineData("SCRAM-SHA-1", 1_200)]
    [InlineData("SCRAM-SHA-224", 6_720)]
    [InlineData("SCRAM-SHA-256", 1_250)]
    [InlineData("SCRAM-SHA-384", 1_310)]
    [InlineData("SCRAM-SHA-512", 1_380)]
    [InlineData("SCRAM-SHA3-512", 1_380)]
    public void A_login_stays_within_its_budget(string mechanism, int budget)
    {
        using var parties = new Parties(mechanism);
        parties.LogIn(Rounds);    // what is made once is not a login's

        long each = Allocated(() => parties.LogIn(Rounds)) / Rounds;

        log.WriteLine($"{mechanism}: {each} octets");
        Assert.InRange(each, 1, budget + Unoptimized);
    }

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("SCRAM-SHA-256")]
    public void Logins_on_one_server_do_not_grow_dearer(string mechanism)
    {
        using var parties = new Parties(mechanism);
        parties.LogIn(Rounds);

        long first = Allocated(() => parties.LogIn(Rounds));
        parties.LogIn(10 * Rounds);
        long last = Allocated(() => parties.LogIn(Rounds));

        Assert.InRange(last, 0, first + (first / 10));
    }

    [Fact]
    public void Attempts_on_one_session_do_not_grow_dearer()
    {
        using var parties = new Parties("PLAIN");
        using SaslServerSession session = parties.Server.CreateSession(s_tls);
        byte[] wrong = "\0alice\0wrong"u8.ToArray();
        void Try(int rounds)
        {
            for (int i = 0; i < rounds; i++)
                Assert.Equal(SaslError.InvalidCredentials, Now(session.StartAsync("PLAIN", wrong)).Error);
        }
        Try(Rounds);

        long first = Allocated(() => Try(Rounds));
        Try(20 * Rounds);
        long last = Allocated(() => Try(Rounds));

        Assert.InRange(last, 0, first + (first / 10));
    }

    [Fact]
    public void An_idle_session_stays_within_its_budget()
    {
        using var parties = new Parties("SCRAM-SHA-256");
        parties.Server.CreateSession(s_tls).Dispose();
        var sessions = new SaslServerSession[IdleSessions];

        long each = Allocated(() =>
        {
            for (int i = 0; i < sessions.Length; i++)
                sessions[i] = parties.Server.CreateSession(s_tls);
        }) / IdleSessions;

        log.WriteLine($"{each} octets");
        Assert.InRange(each, 1, 190);
        Assert.All(sessions, static session => session.Dispose());
    }

    private static long Allocated(Action act)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        act();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static SaslReply Now(ValueTask<SaslReply> step)
    {
        Assert.True(step.IsCompletedSuccessfully);
        return step.Result;
    }

    private sealed class Parties : IDisposable
    {
        private readonly string _mechanism;
        private readonly string[] _offered;
        private readonly MemoryCredentialStore _store = new();
        private readonly SaslSecret _password = SaslSecret.FromText("secret");
        private readonly SaslClient _client;

        public Parties(string mechanism)
        {
            _mechanism = mechanism;
            _offered = [mechanism];
            var user = new SaslUser("alice", "");
            ScramHash? hash = ScramHash.All.FirstOrDefault(hash => hash.Name == mechanism);
            if (hash is null)
            {
                _store.Add(user, SaslProperty.UserPassword.Name, "secret"u8);
            }
            else
            {
                using var verifier = ScramVerifier.Derive(hash, "secret"u8, "0123456789abcdef"u8, 4096);
                _store.Add(user, "authPassword", verifier.Format());
            }
            var policy = new SaslPolicy { Allow = [mechanism] };
            Server = new SaslServer(new SaslServerOptions
            {
                Service = "smtp",
                ServerName = "localhost",
                Mechanisms = SaslMechanisms.Standard,
                Policy = policy,
                CredentialStore = _store,
                PasswordVerifier = new StoredPasswordVerifier(_store, [.. ScramMechanisms.PasswordForms, PlainTextForm.Instance], new SaslWorkQueue()),
            });
            _client = new SaslClient(new SaslClientOptions
            {
                Service = "smtp",
                ServerName = "localhost",
                Mechanisms = SaslMechanisms.Standard,
                Policy = policy,
                UserName = "alice",
                Password = _password,
            });
        }

        public SaslServer Server { get; }

        public void LogIn(int rounds)
        {
            for (int i = 0; i < rounds; i++)
                LogIn();
        }

        public void Dispose()
        {
            _client.Dispose();
            _password.Dispose();
            _store.Dispose();
        }

        private void LogIn()
        {
            using SaslServerSession server = Server.CreateSession(s_tls);
            using SaslClientSession client = _client.CreateSession(s_tls);
            SaslReply fromClient = Now(client.StartAsync(_offered));
            SaslReply fromServer = Now(server.StartAsync(_mechanism, fromClient.Message));
            while (fromServer.NeedsMore)
            {
                fromClient = Now(client.StepAsync(fromServer.Message ?? default));
                fromServer = Now(server.StepAsync(fromClient.Message ?? default));
            }
            Assert.True(fromServer.IsSuccess && Now(client.CompleteAsync()).IsSuccess);
        }
    }
}
