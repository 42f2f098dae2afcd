namespace Sasl.Testing.Peers;

/// <summary>What became of a message that Postfix relayed.</summary>
public enum PostfixStatus
{
    /// <summary>The relay took it.</summary>
    Sent,

    /// <summary>It stays in the queue: a temporary failure, which a refused login is by default (smtp_sasl_auth_soft_bounce).</summary>
    Deferred,

    /// <summary>It was refused for good.</summary>
    Bounced,
}
