using Xunit;
using static Sasl.Tests.Builders;

namespace Sasl.Tests;

/// <summary><c>auto_transition</c>: passwords that another verifier found right come into the store.</summary>
public sealed class AutoTransitionTests : IDisposable
{
    private static readonly SaslUser s_bob = new("bob", "example.com");

    private readonly MemoryCredentialStore _store = new();
    private readonly FixedVerifier _daemon = new(PasswordOutcome.Match);

    [Fact]
    public async Task No_by_default() => Assert.Empty(await PropertiesAfterLoginAsync(""));

    [Theory]
    [InlineData("no")]
    [InlineData("off")]
    [InlineData("0")]
    public async Task No_stores_nothing(string value) => Assert.Empty(await PropertiesAfterLoginAsync($"auto_transition: {value}"));

    [Theory]
    [InlineData("yes")]
    [InlineData("on")]
    [InlineData("1")]
    [InlineData("true")]
    public async Task Yes_stores_the_password_and_what_SCRAM_derives_of_it(string value)
    {
        string[] properties = await PropertiesAfterLoginAsync($"auto_transition: {value}");
        Assert.Contains("userPassword", properties);
        Assert.Contains("authPassword", properties);
    }

    [Fact]
    public async Task Noplain_stores_only_what_SCRAM_derives()
    {
        string[] properties = await PropertiesAfterLoginAsync("auto_transition: noplain");
        Assert.DoesNotContain("userPassword", properties);
        Assert.Contains("authPassword", properties);
    }

    [Theory]
    [InlineData("SCRAM-SHA-1", "cmusaslsecretSCRAM-SHA-1")]
    [InlineData("SCRAM-SHA-224", "cmusaslsecretSCRAM-SHA-224")]
    [InlineData("SCRAM-SHA-256", "authPassword")]
    [InlineData("SCRAM-SHA-384", "cmusaslsecretSCRAM-SHA-384")]
    [InlineData("SCRAM-SHA-512", "cmusaslsecretSCRAM-SHA-512")]
    [InlineData("SCRAM-SHA3-512", "cmusaslsecretSCRAM-SHA3-512")]
    [InlineData("DIGEST-MD5", "cmusaslsecretDIGEST-MD5")]
    [InlineData("OTP", "cmusaslsecretOTP")]
    [InlineData("SRP", "cmusaslsecretSRP")]
    public async Task A_login_writes_the_record_of_each_mechanism_that_mech_list_names(string mechanism, string record)
    {
        string[] properties = await PropertiesAfterLoginAsync($"auto_transition: noplain\nmech_list: PLAIN {mechanism}");
        Assert.Contains(record, properties);
        Assert.DoesNotContain("userPassword", properties);
    }

    [Theory]
    [InlineData("cmusaslsecretSCRAM-SHA3-512")]
    [InlineData("cmusaslsecretDIGEST-MD5")]
    [InlineData("cmusaslsecretOTP")]
    [InlineData("cmusaslsecretSRP")]
    public async Task A_login_writes_no_record_of_a_mechanism_that_has_to_be_named_and_is_not(string record) =>
        Assert.DoesNotContain(record, await PropertiesAfterLoginAsync("auto_transition: yes"));

    [Fact]
    public async Task Afterwards_the_store_alone_verifies_the_password()
    {
        await PropertiesAfterLoginAsync("auto_transition: noplain");
        using SaslServerSetup setup = Builder().Build("smtp", Conf("pwcheck_method: auxprop"));
        Assert.True((await setup.LogInAsync("bob", "brush")).IsSuccess);
        Assert.Equal(SaslError.InvalidCredentials, (await setup.LogInAsync("bob", "broom")).Error);
    }

    [Fact]
    public async Task A_password_that_auxprop_itself_found_right_is_not_stored_again()
    {
        using SaslServerSetup setup = Builder().Build("smtp", Conf("pwcheck_method: auxprop daemon\nauto_transition: yes"));
        Assert.True((await setup.LogInAsync("alice", "pencil")).IsSuccess);
        Assert.Equal(["userPassword"], await PropertiesAsync(new SaslUser("alice", "example.com")));
    }

