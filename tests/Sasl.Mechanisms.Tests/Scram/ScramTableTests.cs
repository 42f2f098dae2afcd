using Xunit;

namespace Sasl.Mechanisms.Tests;

/// <summary>Every mechanism of the family, client against server, in every situation of the table.</summary>
public sealed class ScramTableTests
{
    private const string Channel = "the one connection";

    public static TheoryData<string> Names => [.. ScramMechanisms.Default.Select(static mechanism => mechanism.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_right_password_logs_in(string name)
    {
        using ScramParties parties = Parties();
        ScramOutcome outcome = await parties.RunAsync(parties.Client("alice"), [name], Channel, BindingOf(name));
        Assert.Equal("alice", outcome.Identity!.Authenticated.Name);
        Assert.Equal("alice", outcome.Identity.Authorized.Name);
        Assert.Equal(name, outcome.Identity.Mechanism.Name);
        Assert.Equal(SaslError.None, outcome.AtClient);
        Assert.Equal(IsPlus(name) ? "tls-exporter" : null, outcome.Identity.ChannelBinding);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_password_stored_as_it_is_logs_in(string name)
    {
        using ScramParties parties = Parties();
        parties.AddPassword("carol");
        ScramOutcome outcome = await parties.RunAsync(parties.Client("carol"), [name], Channel, BindingOf(name));
        Assert.Equal("carol", outcome.Identity!.Authenticated.Name);
        Assert.Equal(SaslError.None, outcome.AtClient);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_wrong_password_is_refused(string name)
    {
        using ScramParties parties = Parties();
        ScramOutcome outcome = await parties.RunAsync(parties.Client("alice", "pencils"), [name], Channel, BindingOf(name));
        Assert.Equal(SaslError.InvalidCredentials, outcome.AtServer);
        Assert.Equal("proof does not fit the stored key", parties.Observer.Diagnostic);
        Assert.Null(outcome.Identity);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_unknown_user_is_refused_as_late_as_a_known_one(string name)
    {
        using ScramParties parties = Parties();
        ScramOutcome outcome = await parties.RunAsync(parties.Client("mallory"), [name], Channel, BindingOf(name));
        Assert.Equal(SaslError.InvalidCredentials, outcome.AtServer);
        Assert.Equal("unknown user", parties.Observer.Diagnostic);
        Assert.Null(outcome.Identity);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_allowed_authorization_identity_is_taken(string name)
    {
        using ScramParties parties = Parties();
        ScramOutcome outcome = await parties.RunAsync(parties.Client("alice", authzid: "bob"), [name], Channel, BindingOf(name));
        Assert.Equal("alice", outcome.Identity!.Authenticated.Name);
        Assert.Equal("bob", outcome.Identity.Authorized.Name);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_forbidden_authorization_identity_is_refused(string name)
    {
        using ScramParties parties = Parties();
        ScramOutcome outcome = await parties.RunAsync(parties.Client("alice", authzid: "root"), [name], Channel, BindingOf(name));
        Assert.Equal(SaslError.NotAuthorized, outcome.AtServer);
        Assert.Null(outcome.Identity);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_whole_offer_makes_a_client_that_can_bind_choose_PLUS(string name)
    {
        using ScramParties parties = Parties();
        string[] offered = [BaseOf(name), BaseOf(name) + "-PLUS"];
        ScramOutcome outcome = await parties.RunAsync(parties.Client("alice"), offered, Channel, Channel);
        Assert.Equal(BaseOf(name) + "-PLUS", outcome.Identity!.Mechanism.Name);
        Assert.Equal("tls-exporter", outcome.Identity.ChannelBinding);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_offer_stripped_of_PLUS_on_the_way_is_noticed(string name)
    {
        using ScramParties parties = Parties();
        ScramOutcome outcome = await parties.RunAsync(parties.Client("alice"), [BaseOf(name)], Channel, Channel);
        Assert.Equal(SaslError.ChannelBindingMismatch, outcome.AtServer);
        Assert.Equal("the client has not seen the offer of -PLUS", parties.Observer.Diagnostic);
        Assert.Null(outcome.Identity);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Another_connection_at_the_other_end_is_noticed(string name)
    {
        using ScramParties parties = Parties();
        string plus = BaseOf(name) + "-PLUS";
        ScramOutcome outcome = await parties.RunAsync(parties.Client("alice"), [plus], Channel, "the connection to somebody in the middle");
        Assert.Equal(SaslError.ChannelBindingMismatch, outcome.AtServer);
        Assert.Equal("c= is not this channel's", parties.Observer.Diagnostic);
        Assert.Null(outcome.Identity);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_client_without_binding_logs_in_to_a_server_that_has_it(string name)
    {
        using ScramParties parties = Parties();
        ScramOutcome outcome = await parties.RunAsync(parties.Client("alice"), [BaseOf(name), BaseOf(name) + "-PLUS"], Channel, null);
        Assert.Equal(BaseOf(name), outcome.Identity!.Mechanism.Name);
        Assert.Null(outcome.Identity.ChannelBinding);
    }

    private static ScramParties Parties()
    {
        var parties = new ScramParties();
        foreach (ScramHash hash in ScramHash.All)
            parties.AddKeys("alice", hash);
        return parties;
    }

    private static bool IsPlus(string name) => name.EndsWith("-PLUS", StringComparison.Ordinal);

    private static string BaseOf(string name) => IsPlus(name) ? name[..^"-PLUS".Length] : name;

    private static string? BindingOf(string name) => IsPlus(name) ? Channel : null;
}
