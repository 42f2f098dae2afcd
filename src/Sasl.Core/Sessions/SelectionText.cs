namespace Sasl;

/// <summary>The sentences of a <see cref="SelectionReport"/>: what hid a mechanism, and the option that decided.</summary>
internal static class SelectionText
{
    public static string ForServer(SelectionReason reason, SaslMechanism mechanism, SaslPolicy policy, SaslChannel channel) => reason switch
    {
        SelectionReason.NoCredential or SelectionReason.NotOfferedByPeer or SelectionReason.NoProxy => "not a server's concern",
        _ => Common(reason, mechanism, policy, channel),
    };

    public static string ForClient(
        SelectionReason reason, SaslMechanism mechanism, SaslPolicy policy, SaslChannel channel, string missing) => reason switch
    {
        SelectionReason.Offered => "usable",
        SelectionReason.NotOfferedByPeer => "the server does not offer it",
        SelectionReason.NoCredential => $"the client has no {missing}",
        SelectionReason.NoProxy => "it cannot carry the authorization identity that was asked for",
        SelectionReason.NoExternalIdentity => "the channel carries no client identity",
        SelectionReason.NoSuchSide => "the library has no client side of it",
        _ => Common(reason, mechanism, policy, channel),
    };

    private static string Common(SelectionReason reason, SaslMechanism mechanism, SaslPolicy policy, SaslChannel channel) => reason switch
    {
        SelectionReason.Offered => "nothing hides it",
        SelectionReason.NotOfferedByPeer => "the peer does not offer it",
        SelectionReason.NoSuchSide => "the library has no server side of it",
        SelectionReason.MissingOnPlatform => mechanism.MissingOnPlatform ?? "the platform lacks something it needs",
        SelectionReason.NotInList => "mech_list does not name it",
        SelectionReason.OnlyWhenNamed => "it is offered only where mech_list names it",
        SelectionReason.PolicyFlag => $"the policy requires {SaslSecurityWords.Format(policy.MissingFlags(mechanism, channel))}, which it does not give",
        SelectionReason.NoTls => "noplaintext is required and the channel is not encrypted (no TLS)",
        SelectionReason.TooWeak => $"min_ssf is {policy.MinSsf} and max_ssf {policy.MaxSsf}; the channel gives {channel.ExternalSsf} and the mechanism at most {mechanism.MaxSsf}",
        SelectionReason.NoBinding => policy.Binding is SaslBindingPolicy.Disable
            ? "the policy forbids channel binding" : "the channel has no channel-binding data (no TLS, or a certificate without any)",
        SelectionReason.BindingRequired => "the policy requires channel binding, which it does not do",
        SelectionReason.NoVerifier => "no password verifier is configured (pwcheck_method)",
        SelectionReason.NoStore => "no credential store is configured (auxprop_plugin)",
        SelectionReason.NoWritableStore => "no writable credential store is configured (auxprop_plugin)",
        SelectionReason.NoTokenValidator => "no token validator is configured (oauth_issuer, oauth_introspection_url)",
        SelectionReason.NoExternalIdentity => "the transport has verified no identity (no client certificate)",
        SelectionReason.NoCredential => "a credential is missing",
        SelectionReason.NoProxy => "it carries no authorization identity",
    };
}
