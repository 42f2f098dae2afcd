using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>A stranger cannot tell a user who does not exist from one who does.</summary>
public sealed partial class ScramDecoyTests : IDisposable
{
    private const string Mechanism = "SCRAM-SHA-256";

    private readonly ScramParties _parties = new();

    public void Dispose() => _parties.Dispose();

    [Fact]
    public async Task An_unknown_user_shows_the_same_salt_every_time()
    {
        string first = SaltOf(await _parties.AskAsync(Mechanism, "nobody"));
        Assert.Equal(first, SaltOf(await _parties.AskAsync(Mechanism, "nobody")));
        Assert.Equal(first, SaltOf(await _parties.AskAsync(Mechanism + "-PLUS", "nobody", "a connection")));
    }

    [Fact]
    public async Task Unknown_users_show_different_salts()
    {
        string[] salts = [.. await Task.WhenAll(Enumerable.Range(0, 20).Select(async i => SaltOf(await _parties.AskAsync(Mechanism, $"nobody{i}"))))];
        Assert.Equal(20, salts.Distinct().Count());
    }

    [Fact]
    public async Task An_unknown_user_shows_unrelated_salts_for_different_hashes_as_stored_keys_do() =>
        Assert.NotEqual(SaltOf(await _parties.AskAsync("SCRAM-SHA-1", "nobody")), SaltOf(await _parties.AskAsync(Mechanism, "nobody")));

    [Fact]
    public async Task Two_servers_show_different_salts_for_one_unknown_user()
    {
        using var other = new ScramParties();
        Assert.NotEqual(SaltOf(await other.AskAsync(Mechanism, "nobody")), SaltOf(await _parties.AskAsync(Mechanism, "nobody")));
    }

    [Theory]
    [InlineData(4096, 16)]
    [InlineData(15_000, 24)]
    [InlineData(10_000, 32)]
    [InlineData(4096, 200)]
    public async Task An_unknown_user_looks_like_the_users_there_are(int iterations, int saltLength)
    {
        _parties.AddKeys("alice", ScramHash.Sha256, iterations, saltLength);
        string known = await _parties.AskAsync(Mechanism, "alice");
        string unknown = await _parties.AskAsync(Mechanism, "nobody");
        Assert.Equal(known.Length, unknown.Length);
        Assert.Equal(IterationsOf(known), IterationsOf(unknown));
        Assert.Equal(SaltOf(known).Length, SaltOf(unknown).Length);
        Assert.Equal(saltLength, Convert.FromBase64String(SaltOf(unknown)).Length);
    }

    [Fact]
    public async Task Before_any_user_was_seen_an_unknown_one_looks_like_a_new_one()
    {
        string unknown = await _parties.AskAsync("SCRAM-SHA-512", "nobody");
        Assert.Equal(10_000, IterationsOf(unknown));
        Assert.Equal(16, Convert.FromBase64String(SaltOf(unknown)).Length);
    }

    [Fact]
    public async Task An_account_without_usable_keys_looks_like_an_unknown_user()
    {
        _parties.AddKeys("alice", ScramHash.Sha256, 15_000, 24);
        _parties.AddKeys("bob", ScramHash.Sha1);
        _parties.Store.Add(new SaslUser("carol", ""), "userPassword", []);
        string known = await _parties.AskAsync(Mechanism, "alice");
        foreach (string user in new[] { "bob", "carol", "nobody" })
        {
            string asked = await _parties.AskAsync(Mechanism, user);
            Assert.Equal(known.Length, asked.Length);
            Assert.Equal(IterationsOf(known), IterationsOf(asked));
            Assert.Equal(SaltOf(asked), SaltOf(await _parties.AskAsync(Mechanism, user)));
        }
        await _parties.RunAsync(_parties.Client("bob"), [Mechanism]);
        Assert.Equal("no usable keys for this hash", _parties.Observer.Diagnostic);
    }

    [Fact]
    public async Task A_name_that_cannot_be_anyones_is_answered_too()
    {
        string asked = await _parties.AskAsync(Mechanism, "@");
        Assert.Equal(asked.Length, (await _parties.AskAsync(Mechanism, "nobody")).Length);
        Assert.Equal(SaltOf(asked), SaltOf(await _parties.AskAsync(Mechanism, "@")));
    }

