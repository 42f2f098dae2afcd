using System.Collections.Immutable;
using Xunit;

namespace Sasl.Core.Tests.Policy;

public sealed class SaslPolicyTests
{
    private static readonly SaslChannel s_plain = SaslChannel.Plaintext;
    private static readonly SaslChannel s_tls = new() { ExternalSsf = 256 };
    private static readonly SaslChannel s_boundTls = s_tls with { Bindings = SaslChannelBindings.Of(("tls-exporter", new byte[] { 1 })) };

    public static TheoryData<SaslSecurityFlags> EveryFlag =>
    [
        SaslSecurityFlags.NoPlaintext, SaslSecurityFlags.NoActive, SaslSecurityFlags.NoDictionary, SaslSecurityFlags.ForwardSecrecy,
        SaslSecurityFlags.NoAnonymous, SaslSecurityFlags.PassCredentials, SaslSecurityFlags.MutualAuth,
    ];

    [Theory]
    [MemberData(nameof(EveryFlag))]
    public void A_required_guarantee_that_is_missing_hides_the_mechanism(SaslSecurityFlags flag)
    {
        var policy = new SaslPolicy { Require = flag };
        SelectionReason reason = flag is SaslSecurityFlags.NoPlaintext ? SelectionReason.NoTls : SelectionReason.PolicyFlag;
        Assert.Equal(reason, policy.Judge(Named("M", SaslSecurityFlags.None), s_plain));
        Assert.Equal(reason, policy.Judge(Named("M", (SaslSecurityFlags)0x7F & ~flag), s_plain));
        Assert.Equal(SelectionReason.Offered, policy.Judge(Named("M", flag), s_plain));
        Assert.Equal(flag, policy.MissingFlags(Named("M", SaslSecurityFlags.None), s_plain));
    }

