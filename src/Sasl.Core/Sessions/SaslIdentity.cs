namespace Sasl;

/// <summary>The outcome of a successful server exchange.</summary>
/// <param name="Authenticated">Whose credentials were proved.</param>
/// <param name="Authorized">As whom the peer acts; the same user unless proxying was asked for and allowed.</param>
/// <param name="Mechanism">How.</param>
/// <param name="ChannelBinding">The type of channel binding that was verified; null when none was.</param>
public sealed record SaslIdentity(SaslUser Authenticated, SaslUser Authorized, SaslMechanism Mechanism, string? ChannelBinding)
{
    /// <summary>What the access token said with which the peer logged in; null when it did not use one.</summary>
    public TokenGrant? Token { get; init; }

    /// <summary>Whether nothing at all was proved; such a peer must not be treated as a known user.</summary>
    public bool IsAnonymous => !Mechanism.Security.HasFlag(SaslSecurityFlags.NoAnonymous);
}