    [Fact]
    public async Task In_a_mixed_store_every_unknown_user_keeps_one_look()
    {
        _parties.AddKeys("old", ScramHash.Sha256, 4096);
        _parties.AddKeys("new", ScramHash.Sha256, 10_000);
        await _parties.AskAsync(Mechanism, "old");
        await _parties.AskAsync(Mechanism, "new");
        string[] names = [.. Enumerable.Range(0, 64).Select(static i => $"nobody{i}")];
        string[] looks = await Task.WhenAll(names.Select(LookOf));
        Assert.Contains(looks, static look => look.EndsWith("i=4096", StringComparison.Ordinal));
        Assert.Contains(looks, static look => look.EndsWith("i=10000", StringComparison.Ordinal));
        foreach (string found in new[] { "old", "old", "new", "old" })
        {
            await _parties.AskAsync(Mechanism, found);
            Assert.Equal(looks, await Task.WhenAll(names.Select(LookOf)));
        }
    }

    [Fact]
    public async Task A_new_look_among_the_users_changes_few_unknown_ones()
    {
        _parties.AddKeys("first", ScramHash.Sha256, 4096);
        _parties.AddKeys("second", ScramHash.Sha256, 10_000);
        _parties.AddKeys("third", ScramHash.Sha256, 20_000);
        await _parties.AskAsync(Mechanism, "first");
        await _parties.AskAsync(Mechanism, "second");
        string[] names = [.. Enumerable.Range(0, 64).Select(static i => $"nobody{i}")];
        string[] before = await Task.WhenAll(names.Select(LookOf));
        await _parties.AskAsync(Mechanism, "third");
        string[] after = await Task.WhenAll(names.Select(LookOf));
        Assert.All(before.Zip(after).Where(static pair => pair.First != pair.Second),
            static pair => Assert.EndsWith("i=20000", pair.Second, StringComparison.Ordinal));
        Assert.Contains(before.Zip(after), static pair => pair.First != pair.Second);
        Assert.Contains(before.Zip(after), static pair => pair.First == pair.Second);
    }

