using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>What the descriptors promise, and what they store.</summary>
public sealed class ScramMechanismsTests
{
    [Fact]
    public void All_twelve_come_strongest_first_each_PLUS_before_its_plain_variant() => Assert.Equal(
        [
            "SCRAM-SHA-512-PLUS", "SCRAM-SHA-512", "SCRAM-SHA3-512-PLUS", "SCRAM-SHA3-512", "SCRAM-SHA-384-PLUS", "SCRAM-SHA-384", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256",
            "SCRAM-SHA-224-PLUS", "SCRAM-SHA-224", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1",
        ],
        ScramMechanisms.Default.Select(static mechanism => mechanism.Name));

    [Fact]
    public void Each_can_be_named_alone() => Assert.Equal(
        ScramMechanisms.Default.AsEnumerable(),
        [
            ScramMechanisms.Sha512Plus, ScramMechanisms.Sha512, ScramMechanisms.Sha3_512Plus, ScramMechanisms.Sha3_512, ScramMechanisms.Sha384Plus, ScramMechanisms.Sha384, ScramMechanisms.Sha256Plus,
            ScramMechanisms.Sha256, ScramMechanisms.Sha224Plus, ScramMechanisms.Sha224, ScramMechanisms.Sha1Plus, ScramMechanisms.Sha1,
        ]);

    [Fact]
    public void They_promise_what_Cyrus_SASL_says_SCRAM_promises() => Assert.All(ScramMechanisms.Default, static mechanism =>
    {
        Assert.Equal(
            SaslSecurityFlags.NoPlaintext | SaslSecurityFlags.NoActive | SaslSecurityFlags.NoAnonymous | SaslSecurityFlags.MutualAuth,
            mechanism.Security);
        Assert.True(mechanism.AllowsProxy);
        Assert.Equal(SaslFirstMove.Client, mechanism.FirstMove);
        Assert.Equal(mechanism.Name.EndsWith("-PLUS", StringComparison.Ordinal), mechanism.RequiresChannelBinding);
        Assert.Equal(SaslServerNeeds.CredentialStore, mechanism.ServerNeeds);
        Assert.Equal(SaslClientNeeds.Password, mechanism.ClientNeeds);
        Assert.Equal(mechanism.BaseName == "SCRAM-SHA3-512", mechanism.OnlyWhenNamed);
    });

