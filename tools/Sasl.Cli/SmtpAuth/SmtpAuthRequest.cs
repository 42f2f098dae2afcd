namespace Sasl.Cli;

/// <summary>What the arguments of <c>sasl smtp-auth</c> ask for.</summary>
/// <param name="Server">The server.</param>
internal sealed record SmtpAuthRequest(HostAndPort Server)
{
    public string? User { get; init; }

    public string? ActAs { get; init; }

    /// <summary>The only mechanism to use; null for the best that fits.</summary>
    public string? Mechanism { get; init; }

    public string? PasswordFile { get; init; }

    public string? PasswordVariable { get; init; }

    public string? TokenFile { get; init; }

    public string? TokenVariable { get; init; }

    public StartTlsWish StartTls { get; init; }

    /// <summary>Whether the connection begins with TLS.</summary>
    public bool ImplicitTls { get; init; }

    public string? AuthorityFile { get; init; }

    public string? CertificateFile { get; init; }

    public string? KeyFile { get; init; }

    public SaslBindingPolicy Binding { get; init; }

    /// <summary>Whether the password may cross a connection that is not encrypted.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>How long the server may take for what comes before the password, and again for what comes after it.</summary>
    public TimeSpan Timeout { get; init; }
}
