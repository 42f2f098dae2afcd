using System.Text;
using Sasl.Testing.Peers;
using Xunit;

namespace Sasl.Saslauthd.Tests.Rimap;

/// <summary>The checker against Dovecot.</summary>
public sealed class RimapDovecotTests(RimapDovecotTests.Peer peer) : IClassFixture<RimapDovecotTests.Peer>
{
    private const int Concurrent = 50;
    private const string Odd = "q\"u\\o'te {5} \u00e4\u20ac";

    private readonly CheckerRun _run = new();

    [PeerFact("dovecot", "imap-login")]
    public async Task Dovecot_accepts_the_right_password_and_refuses_all_others()
    {
        DovecotImap dovecot = await peer.DovecotAsync();
        using RimapVerifier verifier = Verifier(dovecot.Port, RimapTls.None);
        PasswordVerdict right = await _run.AskAsync(verifier, "alice", "secret");
        Assert.Equal((PasswordOutcome.Match, "remote authentication successful"), (right.Outcome, right.Reason));
        foreach ((string name, string password) in ((string, string)[])[("alice", "Secret"), ("alice", "secre"), ("alice", "secret "), ("nobody", "secret"), ("alice", new string('x', 900))])
        {
            PasswordVerdict wrong = await _run.AskAsync(verifier, name, password);
            Assert.Equal((PasswordOutcome.Mismatch, "remote server rejected your credentials"), (wrong.Outcome, wrong.Reason));
        }
        Assert.Empty(_run.Warnings);

        // Dovecot ends the connection on a literal of that size.
        Assert.Equal(PasswordOutcome.Unavailable, await _run.OutcomeAsync(verifier, "alice", new string('x', 8000)));
    }

