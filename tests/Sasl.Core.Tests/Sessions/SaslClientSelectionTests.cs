using Xunit;
using static Sasl.Core.Tests.Sessions.Scripted;

namespace Sasl.Core.Tests.Sessions;

/// <summary>Which mechanism a client chooses, and that it says why.</summary>
public sealed class SaslClientSelectionTests : IDisposable
{
    private static readonly SaslChannel s_tls = new()
    {
        ExternalSsf = 256,
        Bindings = SaslChannelBindings.Of(
            (SaslChannelBindings.TlsExporter, new byte[] { 1 }), (SaslChannelBindings.TlsServerEndPoint, new byte[] { 2 })),
    };

    private readonly SaslSecret _password = SaslSecret.FromText("pencil");

    public void Dispose() => _password.Dispose();

    [Theory]
    [InlineData("ONE TWO THREE", "ONE")]
    [InlineData("THREE two", "TWO")]
    [InlineData("three", "THREE")]
    public async Task The_clients_order_decides_and_not_the_servers(string offered, string chosen)
    {
        using var client = new SaslClient(Options(Client("ONE", Finishes()), Client("TWO", Finishes()), Client("THREE", Finishes())));
        using SaslClientSession session = client.CreateSession(SaslChannel.Plaintext);
        Assert.Equal(SaslStatus.Continue, (await session.StartAsync(offered.Split(' '))).Status);
        Assert.Equal(chosen, session.Mechanism?.Name);
    }

    [Fact]
    public async Task Where_nothing_fits_the_report_says_why()
    {
        SaslMechanism plain = Client("PLAIN") with { Security = SaslSecurityFlags.NoAnonymous };
        using var client = new SaslClient(Options(plain, Client("SCRAM")));
        using SaslClientSession session = client.CreateSession(SaslChannel.Plaintext);
        SaslReply reply = await session.StartAsync(["PLAIN", "NTLM"]);
        Assert.Equal(SaslError.MechanismUnavailable, reply.Error);
        Assert.Null(session.Mechanism);
        Assert.Equal("no mechanism fits both sides", session.FailureDetail);
        Assert.Equal(
            """
            Mechanisms without TLS:
              PLAIN               hidden: noplaintext is required and the channel is not encrypted (no TLS)
              SCRAM               hidden: the server does not offer it
            """.ReplaceLineEndings("\n"),
            session.Explain().ToString());
    }

    [Fact]
    public void Each_reason_is_given()
    {
        AssertReason(SelectionReason.Offered, Client("M"), "usable");
        AssertReason(SelectionReason.NoSuchSide, Server("M"), "the library has no client side of it");
        AssertReason(SelectionReason.NotOfferedByPeer, Client("X"), "the server does not offer it");
        AssertReason(SelectionReason.MissingOnPlatform, Client("M") with { MissingOnPlatform = "no MD4 here" }, "no MD4 here");
        AssertReason(
            SelectionReason.NotInList, Client("M"), "mech_list does not name it", options => options with { Policy = SaslPolicy.Default with { Allow = ["X"] } });
        AssertReason(SelectionReason.OnlyWhenNamed, Client("M") with { OnlyWhenNamed = true }, "it is offered only where mech_list names it");
        AssertReason(
            SelectionReason.PolicyFlag,
            Client("M") with { Security = SaslSecurityFlags.NoPlaintext },
            "the policy requires noanonymous, which it does not give");
        AssertReason(
            SelectionReason.NoTls,
            Client("M") with { Security = SaslSecurityFlags.NoAnonymous },
            "noplaintext is required and the channel is not encrypted (no TLS)");
        AssertReason(
            SelectionReason.TooWeak,
            Client("M"),
            "min_ssf is 1 and max_ssf 1; the channel gives 0 and the mechanism at most 0",
            options => options with { Policy = SaslPolicy.Default with { MinSsf = 1, MaxSsf = 1 } });
        AssertReason(
            SelectionReason.BindingRequired,
            Client("M"),
            "the policy requires channel binding, which it does not do",
            options => options with { Policy = SaslPolicy.Default with { Binding = SaslBindingPolicy.Require } });
    }

    [Fact]
    public void What_the_client_does_not_have_is_named()
    {
        AssertReason(
            SelectionReason.NoCredential,
            Client("M") with { ClientNeeds = SaslClientNeeds.UserName },
            "the client has no user name",
            options => options with { UserName = "" });
        AssertReason(
            SelectionReason.NoCredential,
            Client("M") with { ClientNeeds = SaslClientNeeds.Password },
            "the client has no user name",
            options => options with { UserName = null });
        AssertReason(
            SelectionReason.NoCredential,
            Client("M") with { ClientNeeds = SaslClientNeeds.Password },
            "the client has no password",
            options => options with { Password = null });
        AssertReason(SelectionReason.NoCredential, Client("M") with { ClientNeeds = SaslClientNeeds.AccessToken }, "the client has no access token");
        AssertReason(
            SelectionReason.Offered,
            Client("M") with { ClientNeeds = SaslClientNeeds.AccessToken },
            "usable",
            options => options with { AccessToken = static (_, _) => new(SaslSecret.FromText("token")) });
        AssertReason(
            SelectionReason.NoExternalIdentity,
            Client("M") with { ClientNeeds = SaslClientNeeds.ExternalIdentity },
            "the channel carries no client identity");
        AssertReason(
            SelectionReason.Offered,
            Client("M") with { ClientNeeds = SaslClientNeeds.ExternalIdentity },
            "usable",
            channel: s_tls with { ExternalIdentity = "alice" });
    }

