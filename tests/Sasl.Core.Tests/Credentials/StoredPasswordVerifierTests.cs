using Xunit;

namespace Sasl.Core.Tests.Credentials;

public sealed class StoredPasswordVerifierTests : IDisposable
{
    private readonly MemoryCredentialStore _store = new();
    private readonly SaslWorkQueue _work = new(maxRunning: 1, maxWaiting: 0);
    private readonly CountingForm _strong = new("STRONG");
    private readonly CountingForm _weak = new("WEAK");
    private readonly StoredPasswordVerifier _verifier;

    public StoredPasswordVerifierTests() =>
        _verifier = new StoredPasswordVerifier(_store, [PlainTextForm.Instance, CyrusPlainForm.Instance, _strong, _weak], _work);

    public void Dispose()
    {
        _store.Dispose();
        _work.Dispose();
    }

    [Fact]
    public async Task Plain_text_is_checked()
    {
        _store.Add(Ask.Alice, "userPassword", "pencil"u8);
        Assert.Equal(PasswordOutcome.Match, await Ask.OutcomeAsync(_verifier, Ask.Alice, "pencil"));
        Assert.Equal(PasswordOutcome.Mismatch, await Ask.OutcomeAsync(_verifier, Ask.Alice, "pen"));
    }

    [Fact]
    public async Task A_derived_form_is_checked()
    {
        _store.Add(Ask.Alice, "authPassword", CountingForm.Stored("WEAK", 4096, "pencil"));
        Assert.Equal(PasswordOutcome.Match, await Ask.OutcomeAsync(_verifier, Ask.Alice, "pencil"));
        Assert.Equal(PasswordOutcome.Mismatch, await Ask.OutcomeAsync(_verifier, Ask.Alice, "pen"));
    }