    [Fact]
    public void A_new_password_gives_one_secret_a_hash_each_in_its_own_place()
    {
        SaslPropertyValue[] secrets = [.. ScramMechanisms.Default.Where(static mechanism => mechanism.DeriveSecrets is not null)
            .SelectMany(static mechanism => mechanism.DeriveSecrets!(new SaslUser("alice", ""), "pencil"u8))];
        Assert.Equal(
            ["cmusaslsecretSCRAM-SHA-512", "cmusaslsecretSCRAM-SHA3-512", "cmusaslsecretSCRAM-SHA-384", "authPassword", "cmusaslsecretSCRAM-SHA-224", "cmusaslsecretSCRAM-SHA-1"],
            secrets.Select(static secret => secret.Name));
        Assert.All(secrets, static secret => Assert.True(ScramVerifier.TryParse(secret.Value!.Value.Span, out _)));
        Assert.StartsWith("SCRAM-SHA-512$10000:", Encoding.ASCII.GetString(secrets[0].Value!.Value.Span), StringComparison.Ordinal);
        Assert.StartsWith("SCRAM-SHA-256$4096:", Encoding.ASCII.GetString(secrets[3].Value!.Value.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_platform_lacks_the_hash_the_mechanism_is_hidden_says_why_and_stores_nothing()
    {
        var missing = new PlatformScramHash("SCRAM-SHA3-512", new HashAlgorithmName("no such hash"), 64, 72, 10_000) { MissingOnPlatform = "the platform has no SHA-3" };
        SaslMechanism mechanism = ScramMechanisms.Create(missing, plus: false, ScramOptions.Default);
        Assert.Null(mechanism.DeriveSecrets);
        Assert.Equal("the platform has no SHA-3", mechanism.MissingOnPlatform);
        Assert.Equal(SelectionReason.MissingOnPlatform, new SaslPolicy { Allow = ["SCRAM-SHA3-512"] }.Judge(mechanism, SaslChannel.Plaintext));
    }

    [Fact]
    public void SCRAM_SHA3_512_is_here_where_the_platform_has_SHA_3_and_only_when_named()
    {
        Assert.Equal(SHA3_512.IsSupported, ScramMechanisms.Sha3_512.MissingOnPlatform is null);
        Assert.Equal(
            SHA3_512.IsSupported ? SelectionReason.OnlyWhenNamed : SelectionReason.MissingOnPlatform,
            new SaslPolicy().Judge(ScramMechanisms.Sha3_512, SaslChannel.Plaintext));
    }

    [Fact]
    public async Task Derived_secrets_let_their_user_in()
    {
        using var parties = new ScramParties();
        foreach (SaslMechanism mechanism in parties.Mechanisms.Where(static mechanism => mechanism.DeriveSecrets is not null))
        {
            foreach (SaslPropertyValue secret in mechanism.DeriveSecrets!(new SaslUser("dave", ""), Encoding.ASCII.GetBytes(ScramParties.Password)))
                parties.Store.Add(new SaslUser("dave", ""), secret.Name, secret.Value!.Value.Span);
        }
        foreach (SaslMechanism mechanism in parties.Mechanisms.Where(static mechanism => !mechanism.RequiresChannelBinding))
            Assert.NotNull((await parties.RunAsync(parties.Client("dave"), [mechanism.Name])).Identity);
    }

    [Fact]
    public void The_same_password_never_gives_the_same_secret_twice()
    {
        SaslSecretDeriver derive = ScramMechanisms.Sha256.DeriveSecrets!;
        var alice = new SaslUser("alice", "");
        Assert.False(derive(alice, "pencil"u8)[0].Value!.Value.Span.SequenceEqual(derive(alice, "pencil"u8)[0].Value!.Value.Span));
    }

    [Fact]
    public void Options_decide_what_a_new_secret_costs()
    {
        SaslMechanism mechanism = ScramMechanisms.Create(new ScramOptions { Iterations = 20_000, SaltLength = 24 }).Last();
        Assert.True(ScramVerifier.TryParse(mechanism.DeriveSecrets!(new SaslUser("alice", ""), "pencil"u8)[0].Value!.Value.Span, out ScramVerifier? verifier));
        Assert.Equal(20_000, verifier.Iterations);
        Assert.Equal(24, verifier.Salt.Length);
    }

    [Fact]
    public void Options_out_of_bounds_are_refused_at_the_start()
    {
        ScramOptions[] wrong =
        [
            new() { Iterations = 0 }, new() { Iterations = 10_000_001 }, new() { SaltLength = 0 }, new() { SaltLength = 1025 },
            new() { MinIterations = 0 }, new() { MaxIterations = 0 }, new() { MaxIterations = 10_000_001 },
            new() { MinIterations = 5000, MaxIterations = 4999 }, new() { MaxStoredIterations = 0 }, new() { MaxStoredIterations = 10_000_001 },
        ];
        Assert.All(wrong, static options => Assert.Throws<ArgumentOutOfRangeException>(() => ScramMechanisms.Create(options)));
    }

    [Fact]
    public async Task Stored_keys_come_before_a_plain_text_password()
    {
        using var parties = new ScramParties();
        parties.AddKeys("alice", ScramHash.Sha256);
        parties.Store.Add(new SaslUser("alice", ""), "userPassword", "something else"u8);
        Assert.NotNull((await parties.RunAsync(parties.Client("alice"), ["SCRAM-SHA-256"])).Identity);
        Assert.Null((await parties.RunAsync(parties.Client("alice", "something else"), ["SCRAM-SHA-256"])).Identity);
        Assert.NotNull((await parties.RunAsync(parties.Client("alice", "something else"), ["SCRAM-SHA-1"])).Identity);
    }

    [Fact]
    public async Task A_property_with_a_value_for_each_hash_serves_each_hash()
    {
        using var parties = new ScramParties();
        foreach (ScramHash hash in ScramHash.All)
            parties.AddKeys("alice", hash);
        foreach (ScramHash hash in ScramHash.All)
            Assert.NotNull((await parties.RunAsync(parties.Client("alice"), [hash.Name])).Identity);
    }

    [Fact]
    public async Task More_stored_iterations_than_configured_let_nobody_in()
    {
        using var parties = new ScramParties(ScramMechanisms.Create(new ScramOptions { MaxStoredIterations = 5000 }));
        parties.AddKeys("alice", ScramHash.Sha256, 5001);
        parties.AddKeys("bob", ScramHash.Sha256, 5000);
        Assert.Null((await parties.RunAsync(parties.Client("alice"), ["SCRAM-SHA-256"])).Identity);
        Assert.NotNull((await parties.RunAsync(parties.Client("bob"), ["SCRAM-SHA-256"])).Identity);
    }

    [Fact]
    public async Task An_empty_stored_password_lets_nobody_in()
    {
        using var parties = new ScramParties();
        parties.Store.Add(new SaslUser("alice", ""), "userPassword", []);
        Assert.Null((await parties.RunAsync(parties.Client("alice", ""), ["SCRAM-SHA-256"])).Identity);
    }

    [Fact]
    public async Task Slow_derivations_go_through_the_queue()
    {
        using var work = new SaslWorkQueue(maxRunning: 1, maxWaiting: 0);
        using var store = new MemoryCredentialStore();
        store.Add(new SaslUser("alice", ""), "userPassword", "pencil"u8);
        var server = new SaslServer(new SaslServerOptions
        {
            Service = "imap", Mechanisms = ScramMechanisms.Create(new ScramOptions { Iterations = SaslWorkQueue.InlineIterations + 1 }),
            CredentialStore = store, Work = work,
        });
        using var release = new ManualResetEventSlim();
        Task<bool> busy = work.RunAsync(() => { release.Wait(); return true; }, default).AsTask();
        using SaslServerSession session = server.CreateSession(SaslChannel.Plaintext);
        SaslReply first = await session.StartAsync("SCRAM-SHA-256", "n,,n=alice,r=abc"u8.ToArray());
        string nonce = Encoding.ASCII.GetString(first.Message!.Value.Span).Split(',')[0];
        SaslReply last = await session.StepAsync(Encoding.ASCII.GetBytes($"c=biws,{nonce},p={Convert.ToBase64String(new byte[32])}"));
        Assert.Equal(SaslError.TemporaryFailure, last.Error);
        release.Set();
        Assert.True(await busy);
    }
}
