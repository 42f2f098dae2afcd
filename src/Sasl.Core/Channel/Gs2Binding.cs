namespace Sasl;

/// <summary>What a client says about channel binding (RFC 5801 section 5.1, RFC 5802 section 6).</summary>
public enum Gs2Binding
{
    /// <summary>"n": it does not bind.</summary>
    NotSupported,

    /// <summary>"y": it would bind, but has not seen the server offer it.</summary>
    NotOffered,

    /// <summary>"p": it binds, with the type that follows.</summary>
    Used,
}
