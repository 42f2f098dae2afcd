using System.Text;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>What the client keeps, prepares and refuses to begin with.</summary>
public sealed class ScramClientTests
{
    private const string Mechanism = "SCRAM-SHA-256";

    [Fact]
    public async Task Keys_that_a_server_has_proved_right_are_derived_once()
    {
        (ScramParties parties, CountingHash hash) = Counting();
        using ScramParties owned = parties;
        owned.AddKeys("alice", ScramHash.Sha256);
        SaslClient client = owned.Client("alice");
        for (int i = 0; i < 3; i++)
            Assert.NotNull((await owned.RunAsync(client, [Mechanism])).Identity);
        Assert.Equal(1, hash.TakeWork().Hi);
    }

    [Fact]
    public async Task Keys_that_no_server_has_proved_right_are_not_kept()
    {
        (ScramParties parties, CountingHash hash) = Counting();
        using ScramParties owned = parties;
        owned.AddKeys("alice", ScramHash.Sha256);
        SaslClient client = owned.Client("alice", "wrong");
        for (int i = 0; i < 3; i++)
            Assert.Equal(SaslError.InvalidCredentials, (await owned.RunAsync(client, [Mechanism])).AtServer);
        Assert.Equal(3, hash.TakeWork().Hi);
    }

    [Fact]
    public async Task A_new_salt_is_derived_anew()
    {
        (ScramParties parties, CountingHash hash) = Counting();
        using ScramParties owned = parties;
        owned.AddKeys("alice", ScramHash.Sha256);
        SaslClient client = owned.Client("alice");
        Assert.NotNull((await owned.RunAsync(client, [Mechanism])).Identity);
        await owned.Store.RemoveAsync(new SaslUser("alice", ""), default);
        owned.AddKeys("alice", ScramHash.Sha256, saltLength: 24);
        Assert.NotNull((await owned.RunAsync(client, [Mechanism])).Identity);
        Assert.Equal(2, hash.TakeWork().Hi);
    }

    [Fact]
    public void The_cache_is_bounded_and_forgets_the_oldest()
    {
        using var cache = new ScramKeyCache();
        byte[] keys = [1, 2, 3], copy = new byte[3];
        for (int i = 0; i <= ScramKeyCache.MaxEntries; i++)
            cache.Add(ScramHash.Sha256, [(byte)i], 4096, keys);
        Assert.False(cache.TryCopy(ScramHash.Sha256, [0], 4096, copy));
        Assert.True(cache.TryCopy(ScramHash.Sha256, [1], 4096, copy));
        Assert.Equal(keys, copy);
        Assert.True(cache.TryCopy(ScramHash.Sha256, [ScramKeyCache.MaxEntries], 4096, copy));
    }

    [Fact]
    public void The_cache_tells_hashes_salts_and_counts_apart()
    {
        using var cache = new ScramKeyCache();
        byte[] copy = new byte[3];
        cache.Add(ScramHash.Sha256, [1, 2], 4096, [1, 2, 3]);
        Assert.False(cache.TryCopy(ScramHash.Sha1, [1, 2], 4096, copy));
        Assert.False(cache.TryCopy(ScramHash.Sha256, [1, 3], 4096, copy));
        Assert.False(cache.TryCopy(ScramHash.Sha256, [1], 4096, copy));
        Assert.False(cache.TryCopy(ScramHash.Sha256, [1, 2], 4097, copy));
        Assert.True(cache.TryCopy(ScramHash.Sha256, [1, 2], 4096, copy));
    }

