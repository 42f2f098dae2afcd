namespace Sasl;

/// <summary>What a <see cref="CredentialStoreChain"/> does when one of its stores cannot answer.</summary>
public enum SaslChainErrorRule
{
    /// <summary>Gives up: the login is a temporary failure.</summary>
    Fail,

    /// <summary>Asks the next store. The login is still a temporary failure when no other store knows the user.</summary>
    Continue,
}
