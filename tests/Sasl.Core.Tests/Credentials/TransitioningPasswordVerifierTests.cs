using System.Text;
using Xunit;

namespace Sasl.Core.Tests.Credentials;

public sealed class TransitioningPasswordVerifierTests : IDisposable
{
    private static readonly PasswordForm[] s_forms = [PlainTextForm.Instance, CyrusPlainForm.Instance, new CountingForm("DERIVED")];

    private readonly MemoryCredentialStore _store = new();
    private readonly SaslWorkQueue _work = new();
    private readonly List<(SaslUser, Exception)> _failed = [];

    public void Dispose()
    {
        _store.Dispose();
        _work.Dispose();
    }

    [Fact]
    public async Task A_match_elsewhere_fills_the_store()
    {
        TransitioningPasswordVerifier verifier = Verifier(new ScriptedVerifier(PasswordOutcome.Match, "saslauthd"));
        PasswordVerdict verdict = await verifier.VerifyAsync(Ask.Alice, Ask.Octets("pencil"), Ask.Service, default);
        Assert.Equal(new PasswordVerdict(PasswordOutcome.Match, "saslauthd"), verdict);
        Assert.Equal(["authPassword=DERIVED$4096$pencil", "userPassword=pencil"], await HeldAsync());
        Assert.Empty(_failed);
    }

    [Fact]
    public async Task Noplain_stores_what_is_derived_and_removes_an_older_password()
    {
        _store.Add(Ask.Alice, "userPassword", "older"u8);
        _store.Add(Ask.Alice, "cmusaslsecretPLAIN", PasswordFormTests.CyrusSecret("older"));
        _store.Add(Ask.Alice, "mail", "m"u8);
        await Ask.OutcomeAsync(Verifier(new ScriptedVerifier(PasswordOutcome.Match), plain: false), Ask.Alice, "pencil");
        Assert.Equal(["authPassword=DERIVED$4096$pencil"], await HeldAsync());
        Assert.Equal(["mail=m"], await Ask.ValuesAsync(_store, Ask.Alice, "mail"));
    }

    [Theory]
    [InlineData(PasswordOutcome.Mismatch)]
    [InlineData(PasswordOutcome.UnknownUser)]
    [InlineData(PasswordOutcome.Unavailable)]
    [InlineData(PasswordOutcome.Disabled)]
    [InlineData(PasswordOutcome.Expired)]
    public async Task Nothing_but_a_match_is_written(PasswordOutcome outcome)
    {
        Assert.Equal(outcome, await Ask.OutcomeAsync(Verifier(new ScriptedVerifier(outcome)), Ask.Alice, "pencil"));
        Assert.Empty(await HeldAsync());
    }

    [Theory]
    [InlineData("userPassword", "pencil")]
    [InlineData("authPassword", "DERIVED$4096$pencil")]
    public async Task A_store_that_verifies_already_is_not_written(string property, string value)
    {
        _store.Add(Ask.Alice, property, Ask.Octets(value));
        await Ask.OutcomeAsync(Verifier(new ScriptedVerifier(PasswordOutcome.Match)), Ask.Alice, "pencil");
        Assert.Equal([$"{property}={value}"], await HeldAsync());
    }

