namespace Sasl;

/// <summary>Where an exchange stands after one message.</summary>
public enum SaslStatus
{
    /// <summary>It is over and nobody is authenticated.</summary>
    Failure,

    /// <summary>The peer's next message is awaited.</summary>
    Continue,

    /// <summary>It is over and has succeeded.</summary>
    Success,
}
