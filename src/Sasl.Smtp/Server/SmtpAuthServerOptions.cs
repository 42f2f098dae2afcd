namespace Sasl.Smtp;

/// <summary>How a server speaks AUTH.</summary>
public sealed record SmtpAuthServerOptions
{
    /// <summary>The length that RFC 4954 section 4 calls sufficient for every deployed mechanism, in octets of base64.</summary>
    public const int SufficientResponseLength = 12288;

    /// <summary>Whether old Microsoft clients are served (Postfix: <c>broken_sasl_auth_clients</c>): the offer is repeated as
    /// <c>AUTH=PLAIN LOGIN</c>, and commands of the form <c>AUTH=PLAIN</c> are understood.</summary>
    public bool BrokenClients { get; init; }

    /// <summary>The longest response accepted, in octets of base64 (Postfix: <c>smtpd_sasl_response_limit</c>).
    /// At least <see cref="SufficientResponseLength"/>.</summary>
    public int MaxResponseLength { get; init; } = SufficientResponseLength;

    /// <summary>Knows what the client has sent and the host has not read; null when the host does not watch.</summary>
    public SmtpPipelineGuard? Pipeline { get; init; }
}
