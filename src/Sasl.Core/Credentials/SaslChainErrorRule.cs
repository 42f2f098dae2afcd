namespace Sasl;

/// <summary>What a <see cref="CredentialStoreChain"/> does when one of its stores cannot answer.</summary>
public enum SaslChainErrorRule
{
    /// <summary>Gives up: the login is a temporary failure.</summary>
    Fail,

    /// <summary>Asks the next store. A login that succeeds with what that one has succeeds; every other is a temporary failure, so that
    /// nobody can tell during an outage whom the other stores know.</summary>
    Continue,
}
