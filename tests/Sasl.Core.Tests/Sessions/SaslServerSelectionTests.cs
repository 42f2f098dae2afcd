using Sasl.Core.Tests.Credentials;
using Xunit;
using static Sasl.Core.Tests.Sessions.Scripted;

namespace Sasl.Core.Tests.Sessions;

/// <summary>Which mechanisms a server offers, and that it says why.</summary>
public sealed class SaslServerSelectionTests
{
    private static readonly SaslChannel s_tls = new()
    {
        ExternalSsf = 256, Bindings = SaslChannelBindings.Of((SaslChannelBindings.TlsExporter, new byte[] { 1 })),
    };

    private static readonly SaslMechanism s_good = Server("GOOD", Succeeds());

    [Fact]
    public void Nothing_hides_what_fits() => AssertReason(SelectionReason.Offered, s_good, "nothing hides it");

    [Fact]
    public void A_mechanism_without_a_server_side_is_hidden() =>
        AssertReason(SelectionReason.NoSuchSide, Client("M", Finishes()), "the library has no server side of it");

    [Fact]
    public void What_the_platform_lacks_hides() =>
        AssertReason(SelectionReason.MissingOnPlatform, Server("M") with { MissingOnPlatform = "this platform has no MD4" }, "this platform has no MD4");

    [Fact]
    public void A_list_that_does_not_name_it_hides() =>
        AssertReason(SelectionReason.NotInList, Server("M"), "mech_list does not name it", options => options with { Policy = SaslPolicy.Default with { Allow = ["GOOD"] } });

    [Fact]
    public void Without_a_list_what_must_be_named_is_hidden() => AssertReason(
        SelectionReason.OnlyWhenNamed, Server("M") with { OnlyWhenNamed = true }, "it is offered only where mech_list names it");

    [Fact]
    public void A_guarantee_that_is_missing_hides() => AssertReason(
        SelectionReason.PolicyFlag,
        Server("M"),
        "the policy requires forward_secrecy mutual_auth, which it does not give",
        options => options with
        {
            Policy = new SaslPolicy { Require = SaslSecurityFlags.NoPlaintext | SaslSecurityFlags.MutualAuth | SaslSecurityFlags.ForwardSecrecy },
            Mechanisms = [.. options.Mechanisms, s_good with { Security = (SaslSecurityFlags)0x7F }],
        });

    [Fact]
    public void A_missing_encryption_hides_what_shows_the_password() => AssertReason(
        SelectionReason.NoTls,
        Server("M") with { Security = SaslSecurityFlags.NoAnonymous },
        "noplaintext is required and the channel is not encrypted (no TLS)");

    [Fact]
    public void A_strength_that_is_not_reached_hides() => AssertReason(
        SelectionReason.TooWeak,
        Server("M") with { MaxSsf = 56 },
        "min_ssf is 128 and max_ssf 256; the channel gives 0 and the mechanism at most 56",
        options => options with { Policy = SaslPolicy.Default with { MinSsf = 128, MaxSsf = 256 } });

    [Fact]
    public void A_channel_that_does_not_bind_hides_what_must_bind()
    {
        SaslMechanism plus = Server("M-PLUS") with { RequiresChannelBinding = true };
        AssertReason(SelectionReason.NoBinding, plus, "the channel has no channel-binding data (no TLS, or a certificate without any)");
        AssertReason(
            SelectionReason.NoBinding,
            plus,
            "the policy forbids channel binding",
            options => options with { Policy = SaslPolicy.Default with { Binding = SaslBindingPolicy.Disable } },
            s_tls);
        AssertReason(SelectionReason.Offered, plus, "nothing hides it", channel: s_tls);
    }

    [Fact]
    public void Where_binding_is_required_everything_else_is_hidden() => AssertReason(
        SelectionReason.BindingRequired,
        Server("M"),
        "the policy requires channel binding, which it does not do",
        options => options with
        {
            Policy = SaslPolicy.Default with { Binding = SaslBindingPolicy.Require },
            Mechanisms = [.. options.Mechanisms, Server("N-PLUS") with { RequiresChannelBinding = true }],
        },
        s_tls);