    [Theory]
    [MemberData(nameof(EveryFlag))]
    public void Encryption_below_lifts_noplaintext_and_nothing_else(SaslSecurityFlags flag)
    {
        var policy = new SaslPolicy { Require = flag };
        SelectionReason reason = flag is SaslSecurityFlags.NoPlaintext ? SelectionReason.Offered : SelectionReason.PolicyFlag;
        Assert.Equal(reason, policy.Judge(Named("M", SaslSecurityFlags.None), s_tls));
    }

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(1, 0, false)]        // integrity alone
    [InlineData(2, 0, true)]
    [InlineData(56, 0, true)]
    [InlineData(56, 128, false)]     // weaker than what the policy calls encryption
    [InlineData(128, 128, true)]
    public void Noplaintext_is_lifted_only_by_encryption_that_is_strong_enough(int channel, int minSsf, bool offered)
    {
        var policy = new SaslPolicy { Require = SaslSecurityFlags.NoPlaintext, MinSsf = minSsf, MaxSsf = 256 };
        SaslMechanism plain = Named("PLAIN", SaslSecurityFlags.None) with { MaxSsf = 256 };
        SelectionReason reason = policy.Judge(plain, new SaslChannel { ExternalSsf = channel });
        Assert.Equal(offered ? SelectionReason.Offered : SelectionReason.NoTls, reason);
    }

    [Fact]
    public void A_missing_guarantee_beside_noplaintext_is_not_blamed_on_TLS()
    {
        var policy = new SaslPolicy { Require = SaslSecurityFlags.NoPlaintext | SaslSecurityFlags.MutualAuth };
        Assert.Equal(SelectionReason.PolicyFlag, policy.Judge(Named("M", SaslSecurityFlags.None), s_plain));
        Assert.Equal(SelectionReason.NoTls, policy.Judge(Named("M", SaslSecurityFlags.MutualAuth), s_plain));
    }

    [Theory]
    [InlineData(0, 0, 0, 0, true)]
    [InlineData(0, 0, 1, 128, false)]
    [InlineData(0, 1, 1, 128, true)]
    [InlineData(0, 56, 128, 256, false)]
    [InlineData(0, 128, 128, 256, true)]
    [InlineData(56, 72, 128, 256, true)]
    [InlineData(56, 71, 128, 256, false)]
    [InlineData(128, 0, 128, 0, true)]
    [InlineData(256, 0, 128, 0, true)]
    [InlineData(0, 256, 128, 0, false)]      // the policy forbids the layer that would be needed
    [InlineData(0, 256, 128, 56, false)]
    [InlineData(56, 256, 128, 127, false)]
    [InlineData(56, 256, 128, 128, true)]
    public void The_channel_and_the_strongest_layer_allowed_together_reach_the_least_strength(
        int channel, int mechanism, int min, int max, bool offered)
    {
        var policy = new SaslPolicy { MinSsf = min, MaxSsf = max };
        SelectionReason reason = policy.Judge(Named("M", SaslSecurityFlags.None) with { MaxSsf = mechanism }, new SaslChannel { ExternalSsf = channel });
        Assert.Equal(offered ? SelectionReason.Offered : SelectionReason.TooWeak, reason);
    }

    [Theory]
    [InlineData(0, 128, 256, 128, 256)]
    [InlineData(128, 128, 256, 0, 128)]
    [InlineData(256, 128, 128, 0, 0)]
    public void What_the_channel_gives_is_taken_off_what_a_layer_must_give(int channel, int min, int max, int layerMin, int layerMax)
    {
        var policy = new SaslPolicy { MinSsf = min, MaxSsf = max, MaxBuffer = 1234 };
        Assert.Equal(new SaslLayerLimits(layerMin, layerMax, 1234), policy.LayersAbove(new SaslChannel { ExternalSsf = channel }));
    }

    [Fact]
    public void By_default_nobody_is_anonymous_no_password_goes_unencrypted_and_no_layer_is_made()
    {
        Assert.Equal(SaslSecurityFlags.NoPlaintext | SaslSecurityFlags.NoAnonymous, SaslPolicy.Default.Require);
        Assert.Equal(new SaslLayerLimits(0, 0, 64 * 1024), SaslPolicy.Default.LayersAbove(s_plain));
        Assert.Equal(SaslBindingPolicy.Prefer, SaslPolicy.Default.Binding);
        Assert.True(SaslPolicy.Default.Allow.IsEmpty);
    }

    [Theory]
    [InlineData("SCRAM-SHA-1", "SCRAM-SHA-1", true)]
    [InlineData("scram-sha-1", "SCRAM-SHA-1", true)]
    [InlineData("SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", true)]
    [InlineData("SCRAM-SHA-1-PLUS", "SCRAM-SHA-1-PLUS", true)]
    [InlineData("SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", false)]
    [InlineData("SCRAM-SHA-1", "SCRAM-SHA-256", false)]
    [InlineData("SCRAM", "SCRAM-SHA-1", false)]
    public void A_name_in_the_list_allows_both_variants_and_a_name_with_PLUS_allows_that_one(string listed, string name, bool allowed)
    {
        SelectionReason reason = Only(listed).Judge(Plus(name), s_boundTls);
        Assert.Equal(allowed ? SelectionReason.Offered : SelectionReason.NotInList, reason);
    }

    [Fact]
    public void What_is_fit_only_where_it_is_named_must_be_named()
    {
        SaslMechanism legacy = Named("CRAM-MD5", SaslSecurityFlags.NoPlaintext) with { OnlyWhenNamed = true };
        Assert.Equal(SelectionReason.OnlyWhenNamed, new SaslPolicy().Judge(legacy, s_plain));
        Assert.Equal(SelectionReason.Offered, Only("cram-md5").Judge(legacy, s_plain));
        Assert.Equal(SelectionReason.NotInList, Only("PLAIN").Judge(legacy, s_plain));
    }

    [Fact]
    public void What_the_platform_lacks_is_said_first()
    {
        SaslMechanism mechanism = Named("M", SaslSecurityFlags.None) with { MissingOnPlatform = "no MD5" };
        Assert.Equal(SelectionReason.MissingOnPlatform, Only("OTHER").Judge(mechanism, s_plain));
    }

    [Fact]
    public void A_mechanism_that_binds_needs_a_channel_that_binds()
    {
        SaslMechanism plus = Plus("SCRAM-SHA-1-PLUS");
        Assert.Equal(SelectionReason.NoBinding, new SaslPolicy().Judge(plus, s_tls));
        Assert.Equal(SelectionReason.Offered, new SaslPolicy().Judge(plus, s_boundTls));
        Assert.Equal(SelectionReason.NoBinding, new SaslPolicy { Binding = SaslBindingPolicy.Disable }.Judge(plus, s_boundTls));
    }

    [Fact]
    public void Where_binding_is_required_nothing_else_is_allowed()
    {
        var policy = new SaslPolicy { Binding = SaslBindingPolicy.Require };
        Assert.Equal(SelectionReason.BindingRequired, policy.Judge(Plus("SCRAM-SHA-1"), s_boundTls));
        Assert.Equal(SelectionReason.Offered, policy.Judge(Plus("SCRAM-SHA-1-PLUS"), s_boundTls));
        Assert.Equal(SelectionReason.NoBinding, policy.Judge(Plus("SCRAM-SHA-1-PLUS"), s_plain));
    }

    [Fact]
    public void Without_a_list_the_order_is_the_callers()
    {
        ImmutableArray<SaslMechanism> known = [Plus("B-PLUS"), Plus("B"), Plus("A")];
        Assert.Equal(["B-PLUS", "B", "A"], Names(new SaslPolicy().Order(known)));
    }

    [Fact]
    public void With_a_list_the_order_is_the_lists_and_the_binding_variant_comes_first()
    {
        ImmutableArray<SaslMechanism> known = [Plus("X"), Plus("B"), Plus("B-PLUS"), Plus("A-PLUS"), Plus("A"), Plus("Y-PLUS")];
        Assert.Equal(["A-PLUS", "A", "B-PLUS", "B", "X", "Y-PLUS"], Names(Only("a", "C", "b").Order(known)));
    }

    [Fact]
    public void A_variant_that_is_named_itself_has_its_own_place()
    {
        ImmutableArray<SaslMechanism> known = [Plus("A-PLUS"), Plus("A"), Plus("B-PLUS"), Plus("B")];
        Assert.Equal(["A-PLUS", "B-PLUS", "B", "A"], Names(Only("A-PLUS", "B", "A").Order(known)));
    }

    private static SaslPolicy Only(params string[] names) => new() { Allow = [.. names] };

    private static SaslMechanism Named(string name, SaslSecurityFlags security) => new(name) { Security = security };

    private static SaslMechanism Plus(string name) =>
        new(name) { RequiresChannelBinding = name.EndsWith("-PLUS", StringComparison.Ordinal) };

    private static string[] Names(ImmutableArray<SaslMechanism> mechanisms) => [.. mechanisms.Select(static mechanism => mechanism.Name)];
}