    [Theory]
    [InlineData("YES")]
    [InlineData("noPlain")]
    public async Task Capitals_do_not_turn_it_off_unseen(string value) => Assert.NotEmpty(await PropertiesAfterLoginAsync($"auto_transition: {value}"));

    [Fact]
    public void Another_word_is_refused() => Assert.StartsWith(
        "smtpd.conf(2): auto_transition: 'always' is not accepted; accepted are no, yes, noplain", Refusal(Builder(), "auto_transition: always"), StringComparison.Ordinal);

    [Fact]
    public void It_needs_a_store_that_can_be_written()
    {
        SaslServerBuilder builder = Builder();
        builder.Stores["memory"] = static _ => new ReadOnlyStore();
        Assert.Equal(
            "smtpd.conf(2): auto_transition: it needs a credential store that can be written, and there is none (auxprop_plugin)",
            Refusal(builder, "auto_transition: yes"));
    }

    [Fact]
    public void Noplain_without_anything_to_store_is_refused() => Assert.Contains(
        "'noplain' stores nothing", Refusal(Builder(), "auto_transition: noplain\nscram_secret_generate: no"), StringComparison.Ordinal);

    [Fact]
    public async Task A_store_that_refuses_does_not_refuse_the_login_and_is_logged()
    {
        List<(SaslLogLevel Level, string Line)> lines = [];
        SaslServerBuilder builder = Builder();
        builder.Stores["memory"] = static _ => new FullStore();
        builder.Log = (level, line) => lines.Add((level, line));
        using SaslServerSetup setup = builder.Build("smtp", Conf("pwcheck_method: daemon\nauto_transition: yes\nlog_level: 1"));
        Assert.True((await setup.LogInAsync("bob", "brush")).IsSuccess);
        Assert.Contains((SaslLogLevel.Error, "the password of bob@example.com could not be stored (the store is full)"), lines);
    }

    public void Dispose()
    {
        _store.Dispose();
        _daemon.Dispose();
    }

    private static string Refusal(SaslServerBuilder builder, string text) =>
        Assert.Throws<SaslConfigurationException>(() => builder.Build("smtp", Conf($"pwcheck_method: daemon\n{text}"))).Message;

    private SaslServerBuilder Builder()
    {
        SaslServerBuilder builder = Memory(_store);
        builder.Verifiers["daemon"] = _ => _daemon;
        return builder;
    }

    private async Task<string[]> PropertiesAfterLoginAsync(string text)
    {
        using SaslServerSetup setup = Builder().Build("smtp", Conf($"pwcheck_method: daemon\n{text}"));
        Assert.True((await setup.LogInAsync("bob", "brush")).IsSuccess);
        return await PropertiesAsync(s_bob);
    }

    private async Task<string[]> PropertiesAsync(SaslUser user)
    {
        List<string> properties = [];
        await foreach ((SaslUser owner, string property) in _store.ListAsync(null, CancellationToken.None))
        {
            if (owner == user)
                properties.Add(property);
        }
        return [.. properties];
    }

    private sealed class ReadOnlyStore : ICredentialStore
    {
        public ValueTask<bool> LookupAsync(SaslUser user, PropertySet properties, CancellationToken cancellationToken) => new(false);
    }

    private sealed class FullStore : IWritableCredentialStore
    {
        public ValueTask<bool> LookupAsync(SaslUser user, PropertySet properties, CancellationToken cancellationToken) => new(false);

        public ValueTask StoreAsync(SaslUser user, IReadOnlyList<SaslPropertyValue> values, CancellationToken cancellationToken) =>
            throw new SaslUnavailableException("the store is full");

        public ValueTask<bool> RemoveAsync(SaslUser user, CancellationToken cancellationToken) => new(false);

        public ValueTask<bool> TryReplaceAsync(
            SaslUser user, string property, ReadOnlyMemory<byte>? expected, ReadOnlyMemory<byte>? replacement, CancellationToken cancellationToken) =>
            new(false);
    }
}