    [Fact]
    public void What_no_back_end_can_serve_is_hidden()
    {
        using var memory = new MemoryCredentialStore();
        SaslMechanism verifying = Server("M") with { ServerNeeds = SaslServerNeeds.PasswordVerifier };
        AssertReason(SelectionReason.NoVerifier, verifying, "no password verifier is configured (pwcheck_method)");
        AssertReason(
            SelectionReason.Offered, verifying, "nothing hides it", options => options with { PasswordVerifier = new ScriptedVerifier(PasswordOutcome.Match) });

        SaslMechanism stored = Server("M") with { ServerNeeds = SaslServerNeeds.CredentialStore };
        AssertReason(SelectionReason.NoStore, stored, "no credential store is configured (auxprop_plugin)");
        AssertReason(SelectionReason.Offered, stored, "nothing hides it", options => options with { CredentialStore = ScriptedStore.Unknown() });

        SaslMechanism writing = Server("M") with { ServerNeeds = SaslServerNeeds.WritableCredentialStore };
        AssertReason(SelectionReason.NoStore, writing, "no credential store is configured (auxprop_plugin)");
        AssertReason(
            SelectionReason.NoWritableStore,
            writing,
            "no writable credential store is configured (auxprop_plugin)",
            options => options with { CredentialStore = ScriptedStore.Unknown() });
        AssertReason(SelectionReason.Offered, writing, "nothing hides it", options => options with { CredentialStore = memory });
        AssertReason(
            SelectionReason.Offered,
            writing,
            "nothing hides it",
            options => options with { CredentialStore = ScriptedStore.Unknown(), WritableStore = memory });

        AssertReason(
            SelectionReason.NoTokenValidator,
            Server("M") with { ServerNeeds = SaslServerNeeds.TokenValidator },
            "no token validator is configured (oauth_issuer, oauth_introspection_url)");
    }

    [Fact]
    public void Without_a_client_certificate_what_trusts_one_is_hidden()
    {
        SaslMechanism external = Server("M") with { ServerNeeds = SaslServerNeeds.ExternalIdentity };
        AssertReason(
            SelectionReason.NoExternalIdentity, external, "the transport has verified no identity (no client certificate)", channel: s_tls);
        AssertReason(SelectionReason.Offered, external, "nothing hides it", channel: s_tls with { ExternalIdentity = "alice" });
    }

    [Fact]
    public void What_is_offered_is_what_is_not_hidden_on_every_channel()
    {
        SaslMechanism external = Server("EXT") with { ServerNeeds = SaslServerNeeds.ExternalIdentity };
        SaslMechanism plus = Server("M-PLUS") with { RequiresChannelBinding = true };
        SaslMechanism plain = Server("PLAIN") with { Security = SaslSecurityFlags.NoAnonymous };
        var server = new SaslServer(Options(plus, s_good, plain, external));
        (SaslChannel Channel, string Offered)[] cases =
        [
            (SaslChannel.Plaintext, "GOOD"),
            (SaslChannel.Plaintext with { ExternalSsf = 1 }, "GOOD"),
            (s_tls with { Bindings = null }, "GOOD PLAIN"),
            (s_tls, "M-PLUS GOOD PLAIN"),
            (s_tls with { ExternalIdentity = "alice" }, "M-PLUS GOOD PLAIN EXT"),
            (SaslChannel.Plaintext with { ExternalIdentity = "alice" }, "GOOD EXT"),
        ];
        foreach ((SaslChannel channel, string offered) in cases.Concat(cases))    // the second time from memory
        {
            using SaslServerSession session = server.CreateSession(channel);
            Assert.Equal(offered, string.Join(' ', session.Mechanisms));
            Assert.Equal(offered, string.Join(' ', session.Explain().Offered));
            Assert.Equal(4, session.Explain().Entries.Length);
            Assert.Same(channel, session.Channel);
        }
    }

    [Fact]
    public void The_report_is_one_line_a_mechanism_with_the_offered_ones_first()
    {
        SaslMechanism plain = Server("PLAIN") with { Security = SaslSecurityFlags.NoAnonymous };
        SelectionReport report = new SaslServer(Options(plain, s_good)).Explain(SaslChannel.Plaintext);
        Assert.Equal(
            """
            Mechanisms without TLS:
              GOOD                offered: nothing hides it
              PLAIN               hidden: noplaintext is required and the channel is not encrypted (no TLS)
            """.ReplaceLineEndings("\n"),
            report.ToString());
    }

