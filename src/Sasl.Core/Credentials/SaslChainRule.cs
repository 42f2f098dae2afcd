namespace Sasl;

/// <summary>What a chain of back ends does after one of them has answered.</summary>
public enum SaslChainRule
{
    /// <summary>Asks the next one.</summary>
    Continue,

    /// <summary>Asks nobody else.</summary>
    Stop,
}
