namespace Sasl.Smtp;

/// <summary>How a client speaks AUTH.</summary>
public sealed record SmtpAuthClientOptions
{
    private const int StandardCommandLength = 512;

    private const int SufficientChallengeLength = 12288;

    /// <summary>The longest AUTH command sent, in octets with CRLF (RFC 5321 section 4.5.3.1.4). An initial response that does not fit
    /// goes after the server's empty challenge.</summary>
    public int MaxCommandLength { get; init; } = StandardCommandLength;

    /// <summary>The longest challenge accepted, in octets of base64 (RFC 4954 section 4).</summary>
    public int MaxChallengeLength { get; init; } = SufficientChallengeLength;

    /// <summary>Whether the initial response goes into the AUTH command where it fits. False for servers that cannot take it there.</summary>
    public bool InitialResponse { get; init; } = true;

    /// <summary>Whether the next mechanism is tried when the server says that one cannot be used (504, 534, 538, or 500 5.5.6).
    /// Never after a refusal of the credentials, and never from a mechanism that binds to the channel to one that does not:
    /// the server has offered it, and who says that it does not work may not be the server.</summary>
    public bool TryNextMechanism { get; init; }
}