    [PeerFact("dovecot", "imap-login")]
    public async Task Dovecot_understands_quoted_strings_and_literals()
    {
        DovecotImap dovecot = await peer.DovecotAsync();
        using RimapVerifier verifier = Verifier(dovecot.Port, RimapTls.None);
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "odd", Odd));
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "quoted", "a\"b\\c"));
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "long", new string('y', 500)));
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "j\u00fcrgen", "secret"));
        Assert.Equal(PasswordOutcome.Mismatch, (await _run.AskAsync(verifier, "alice", [0xff, 0xfe, 0x80, 0x01])).Outcome);
    }

    [PeerFact("dovecot", "imap-login")]
    public async Task Dovecot_is_asked_for_the_name_with_its_realm()
    {
        DovecotImap dovecot = await peer.DovecotAsync();
        using RimapVerifier verifier = Verifier(dovecot.Port, RimapTls.None);
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "bob", "builder", "example.com"));
        Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(verifier, "bob", "builder"));
    }

    [PeerFact("dovecot", "imap-login")]
    public async Task Dovecot_is_asked_through_TLS_of_both_kinds()
    {
        DovecotImap dovecot = await peer.DovecotAsync();
        foreach (RimapTls tls in (RimapTls[])[RimapTls.StartTls, RimapTls.Implicit])
        {
            int port = tls is RimapTls.Implicit ? dovecot.ImplicitTlsPort : dovecot.Port;
            using RimapVerifier verifier = Verifier(port, tls);
            Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(verifier, "alice", "secret"));
            Assert.Equal(PasswordOutcome.Mismatch, await _run.OutcomeAsync(verifier, "alice", "wrong"));
        }
        Assert.Empty(_run.Warnings);
    }

    [PeerFact("dovecot", "imap-login")]
    public async Task A_certificate_of_another_authority_or_for_another_name_is_refused()
    {
        DovecotImap dovecot = await peer.DovecotAsync();
        using TestAuthority stranger = TestAuthority.Create();
        foreach (RimapTls tls in (RimapTls[])[RimapTls.StartTls, RimapTls.Implicit])
        {
            int port = tls is RimapTls.Implicit ? dovecot.ImplicitTlsPort : dovecot.Port;
            using RimapVerifier wrongAuthority = new(Options(port, tls) with { CaFile = stranger.CaFile }, _run.Warn);
            using RimapVerifier systemAuthorities = new(Options(port, tls) with { CaFile = null }, _run.Warn);
            using RimapVerifier wrongName = new(Options(port, tls) with { Host = "127.0.0.2" }, _run.Warn);
            foreach (RimapVerifier verifier in (RimapVerifier[])[wrongAuthority, systemAuthorities, wrongName])
            {
                PasswordVerdict verdict = await _run.AskAsync(verifier, "alice", "secret");
                Assert.Equal((PasswordOutcome.Unavailable, RimapReasons.Unreachable), (verdict.Outcome, verdict.Reason));
                Assert.Contains("TLS failed", _run.Warnings.Last(), StringComparison.Ordinal);
            }
        }
    }

    [PeerFact("dovecot", "imap-login")]
    public async Task Dovecot_that_wants_TLS_gets_no_password_without_it()
    {
        await using DovecotImap strict = await DovecotImap.StartAsync(peer.Authority, plaintextLogin: false);
        int lines = strict.Log.Count;
        using (RimapVerifier plain = new(Options(strict.Port, RimapTls.None) with { Host = "127.0.0.2" }, _run.Warn))
            Assert.Equal(PasswordOutcome.Unavailable, await _run.OutcomeAsync(plain, "alice", "secret"));
        Assert.Contains("LOGINDISABLED", Assert.Single(_run.Warnings), StringComparison.Ordinal);
        using RimapVerifier starttls = Verifier(strict.Port, RimapTls.StartTls);
        Assert.Equal(PasswordOutcome.Match, await _run.OutcomeAsync(starttls, "alice", "secret"));
        await strict.WaitForLogAsync(static line => line.Contains("Login: user=<alice>", StringComparison.Ordinal), lines);
    }

    [PeerFact("dovecot", "imap-login")]
    public async Task Fifty_logins_at_once_are_answered_each_for_itself()
    {
        DovecotImap dovecot = await peer.DovecotAsync();
        using RimapVerifier verifier = new(Options(dovecot.Port, RimapTls.None) with { MaxConnections = 16 }, _run.Warn);
        PasswordOutcome[] outcomes = await Task.WhenAll(
            Enumerable.Range(0, Concurrent).Select(i => _run.OutcomeAsync(verifier, "alice", i % 2 == 0 ? "secret" : $"wrong{i}")));
        Assert.Equal(Enumerable.Range(0, Concurrent).Select(static i => i % 2 == 0 ? PasswordOutcome.Match : PasswordOutcome.Mismatch), outcomes);
    }

    private RimapVerifier Verifier(int port, RimapTls tls) => new(Options(port, tls), _run.Warn);

    private RimapOptions Options(int port, RimapTls tls) =>
        new() { Host = "127.0.0.1", Port = port, Tls = tls, CaFile = tls is RimapTls.None ? null : peer.Authority.CaFile };

    public sealed class Peer : IAsyncLifetime
    {
        private readonly Lazy<TestAuthority> _authority = new(static () => TestAuthority.Create());
        private readonly Lazy<Task<DovecotImap>> _dovecot;

        public Peer() => _dovecot = new Lazy<Task<DovecotImap>>(() => DovecotImap.StartAsync(Authority, new Dictionary<string, string>
        {
            ["odd"] = Odd,
            ["quoted"] = "a\"b\\c",
            ["long"] = new string('y', 500),
            ["j\u00fcrgen"] = "secret",
            ["bob@example.com"] = "builder",
        }));

        public TestAuthority Authority => _authority.Value;

        public Task<DovecotImap> DovecotAsync() => _dovecot.Value;

        public Task InitializeAsync() => Task.CompletedTask;

        public async Task DisposeAsync()
        {
            if (_dovecot.IsValueCreated && _dovecot.Value.IsCompletedSuccessfully)
                await (await _dovecot.Value).DisposeAsync();
            if (_authority.IsValueCreated)
                _authority.Value.Dispose();
        }
    }
}