    [Fact]
    public void A_disposed_cache_keeps_nothing()
    {
        var cache = new ScramKeyCache();
        cache.Add(ScramHash.Sha256, [1], 4096, [1, 2, 3]);
        cache.Dispose();
        cache.Add(ScramHash.Sha256, [2], 4096, [1, 2, 3]);
        Assert.False(cache.TryCopy(ScramHash.Sha256, [1], 4096, new byte[3]));
        Assert.False(cache.TryCopy(ScramHash.Sha256, [2], 4096, new byte[3]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("con\u0007trol")]
    public async Task A_name_that_cannot_be_prepared_is_not_sent(string name)
    {
        using var parties = new ScramParties();
        ScramOutcome outcome = await parties.RunAsync(parties.Client(name), [Mechanism]);
        Assert.Contains(outcome.AtClient, new[] { SaslError.InvalidCredentials, SaslError.MechanismUnavailable });
        Assert.Null(outcome.Identity);
    }

    [Fact]
    public async Task A_password_that_cannot_be_prepared_is_not_used()
    {
        using var parties = new ScramParties();
        parties.AddKeys("alice", ScramHash.Sha256);
        ScramOutcome outcome = await parties.RunAsync(parties.Client("alice", "con\u0007trol"), [Mechanism]);
        Assert.Equal(SaslError.InvalidCredentials, outcome.AtClient);
        Assert.Equal("the password cannot be prepared (SASLprep)", outcome.Detail);
    }

    [Theory]
    [InlineData("a,b", "alice")]
    [InlineData("a=b", "alice")]
    [InlineData("=2C", "=3D")]
    public async Task Names_with_commas_and_equals_signs_get_through(string user, string authzid)
    {
        using var parties = new ScramParties();
        parties.AddKeys(user, ScramHash.Sha256);
        Assert.Equal(user, (await parties.RunAsync(parties.Client(user), [Mechanism])).Identity!.Authenticated.Name);
        Assert.Equal(SaslError.NotAuthorized, (await parties.RunAsync(parties.Client(user, authzid: authzid), [Mechanism])).AtServer);
    }

    [Fact]
    public async Task Bounds_of_the_iteration_count_can_be_configured()
    {
        using var parties = new ScramParties();
        parties.AddKeys("alice", ScramHash.Sha256, 1000);
        SaslClient strict = parties.Client("alice", options: new ScramOptions());
        SaslClient lax = parties.Client("alice", options: new ScramOptions { MinIterations = 1000, MaxIterations = 1000 });
        SaslClient hasty = parties.Client("alice", options: new ScramOptions { MinIterations = 1, MaxIterations = 999 });
        Assert.Equal(SaslError.MechanismTooWeak, (await parties.RunAsync(strict, [Mechanism])).AtClient);
        Assert.NotNull((await parties.RunAsync(lax, [Mechanism])).Identity);
        Assert.Equal(SaslError.Malformed, (await parties.RunAsync(hasty, [Mechanism])).AtClient);
    }

    [Fact]
    public async Task A_slow_derivation_goes_through_the_queue_and_still_logs_in()
    {
        using var parties = new ScramParties();
        parties.AddKeys("alice", ScramHash.Sha512, SaslWorkQueue.InlineIterations + 1);
        Assert.NotNull((await parties.RunAsync(parties.Client("alice"), ["SCRAM-SHA-512"])).Identity);
    }

    [Fact]
    public async Task A_server_that_reports_success_without_a_proof_is_not_believed()
    {
        using var parties = new ScramParties();
        using SaslClientSession session = parties.Client("alice").CreateSession(SaslChannel.Plaintext);
        SaslReply first = await session.StartAsync([Mechanism]);
        Assert.Equal(SaslError.ServerNotAuthentic, (await session.CompleteAsync()).Error);

        first = await session.StartAsync([Mechanism]);
        string nonce = Encoding.ASCII.GetString(first.Message!.Value.Span).Split("r=")[1];
        await session.StepAsync(Encoding.ASCII.GetBytes($"r={nonce}x,s=AAAA,i=4096"));
        Assert.Equal(SaslError.ServerNotAuthentic, (await session.CompleteAsync()).Error);
    }

    [Fact]
    public async Task Many_logins_at_once_share_one_client_and_one_server()
    {
        using var parties = new ScramParties();
        for (int i = 0; i < 12; i++)
            parties.AddKeys($"user{i}", ScramHash.Sha256, 4096 + i, 16 + i);
        SaslClient[] clients = [.. Enumerable.Range(0, 12).Select(i => parties.Client($"user{i}"))];
        IEnumerable<Task<ScramOutcome>> logins = Enumerable.Range(0, 120)
            .Select(i => Task.Run(() => parties.RunAsync(clients[i % clients.Length], ["SCRAM-SHA-256"])));
        Assert.All(await Task.WhenAll(logins), static outcome => Assert.NotNull(outcome.Identity));
    }

    private static (ScramParties Parties, CountingHash Hash) Counting()
    {
        var hash = new CountingHash();
        SaslMechanism counted = ScramMechanisms.Create(hash, plus: false, ScramOptions.Default);
        return (new ScramParties([counted with { Server = ScramMechanisms.Sha256.Server }]), hash);
    }
}
