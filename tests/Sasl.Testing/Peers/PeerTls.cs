namespace Sasl.Testing.Peers;

/// <summary>How a mail connection is protected.</summary>
public enum PeerTls
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>By the STARTTLS command (RFC 3207), before authentication; the client insists.</summary>
    StartTls,

    /// <summary>From the first octet (RFC 8314, port 465).</summary>
    Implicit,
}