    [Fact]
    public void What_cannot_carry_another_identity_is_hidden_where_one_is_asked_for()
    {
        AssertReason(
            SelectionReason.NoProxy,
            Client("M"),
            "it cannot carry the authorization identity that was asked for",
            options => options with { AuthorizationId = "bob" });
        AssertReason(SelectionReason.Offered, Client("M") with { AllowsProxy = true }, "usable", options => options with { AuthorizationId = "bob" });
        AssertReason(SelectionReason.Offered, Client("M"), "usable", options => options with { AuthorizationId = "" });
    }

    [Fact]
    public void A_mechanism_that_binds_needs_a_channel_that_binds_in_a_way_the_client_wants()
    {
        SaslMechanism plus = Client("M-PLUS") with { RequiresChannelBinding = true };
        const string NoData = "the channel has no channel-binding data (no TLS, or a certificate without any)";
        AssertReason(SelectionReason.NoBinding, plus, NoData);
        AssertReason(SelectionReason.Offered, plus, "usable", channel: s_tls);
        AssertReason(SelectionReason.NoBinding, plus, NoData, options => options with { ChannelBindingTypes = ["tls-unique"] }, s_tls);
        AssertReason(
            SelectionReason.NoBinding,
            plus,
            "the policy forbids channel binding",
            options => options with { Policy = SaslPolicy.Default with { Binding = SaslBindingPolicy.Disable } },
            s_tls);
    }

    [Fact]
    public async Task The_exchange_is_told_which_binding_to_use()
    {
        Assert.Equal("tls-exporter", await BindingAsync(s_tls, []));
        Assert.Equal("tls-server-end-point", await BindingAsync(s_tls, ["tls-server-end-point"]));
        Assert.Equal("tls-server-end-point", await BindingAsync(s_tls, ["tls-unique", "tls-server-end-point", "tls-exporter"]));
        Assert.Null(await BindingAsync(s_tls, ["tls-unique"]));
        Assert.Null(await BindingAsync(SaslChannel.Plaintext, []));
        Assert.Null(await BindingAsync(s_tls, [], SaslBindingPolicy.Disable));
    }

    [Fact]
    public async Task The_exchange_is_told_what_the_options_say()
    {
        SaslClientContext? context = null;
        SaslMechanism mechanism = Client("M") with
        {
            AllowsProxy = true,
            Client = given =>
            {
                context = given;
                return new ScriptedExchange(Finishes());
            },
        };
        using var client = new SaslClient(Options(mechanism) with { AuthorizationId = "", Realm = "example.com" });
        using SaslClientSession session = client.CreateSession(s_tls);
        await session.StartAsync(["M", "OTHER"]);
        Assert.Equal("alice", context?.UserName);
        Assert.Null(context?.AuthorizationId);
        Assert.Same(_password, context?.Password);
        Assert.Equal(["M", "OTHER"], context?.Offered);
        Assert.Equal(new SaslServiceInfo("smtp", "mx.example.com", "example.com", s_tls), context?.Service);
        Assert.Same(context?.Shared(static () => new List<int>()), context?.Shared(static () => new List<int>()));
    }

    [Fact]
    public void What_exchanges_share_is_erased_with_the_client()
    {
        var client = new SaslClient(Options(Client("M", Finishes())));
        var context = new ClientSessionContext(client, SaslChannel.Plaintext);
        SaslSecret shared = context.Shared(static () => SaslSecret.FromText("salted"));
        client.Dispose();
        Assert.Throws<ObjectDisposedException>(() => shared.Memory);
        Assert.Equal(6, _password.Memory.Length);    // which stays its owner's
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new SaslClient(Options() with { Service = "" }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SaslClient(Options() with { MaxMessageLength = 0 }));
        Assert.Throws<ArgumentNullException>(() => new SaslClient(Options() with { ServerName = null! }));
    }

    private async Task<string?> BindingAsync(SaslChannel channel, string[] types, SaslBindingPolicy policy = SaslBindingPolicy.Prefer)
    {
        string? type = null;
        SaslMechanism mechanism = Client("M") with
        {
            Client = context =>
            {
                type = context.ChannelBindingType;
                return new ScriptedExchange(Finishes());
            },
        };
        using var client = new SaslClient(Options(mechanism) with
        {
            ChannelBindingTypes = [.. types], Policy = SaslPolicy.Default with { Binding = policy },
        });
        using SaslClientSession session = client.CreateSession(channel);
        await session.StartAsync(["M"]);
        return type;
    }

    private SaslClientOptions Options(params SaslMechanism[] mechanisms) => new()
    {
        Service = "smtp", ServerName = "mx.example.com", Mechanisms = [.. mechanisms], UserName = "alice", Password = _password,
    };

    private void AssertReason(
        SelectionReason reason,
        SaslMechanism mechanism,
        string detail,
        Func<SaslClientOptions, SaslClientOptions>? change = null,
        SaslChannel? channel = null)
    {
        SaslClientOptions options = Options(mechanism with { Client = mechanism.Client is null ? null : static _ => new ScriptedExchange(Finishes()) });
        using var client = new SaslClient(change?.Invoke(options) ?? options);
        using SaslClientSession session = client.CreateSession(channel ?? SaslChannel.Plaintext);
        ValueTask<SaslReply> started = session.StartAsync(["M", "M-PLUS"]);
        Assert.True(started.IsCompletedSuccessfully);
        Assert.Equal(new SelectionEntry(mechanism.Name, reason, detail), Assert.Single(session.Explain().Entries));
        Assert.Equal(reason is SelectionReason.Offered, session.Mechanism is not null);
    }
}