    [Fact]
    public void A_server_that_could_never_offer_anything_does_not_start()
    {
        SaslMechanism verifying = Server("PLAIN") with { ServerNeeds = SaslServerNeeds.PasswordVerifier, Security = SaslSecurityFlags.NoAnonymous };
        SaslMechanism external = Server("EXTERNAL") with { OnlyWhenNamed = true };
        SaslConfigurationException thrown = Assert.Throws<SaslConfigurationException>(() => new SaslServer(Options(verifying, external)));
        Assert.Equal(
            """
            No mechanism can be offered on any connection.
            Mechanisms without TLS:
              PLAIN               hidden: noplaintext is required and the channel is not encrypted (no TLS)
              EXTERNAL            hidden: it is offered only where mech_list names it
            Mechanisms under TLS:
              PLAIN               hidden: no password verifier is configured (pwcheck_method)
              EXTERNAL            hidden: it is offered only where mech_list names it
            """.ReplaceLineEndings("\n"),
            thrown.Message);
        Assert.Throws<SaslConfigurationException>(() => new SaslServer(Options()));
    }

    [Fact]
    public void A_server_that_offers_something_only_under_TLS_or_to_a_certificate_starts()
    {
        SaslMechanism plain = Server("PLAIN") with { Security = SaslSecurityFlags.NoAnonymous };
        SaslMechanism external = Server("EXTERNAL") with { ServerNeeds = SaslServerNeeds.ExternalIdentity };
        SaslMechanism plus = Server("M-PLUS") with { RequiresChannelBinding = true };
        foreach (SaslMechanism mechanism in new[] { plain, external, plus })
            Assert.Empty(new SaslServer(Options(mechanism)).CreateSession(SaslChannel.Plaintext).Mechanisms);
        Assert.Equal(
            ["without TLS", "under TLS"], new SaslServer(Options(plain)).ExplainAll().Select(static report => report.Channel));
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new SaslServer(Options(s_good) with { Service = "" }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SaslServer(Options(s_good) with { MaxMessageLength = 0 }));
        Assert.Throws<ArgumentNullException>(() => new SaslServer(null!));
    }

    [Fact]
    public async Task Back_ends_are_told_the_server_name_in_lower_case()
    {
        SaslServiceInfo? asked = null;
        SaslMechanism mechanism = Server("M") with
        {
            Server = context =>
            {
                asked = context.Service;
                return new ScriptedExchange(Fails());
            },
        };
        using SaslServerSession session = new SaslServer(Options(mechanism) with { ServerName = "MX.Example.COM" }).CreateSession(s_tls);
        await session.StartAsync("M", Octets("x"));
        Assert.Equal(new SaslServiceInfo("smtp", "mx.example.com", "example.com", s_tls), asked);
    }

    private static SaslServerOptions Options(params SaslMechanism[] mechanisms) => new()
    {
        Service = "smtp", ServerName = "mx.example.com", Realm = "example.com", Mechanisms = [.. mechanisms],
    };

    private static void AssertReason(
        SelectionReason reason,
        SaslMechanism mechanism,
        string detail,
        Func<SaslServerOptions, SaslServerOptions>? change = null,
        SaslChannel? channel = null)
    {
        // The second mechanism lets the server start whatever becomes of the first one.
        SaslMechanism starts = Server("GOOD-PLUS") with { RequiresChannelBinding = true, Security = (SaslSecurityFlags)0x7F, MaxSsf = 256 };
        SaslServerOptions options = Options(mechanism, starts);
        options = change?.Invoke(options) ?? options;
        if (options.Policy.Binding is SaslBindingPolicy.Disable)
            options = options with { Mechanisms = [.. options.Mechanisms, s_good with { Security = (SaslSecurityFlags)0x7F, MaxSsf = 256 }] };
        SelectionReport report = new SaslServer(options).Explain(channel ?? SaslChannel.Plaintext);
        Assert.Contains(new SelectionEntry(mechanism.Name, reason, detail), report.Entries);
    }
}