    [Fact]
    public async Task A_changed_password_replaces_the_older_one()
    {
        _store.Add(Ask.Alice, "userPassword", "older"u8);
        _store.Add(Ask.Alice, "authPassword", "DERIVED$4096$older"u8);
        await Ask.OutcomeAsync(Verifier(new ScriptedVerifier(PasswordOutcome.Match)), Ask.Alice, "pencil");
        Assert.Equal(["authPassword=DERIVED$4096$pencil", "userPassword=pencil"], await HeldAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_plain_text_that_is_left_beside_the_new_secrets_goes(bool plain)
    {
        _store.Add(Ask.Alice, "userPassword", "older"u8);
        _store.Add(Ask.Alice, "authPassword", "DERIVED$4096$pencil"u8);
        await Ask.OutcomeAsync(Verifier(new ScriptedVerifier(PasswordOutcome.Match), plain), Ask.Alice, "pencil");
        Assert.Equal(plain ? "authPassword=DERIVED$4096$pencil userPassword=pencil" : "authPassword=DERIVED$4096$pencil", string.Join(' ', await HeldAsync()));
    }

    [Fact]
    public async Task A_password_that_cannot_be_prepared_is_not_written()
    {
        await Ask.OutcomeAsync(Verifier(new ScriptedVerifier(PasswordOutcome.Match)), Ask.Alice, "pen\u0007cil");
        await Ask.OutcomeAsync(Verifier(new ScriptedVerifier(PasswordOutcome.Match)), Ask.Alice, "");
        Assert.Empty(await HeldAsync());
        Assert.Empty(_failed);
    }

    [Fact]
    public async Task A_failure_to_write_is_reported_and_does_not_fail_the_login()
    {
        _store.Dispose();
        Assert.Equal(PasswordOutcome.Match, await Ask.OutcomeAsync(Verifier(new ScriptedVerifier(PasswordOutcome.Match)), Ask.Alice, "pencil"));
        (SaslUser user, Exception exception) = Assert.Single(_failed);
        Assert.Equal(Ask.Alice, user);
        Assert.IsType<ObjectDisposedException>(exception);
        Assert.DoesNotContain("pencil", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deriver_that_throws_writes_nothing()
    {
        TransitioningPasswordVerifier verifier = Verifier(
            new ScriptedVerifier(PasswordOutcome.Match), derivers: [Derive, static (_, _) => throw new NotSupportedException()]);
        Assert.Equal(PasswordOutcome.Match, await Ask.OutcomeAsync(verifier, Ask.Alice, "pencil"));
        Assert.Empty(await HeldAsync());
        Assert.IsType<NotSupportedException>(Assert.Single(_failed).Item2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_derived_is_erased_whether_or_not_it_could_be_stored(bool stored)
    {
        byte[] made = CountingForm.Stored("DERIVED", 4096, "pencil");
        SaslSecretDeriver make = (_, _) => [new("authPassword", made), new("other", null)];
        SaslSecretDeriver fail = static (_, _) => throw new NotSupportedException();
        await Ask.OutcomeAsync(Verifier(new ScriptedVerifier(PasswordOutcome.Match), derivers: stored ? [make] : [make, fail]), Ask.Alice, "pencil");
        Assert.DoesNotContain(made, static octet => octet != 0);
        Assert.Equal(stored ? "authPassword=DERIVED$4096$pencil userPassword=pencil" : "", string.Join(' ', await HeldAsync()));
    }

    [Fact]
    public async Task Cancellation_is_not_taken_for_a_failure_to_write()
    {
        using var cancellation = new CancellationTokenSource();
        var inner = new ScriptedVerifier(_ =>
        {
            cancellation.Cancel();
            return new(PasswordOutcome.Match);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await Verifier(inner).VerifyAsync(Ask.Alice, Ask.Octets("pencil"), Ask.Service, cancellation.Token));
        Assert.Empty(_failed);
    }

    private static IReadOnlyList<SaslPropertyValue> Derive(SaslUser user, ReadOnlySpan<byte> password) =>
        [new("authPassword", CountingForm.Stored("DERIVED", 4096, Encoding.UTF8.GetString(password)))];

    private TransitioningPasswordVerifier Verifier(IPasswordVerifier inner, bool plain = true, SaslSecretDeriver[]? derivers = null) => new(
        inner,
        new SaslTransition
        {
            Store = _store,
            Forms = s_forms,
            Derivers = derivers ?? [Derive],
            StorePlainText = plain,
            Failed = (user, exception) => _failed.Add((user, exception)),
        },
        _work);

    private Task<string[]> HeldAsync() => Ask.ValuesAsync(_store, Ask.Alice, "userPassword", "authPassword", "cmusaslsecretPLAIN");
}
