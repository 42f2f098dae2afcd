namespace Sasl;

/// <summary>One store of a <see cref="CredentialStoreChain"/>, and whether the next one is asked after each of its answers.</summary>
/// <param name="Name">What the administrator calls it, such as <c>sasldb</c>.</param>
/// <param name="Store">Whom to ask.</param>
public sealed record CredentialStoreLink(string Name, ICredentialStore Store)
{
    /// <summary>When the store knows the user. <see cref="SaslChainRule.Continue"/> asks the next one only for what is still missing.</summary>
    public SaslChainRule OnFound { get; init; } = SaslChainRule.Continue;

    /// <summary>When the store does not know the user.</summary>
    public SaslChainRule OnUnknownUser { get; init; } = SaslChainRule.Continue;

    /// <summary>When the store throws.</summary>
    public SaslChainErrorRule OnError { get; init; } = SaslChainErrorRule.Fail;
}