    [Fact]
    public async Task The_store_is_asked_once_for_all_forms()
    {
        ScriptedStore store = ScriptedStore.With(("userPassword", "pencil"));
        var verifier = new StoredPasswordVerifier(store, [PlainTextForm.Instance, CyrusPlainForm.Instance, _strong, _weak], _work);
        await Ask.OutcomeAsync(verifier, Ask.Alice, "pencil");
        Assert.Equal(["userPassword cmusaslsecretPLAIN authPassword"], store.Asked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Plain_text_beside_derived_values_does_not_count(bool plainFirst)
    {
        if (plainFirst)
            _store.Add(Ask.Alice, "userPassword", "leftover"u8);
        _store.Add(Ask.Alice, "authPassword", CountingForm.Stored("STRONG", 4096, "pencil"));
        if (!plainFirst)
            _store.Add(Ask.Alice, "cmusaslsecretPLAIN", PasswordFormTests.CyrusSecret("leftover"));
        Assert.Equal(PasswordOutcome.Match, await Ask.OutcomeAsync(_verifier, Ask.Alice, "pencil"));
        Assert.Equal(PasswordOutcome.Mismatch, await Ask.OutcomeAsync(_verifier, Ask.Alice, "leftover"));
        Assert.Equal(["verify 4096", "verify 4096"], _strong.Work);
    }

    [Fact]
    public async Task Plain_text_counts_where_no_derived_value_can_be_read()
    {
        _store.Add(Ask.Alice, "authPassword", "OTHER$4096$other"u8);
        _store.Add(Ask.Alice, "userPassword", "pencil"u8);
        Assert.Equal(PasswordOutcome.Match, await Ask.OutcomeAsync(_verifier, Ask.Alice, "pencil"));
    }

    [Fact]
    public async Task A_wrong_password_is_derived_once_from_the_cheapest_value()
    {
        _store.Add(Ask.Alice, "authPassword", CountingForm.Stored("STRONG", 4096, "pencil"));
        _store.Add(Ask.Alice, "authPassword", CountingForm.Stored("WEAK", 1000, "pencil"));
        _store.Add(Ask.Alice, "authPassword", CountingForm.Stored("WEAK", 2000, "pencil"));
        Assert.Equal(PasswordOutcome.Mismatch, await Ask.OutcomeAsync(_verifier, Ask.Alice, "wrong"));
        Assert.Empty(_strong.Work);
        Assert.Equal(["verify 1000"], _weak.Work);
    }

    [Theory]
    [InlineData("WEAK", "STRONG")]
    [InlineData("STRONG", "WEAK")]
    public async Task Of_equal_costs_the_first_form_of_the_list_decides(string first, string second)
    {
        _store.Add(Ask.Alice, "authPassword", CountingForm.Stored(first, 4096, "pencil"));
        _store.Add(Ask.Alice, "authPassword", CountingForm.Stored(second, 4096, "pencil"));
        Assert.Equal(PasswordOutcome.Match, await Ask.OutcomeAsync(_verifier, Ask.Alice, "pencil"));
        Assert.Equal(["verify 4096"], _strong.Work);
        Assert.Empty(_weak.Work);
    }

    [Fact]
    public async Task Any_of_several_plain_values_may_match()
    {
        _store.Add(Ask.Alice, "userPassword", "first"u8);
        _store.Add(Ask.Alice, "userPassword", "second"u8);
        _store.Add(Ask.Alice, "cmusaslsecretPLAIN", PasswordFormTests.CyrusSecret("third"));
        foreach (string password in new[] { "first", "second", "third" })
            Assert.Equal(PasswordOutcome.Match, await Ask.OutcomeAsync(_verifier, Ask.Alice, password));
        Assert.Equal(PasswordOutcome.Mismatch, await Ask.OutcomeAsync(_verifier, Ask.Alice, "fourth"));
    }

    [Fact]
    public async Task A_value_belongs_to_the_first_form_that_reads_it()
    {
        var hashed = new CountingForm("{SSHA}", "userPassword");
        var verifier = new StoredPasswordVerifier(_store, [hashed, PlainTextForm.Instance], _work);
        _store.Add(Ask.Alice, "userPassword", CountingForm.Stored("{SSHA}", 1, "pencil"));
        Assert.Equal(PasswordOutcome.Match, await Ask.OutcomeAsync(verifier, Ask.Alice, "pencil"));
        Assert.Equal(PasswordOutcome.Mismatch, await Ask.OutcomeAsync(verifier, Ask.Alice, "{SSHA}$1$pencil"));
    }

    [Fact]
    public async Task Before_anybody_was_found_an_unknown_user_costs_what_the_cheapest_of_the_derived_forms_costs()
    {
        var cheap = new CountingForm("CHEAP", typicalCost: 1000);
        var verifier = new StoredPasswordVerifier(_store, [PlainTextForm.Instance, _strong, cheap], _work);
        Assert.Equal(PasswordOutcome.UnknownUser, await Ask.OutcomeAsync(verifier, Ask.Nobody, "pencil"));
        Assert.Equal(["imitate 1000"], cheap.Work);
        Assert.Empty(_strong.Work);
    }

    [Fact]
    public async Task An_unknown_user_costs_what_the_users_cost_who_exist()
    {
        _store.Add(Ask.Alice, "authPassword", CountingForm.Stored("WEAK", 1234, "pencil"));
        await Ask.OutcomeAsync(_verifier, Ask.Alice, "wrong");
        Assert.Equal(PasswordOutcome.UnknownUser, await Ask.OutcomeAsync(_verifier, Ask.Nobody, "pencil"));
        Assert.Equal(["verify 1234", "imitate 1234"], _weak.Work);
        Assert.Empty(_strong.Work);
    }

    [Fact]
    public async Task In_a_mixed_store_nobody_can_steer_what_an_unknown_user_costs()
    {
        _store.Add(Ask.Alice, "authPassword", CountingForm.Stored("WEAK", 1000, "pencil"));
        _store.Add(Ask.Bob, "authPassword", CountingForm.Stored("WEAK", 2000, "pencil"));
        await Ask.OutcomeAsync(_verifier, Ask.Alice, "wrong");
        await Ask.OutcomeAsync(_verifier, Ask.Bob, "wrong");
        string[] efforts = await EffortsAsync();
        Assert.Contains("imitate 1000", efforts);
        Assert.Contains("imitate 2000", efforts);
        foreach (SaslUser found in new[] { Ask.Alice, Ask.Alice, Ask.Bob, Ask.Alice })
        {
            await Ask.OutcomeAsync(_verifier, found, "wrong");
            Assert.Equal(efforts, await EffortsAsync());
        }
    }

    [Fact]
    public async Task A_new_effort_among_the_users_changes_few_unknown_ones()
    {
        foreach ((string name, int cost) in new[] { ("first", 1000), ("second", 2000) })
            await FindAsync(name, cost);
        string[] before = await EffortsAsync();
        await FindAsync("third", 3000);
        string[] after = await EffortsAsync();
        Assert.All(before.Zip(after).Where(static pair => pair.First != pair.Second), static pair => Assert.Equal("imitate 3000", pair.Second));
        Assert.Contains(before.Zip(after), static pair => pair.First != pair.Second);
        Assert.Contains(before.Zip(after), static pair => pair.First == pair.Second);
    }

    [Fact]
    public async Task Many_efforts_among_the_users_are_not_all_remembered()
    {
        for (int i = 1; i <= 3 * PasswordPopulation.MaxEfforts; i++)
            await FindAsync($"user{i}", i);
        string[] efforts = await EffortsAsync();
        Assert.InRange(efforts.Distinct().Count(), 2, PasswordPopulation.MaxEfforts);
    }

    [Fact]
    public async Task Two_verifiers_choose_differently_for_one_name()
    {
        await FindAsync("first", 1000);
        await FindAsync("second", 2000);
        string[] here = await EffortsAsync();
        var other = new StoredPasswordVerifier(_store, [_weak], _work);
        await Ask.OutcomeAsync(other, new SaslUser("first", ""), "wrong");
        await Ask.OutcomeAsync(other, new SaslUser("second", ""), "wrong");
        Assert.NotEqual(here, await EffortsAsync(other));
    }

    [Fact]
    public async Task Without_a_derived_form_an_unknown_user_costs_what_the_first_form_costs()
    {
        var first = new CountingForm("FIRST", "userPassword", typicalCost: 0);
        var verifier = new StoredPasswordVerifier(_store, [first, PlainTextForm.Instance], _work);
        Assert.Equal(PasswordOutcome.UnknownUser, await Ask.OutcomeAsync(verifier, Ask.Nobody, "pencil"));
        Assert.Equal(["imitate 0"], first.Work);
    }

    [Fact]
    public async Task A_user_without_a_readable_value_is_as_good_as_unknown_after_the_same_work()
    {
        _store.Add(Ask.Bob, "authPassword", "OTHER$4096$pencil"u8);
        _store.Add(Ask.Bob, "userPassword", []);
        Assert.Equal(PasswordOutcome.UnknownUser, await Ask.OutcomeAsync(_verifier, Ask.Bob, "pencil"));
        Assert.Equal(["imitate 4096"], _strong.Work);
    }

    [Fact]
    public async Task A_store_that_does_not_know_the_user_is_believed_whatever_it_filled_in()
    {
        var store = new ScriptedStore(static (properties, _) =>
        {
            properties.Add("userPassword", "pencil"u8);
            return new(false);
        });
        var verifier = new StoredPasswordVerifier(store, [PlainTextForm.Instance], _work);
        Assert.Equal(PasswordOutcome.UnknownUser, await Ask.OutcomeAsync(verifier, Ask.Alice, "pencil"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("pen\u0007cil")]
    [InlineData("pen\0cil")]
    public async Task A_password_that_is_empty_or_cannot_be_prepared_is_wrong_after_the_same_work(string password)
    {
        _store.Add(Ask.Alice, "authPassword", CountingForm.Stored("WEAK", 4096, password));
        Assert.Equal(PasswordOutcome.Mismatch, await Ask.OutcomeAsync(_verifier, Ask.Alice, password));
        Assert.Equal(["imitate 4096"], _weak.Work);
    }

    [Fact]
    public async Task Octets_that_are_no_text_are_a_wrong_password()
    {
        _store.Add(Ask.Alice, "userPassword", [0xFF, 0xFE]);
        PasswordVerdict verdict = await _verifier.VerifyAsync(Ask.Alice, new byte[] { 0xFF, 0xFE }, Ask.Service, default);
        Assert.Equal(PasswordOutcome.Mismatch, verdict.Outcome);
    }

    [Fact]
    public async Task An_empty_stored_password_matches_nobody()
    {
        _store.Add(Ask.Alice, "userPassword", []);
        Assert.Equal(PasswordOutcome.UnknownUser, await Ask.OutcomeAsync(_verifier, Ask.Alice, ""));
    }

    [Fact]
    public async Task A_slow_check_runs_on_the_queue_and_a_quick_one_does_not()
    {
        using var closed = new SaslWorkQueue(maxRunning: 1, maxWaiting: 0);
        var verifier = new StoredPasswordVerifier(_store, [_strong], closed);
        var slow = new StoredPasswordVerifier(_store, [_strong], closed);
        _store.Add(Ask.Alice, "authPassword", CountingForm.Stored("STRONG", SaslWorkQueue.InlineIterations, "pencil"));
        _store.Add(Ask.Bob, "authPassword", CountingForm.Stored("STRONG", SaslWorkQueue.InlineIterations + 1, "pencil"));

        var leave = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<bool> occupying = closed.RunAsync(() => Occupy(entered, leave), default).AsTask();
        await entered.Task;

        ValueTask<PasswordVerdict> quick = verifier.VerifyAsync(Ask.Alice, Ask.Octets("pencil"), Ask.Service, default);
        Assert.True(quick.IsCompletedSuccessfully);
        Assert.Equal(Environment.CurrentManagedThreadId, _strong.WorkerThread);
        await Assert.ThrowsAsync<SaslUnavailableException>(() => Ask.OutcomeAsync(slow, Ask.Bob, "pencil"));
        await Assert.ThrowsAsync<SaslUnavailableException>(() => Ask.OutcomeAsync(slow, Ask.Nobody, "pencil"));    // costs what Bob costs

        leave.SetResult();
        await occupying;
        Assert.Equal(PasswordOutcome.Match, await Ask.OutcomeAsync(slow, Ask.Bob, "pencil"));
    }

    [Fact]
    public async Task A_store_that_throws_is_not_a_wrong_password()
    {
        var verifier = new StoredPasswordVerifier(ScriptedStore.Throwing(new IOException("down")), [PlainTextForm.Instance], _work);
        await Assert.ThrowsAsync<IOException>(() => Ask.OutcomeAsync(verifier, Ask.Alice, "pencil"));
    }

    [Fact]
    public async Task Where_a_store_of_a_chain_was_silent_no_answer_but_a_match_tells_whom_the_others_know()
    {
        _store.Add(Ask.Alice, "authPassword", CountingForm.Stored("WEAK", 1234, "pencil"));
        var chain = new CredentialStoreChain(
            [new("sql", ScriptedStore.Throwing(new IOException("down"))) { OnError = SaslChainErrorRule.Continue }, new("memory", _store)]);
        var verifier = new StoredPasswordVerifier(chain, [_weak], _work);
        Assert.Equal(PasswordOutcome.Match, await Ask.OutcomeAsync(verifier, Ask.Alice, "pencil"));
        await Assert.ThrowsAsync<SaslUnavailableException>(() => Ask.OutcomeAsync(verifier, Ask.Alice, "wrong"));
        await Assert.ThrowsAsync<SaslUnavailableException>(() => Ask.OutcomeAsync(verifier, Ask.Nobody, "wrong"));
        Assert.Equal(["verify 1234", "verify 1234", "imitate 1234"], _weak.Work);
    }

    [Fact]
    public async Task Cancellation_reaches_the_store()
    {
        _store.Add(Ask.Alice, "userPassword", "pencil"u8);
        await Assert.ThrowsAsync<OperationCanceledException>(async () =>
            await _verifier.VerifyAsync(Ask.Alice, Ask.Octets("pencil"), Ask.Service, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void A_check_allocates_little()
    {
#if DEBUG
        const int Budget = 440;    // the compiler makes async methods classes
#else
        const int Budget = 192;
#endif
        _store.Add(Ask.Alice, "userPassword", "pencil"u8);
        byte[] password = Ask.Octets("pencil");
        Assert.True(Once());

        const int Rounds = 100;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Rounds; i++)
            Once();
        long each = (GC.GetAllocatedBytesForCurrentThread() - before) / Rounds;
        Assert.True(each <= Budget, $"{each} octets a check");

        bool Once()
        {
            ValueTask<PasswordVerdict> verdict = _verifier.VerifyAsync(Ask.Alice, password, Ask.Service, default);
            return verdict.IsCompletedSuccessfully && verdict.Result.Outcome is PasswordOutcome.Match;
        }
    }

    private async Task FindAsync(string name, int cost)
    {
        var user = new SaslUser(name, "");
        _store.Add(user, "authPassword", CountingForm.Stored("WEAK", cost, "pencil"));
        await Ask.OutcomeAsync(_verifier, user, "wrong");
    }

    // What each of many unknown users costs. The chance that all cost the same is that of as many tosses of a coin.
    private async Task<string[]> EffortsAsync(StoredPasswordVerifier? verifier = null)
    {
        int before = _weak.Work.Count;
        for (int i = 0; i < 64; i++)
            Assert.Equal(PasswordOutcome.UnknownUser, await Ask.OutcomeAsync(verifier ?? _verifier, new SaslUser($"nobody{i}", ""), "pencil"));
        return [.. _weak.Work.Skip(before)];
    }

    private static bool Occupy(TaskCompletionSource entered, TaskCompletionSource leave)
    {
        entered.SetResult();
        leave.Task.GetAwaiter().GetResult();
        return true;
    }
}