    [Fact]
    public async Task Many_looks_among_the_users_are_not_all_remembered()
    {
        for (int i = 0; i < 3 * ScramPopulation.MaxShapes; i++)
        {
            _parties.AddKeys($"user{i}", ScramHash.Sha256, 4096 + i);
            await _parties.AskAsync(Mechanism, $"user{i}");
        }
        string[] looks = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => LookOf($"nobody{i}")));
        Assert.InRange(looks.Select(IterationsOf).Distinct().Count(), 2, ScramPopulation.MaxShapes);
    }

    [Fact]
    public async Task With_stored_keys_an_unknown_user_costs_the_work_of_a_wrong_password()
    {
        (ScramParties parties, CountingHash hash) = Counting();
        using ScramParties owned = parties;
        owned.AddKeys("alice", hash, 15_000);
        owned.AddKeys("bob", ScramHash.Sha1);
        hash.TakeWork();
        var wrong = await WorkOf(owned, hash, "alice");
        Assert.Equal((1, 1, 0, 0), wrong);
        Assert.Equal(wrong, await WorkOf(owned, hash, "nobody"));
        Assert.Equal(wrong, await WorkOf(owned, hash, "bob"));
        Assert.Equal(wrong, await WorkOf(owned, hash, "@"));
    }

    [Fact]
    public async Task With_plain_text_passwords_an_unknown_user_costs_the_work_of_a_wrong_password()
    {
        (ScramParties parties, CountingHash hash) = Counting();
        using ScramParties owned = parties;
        owned.AddPassword("alice");
        owned.AddKeys("bob", ScramHash.Sha1);
        var wrong = await WorkOf(owned, hash, "alice");
        Assert.Equal((2, 3, 1, 4096), wrong);
        Assert.Equal(wrong, await WorkOf(owned, hash, "nobody"));
        Assert.Equal(wrong, await WorkOf(owned, hash, "bob"));
        Assert.Equal(wrong, await WorkOf(owned, hash, "@"));
    }

    [Fact]
    public async Task The_first_answer_costs_no_derivation()
    {
        (ScramParties parties, CountingHash hash) = Counting();
        using ScramParties owned = parties;
        owned.AddPassword("alice");
        await owned.AskAsync(Mechanism, "alice");
        await owned.AskAsync(Mechanism, "nobody");
        Assert.Equal(default, hash.TakeWork());
    }

    [Fact]
    public async Task A_message_that_breaks_the_rules_costs_no_derivation()
    {
        (ScramParties parties, CountingHash hash) = Counting();
        using ScramParties owned = parties;
        owned.AddPassword("alice");
        using SaslServerSession session = owned.Server.CreateSession(SaslChannel.Plaintext);
        await session.StartAsync(Mechanism, "n,,n=alice,r=abc"u8.ToArray());
        Assert.Equal(SaslError.Malformed, (await session.StepAsync("c=biws,r=abc,p=AAAA"u8.ToArray())).Error);
        Assert.Equal(default, hash.TakeWork());
    }

    // The salt is all that a stranger knows of a decoy, so it must not be the way in.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nobody_logs_in_as_a_decoy_with_what_it_shows(bool plaintext)
    {
        if (plaintext)
            _parties.AddPassword("alice");
        await _parties.AskAsync(Mechanism, "alice");
        byte[] salt = Convert.FromBase64String(SaltOf(await _parties.AskAsync(Mechanism, "nobody")));
        using SaslServerSession session = _parties.Server.CreateSession(SaslChannel.Plaintext);
        string first = Encoding.ASCII.GetString((await session.StartAsync(Mechanism, "n,,n=nobody,r=abc"u8.ToArray())).Message!.Value.Span);
        string final = $"c=biws,{first.Split(',')[0]}";
        string proof = Proof(salt, salt, $"n=nobody,r=abc,{first},{final}");
        Assert.Equal(SaslError.InvalidCredentials, (await session.StepAsync(Encoding.ASCII.GetBytes($"{final},p={proof}"))).Error);
    }

    private static string Proof(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, string authMessage)
    {
        byte[] clientKey = new byte[32], storedKey = new byte[32], proof = new byte[32];
        ScramKeys.Derive(ScramHash.Sha256, password, salt, 4096, clientKey, default);
        ScramHash.Sha256.Hash(clientKey, storedKey);
        ScramHash.Sha256.Hmac(storedKey, Encoding.ASCII.GetBytes(authMessage), proof);
        for (int i = 0; i < proof.Length; i++)
            proof[i] ^= clientKey[i];
        return Convert.ToBase64String(proof);
    }

    private static (ScramParties Parties, CountingHash Hash) Counting()
    {
        var hash = new CountingHash();
        return (new ScramParties([ScramMechanisms.Create(hash, plus: false, ScramOptions.Default)]), hash);
    }

    // What the server does for a client that sends a proof which is none.
    private static async Task<(int Hash, int Hmac, int Hi, int Iterations)> WorkOf(ScramParties parties, CountingHash hash, string user)
    {
        using SaslServerSession session = parties.Server.CreateSession(SaslChannel.Plaintext);
        SaslReply first = await session.StartAsync(Mechanism, Encoding.UTF8.GetBytes($"n,,n={user},r=abc"));
        string nonce = Encoding.ASCII.GetString(first.Message!.Value.Span).Split(',')[0];
        SaslReply last = await session.StepAsync(Encoding.ASCII.GetBytes($"c=biws,{nonce},p={Convert.ToBase64String(new byte[32])}"));
        Assert.Equal(SaslError.InvalidCredentials, last.Error);
        return hash.TakeWork();
    }

    private async Task<string> LookOf(string user) => LookPattern().Match(await _parties.AskAsync(Mechanism, user)).Value;

    private static string SaltOf(string serverFirst) => serverFirst.Split(',')[1][2..];

    private static int IterationsOf(string serverFirst) =>
        int.Parse(serverFirst[(serverFirst.LastIndexOf("i=", StringComparison.Ordinal) + 2)..], System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex("s=.*")]
    private static partial Regex LookPattern();
}
