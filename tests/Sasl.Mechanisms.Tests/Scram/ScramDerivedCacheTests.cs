using Xunit;

namespace Sasl.Mechanisms.Tests;

public sealed class ScramDerivedCacheTests
{
    private const int Iterations = 4096;

    private static readonly SaslUser s_alice = new("alice", "");

    private readonly ScramDerivedCache _cache = new();

    [Fact]
    public void What_was_added_is_found_as_a_copy()
    {
        using ScramVerifier derived = Derive("secret"u8, "salt"u8);
        _cache.Add(s_alice, "secret"u8, derived);

        ScramVerifier? first = Find(s_alice, "secret"u8, "salt"u8);
        Assert.NotNull(first);
        Assert.Equal(derived.Format(), first.Format());
        first.Dispose();    // erasing a copy leaves the kept one as it is

        using ScramVerifier? second = Find(s_alice, "secret"u8, "salt"u8);
        Assert.Equal(derived.Format(), second!.Format());
    }

    [Fact]
    public void Another_password_salt_count_hash_or_user_finds_nothing()
    {
        using ScramVerifier derived = Derive("secret"u8, "salt"u8);
        _cache.Add(s_alice, "secret"u8, derived);

        Assert.Null(Find(s_alice, "changed"u8, "salt"u8));
        Assert.Null(Find(s_alice, "secret"u8, "other"u8));
        Assert.Null(_cache.Find(ScramHash.Sha256, s_alice, "secret"u8, "salt"u8, Iterations + 1));
        Assert.Null(_cache.Find(ScramHash.Sha1, s_alice, "secret"u8, "salt"u8, Iterations));
        Assert.Null(Find(new SaslUser("alice", "example.com"), "secret"u8, "salt"u8));
    }

    [Fact]
    public void A_changed_password_takes_the_place_of_the_old_one()
    {
        using ScramVerifier old = Derive("secret"u8, "salt"u8);
        using ScramVerifier changed = Derive("changed"u8, "salt"u8);
        _cache.Add(s_alice, "secret"u8, old);
        _cache.Add(s_alice, "changed"u8, changed);

        Assert.Null(Find(s_alice, "secret"u8, "salt"u8));
        using ScramVerifier? found = Find(s_alice, "changed"u8, "salt"u8);
        Assert.NotNull(found);
        Assert.Equal(1, _cache.Count);
    }

    [Fact]
    public void The_oldest_makes_room()
    {
        using ScramVerifier derived = Derive("secret"u8, "salt"u8);
        for (int i = 0; i <= ScramDerivedCache.MaxEntries; i++)
            _cache.Add(new SaslUser($"user{i}", ""), "secret"u8, derived);

        Assert.Equal(ScramDerivedCache.MaxEntries, _cache.Count);
        Assert.Null(Find(new SaslUser("user0", ""), "secret"u8, "salt"u8));
        using ScramVerifier? last = Find(new SaslUser($"user{ScramDerivedCache.MaxEntries}", ""), "secret"u8, "salt"u8);
        Assert.NotNull(last);
    }

    [Theory]
    [InlineData("secret", "wrong")]
    [InlineData("secret", "changed")]
    public async Task A_wrong_password_is_refused_also_when_the_right_one_is_remembered(string stored, string tried)
    {
        using var store = new MemoryCredentialStore();
        store.Add(s_alice, SaslProperty.UserPassword.Name, System.Text.Encoding.ASCII.GetBytes(stored));
        SaslServer server = Server(store);

        Assert.True(await LogInAsync(server, stored));
        Assert.True(await LogInAsync(server, stored));
        Assert.False(await LogInAsync(server, tried));
        Assert.True(await LogInAsync(server, stored));
    }

    [Fact]
    public async Task A_new_password_in_the_store_counts_at_once_and_the_old_one_no_more()
    {
        using var store = new MemoryCredentialStore();
        store.Add(s_alice, SaslProperty.UserPassword.Name, "secret"u8);
        SaslServer server = Server(store);
        Assert.True(await LogInAsync(server, "secret"));

        await store.StoreAsync(s_alice, [new SaslPropertyValue(SaslProperty.UserPassword.Name, "changed"u8.ToArray())], default);

        Assert.False(await LogInAsync(server, "secret"));
        Assert.True(await LogInAsync(server, "changed"));
    }

    // The queue is closed after the first login, so that whoever still derives gets an error, and whoever does not succeeds.
    [Fact]
    public async Task A_right_proof_is_answered_from_memory_and_a_wrong_one_pays_for_a_derivation()
    {
        var options = new ScramOptions { Iterations = SaslWorkQueue.InlineIterations + 1 };
        SaslMechanism mechanism = ScramMechanisms.Create(options).First(static one => one.Name == "SCRAM-SHA-256");
        using var store = new MemoryCredentialStore();
        store.Add(s_alice, SaslProperty.UserPassword.Name, "secret"u8);
        var queue = new SaslWorkQueue();
        var server = new SaslServer(new SaslServerOptions
        {
            Service = "imap", ServerName = "localhost", Mechanisms = [mechanism], CredentialStore = store, Work = queue,
        });
        Assert.True(await LogInAsync(server, "secret"));
        queue.Dispose();

        Assert.True(await LogInAsync(server, "secret"));
        Assert.Equal(SaslError.TemporaryFailure, (await ConverseAsync(server, "wrong")).Error);
    }

    private static SaslServer Server(MemoryCredentialStore store) => new(new SaslServerOptions
    {
        Service = "imap", ServerName = "localhost", Mechanisms = [ScramMechanisms.Sha256], CredentialStore = store,
    });

    // A new client each time, which derives its own keys.
    private static async Task<bool> LogInAsync(SaslServer server, string password) => (await ConverseAsync(server, password)).IsSuccess;

    private static async Task<SaslReply> ConverseAsync(SaslServer server, string password)
    {
        using SaslSecret secret = SaslSecret.FromText(password);
        using var account = new SaslClient(new SaslClientOptions
        {
            Service = "imap", ServerName = "localhost", Mechanisms = [ScramMechanisms.Sha256], UserName = "alice", Password = secret,
        });
        using SaslServerSession theirs = server.CreateSession(SaslChannel.Plaintext);
        using SaslClientSession ours = account.CreateSession(SaslChannel.Plaintext);
        SaslReply fromClient = await ours.StartAsync(["SCRAM-SHA-256"]);
        SaslReply fromServer = await theirs.StartAsync("SCRAM-SHA-256", fromClient.Message);
        while (fromServer.NeedsMore)
        {
            fromClient = await ours.StepAsync(fromServer.Message ?? default);
            fromServer = await theirs.StepAsync(fromClient.Message ?? default);
        }
        return fromServer;
    }

    private static ScramVerifier Derive(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt) =>
        ScramVerifier.Derive(ScramHash.Sha256, password, salt, Iterations);

    private ScramVerifier? Find(SaslUser user, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt) =>
        _cache.Find(ScramHash.Sha256, user, password, salt, Iterations);
}
