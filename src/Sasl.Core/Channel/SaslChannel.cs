using System.Net;

namespace Sasl;

/// <summary>What the transport already provides: an immutable snapshot taken when a session is created.</summary>
/// <remarks>Take a new one, and a new session, when the transport changes, as after STARTTLS.</remarks>
public sealed partial record SaslChannel
{
    /// <summary>A bare TCP connection, of which nothing is known.</summary>
    public static SaslChannel Plaintext { get; } = new();

    /// <summary>The strength of the encryption below SASL, in bits; 0 without encryption, 1 for integrity alone.</summary>
    public int ExternalSsf { get; init; }

    /// <summary>The identity the transport has already verified, such as a client certificate's; null when there is none.</summary>
    public string? ExternalIdentity { get; init; }

    /// <summary>The channel-binding data of the connection; null when it has none.</summary>
    public SaslChannelBindings? Bindings { get; init; }

    /// <summary>This end of the connection, for back ends and logs.</summary>
    public EndPoint? Local { get; init; }

    /// <summary>The peer's end of the connection, for back ends and logs.</summary>
    public EndPoint? Remote { get; init; }
}
