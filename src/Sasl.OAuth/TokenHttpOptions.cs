using System.Security.Cryptography.X509Certificates;

namespace Sasl.OAuth;

/// <summary>How an issuer is asked over HTTP.</summary>
/// <remarks>Addresses are https. Only this machine itself (127.0.0.0/8, ::1, localhost) may be asked without TLS. Redirects are not followed.</remarks>
public sealed record TokenHttpOptions
{
    private const int DefaultTimeout = 5;
    private const int MaxTimeout = 60;

    /// <summary>The defaults.</summary>
    public static TokenHttpOptions Default { get; } = new();

    /// <summary>How long one question may take, from connecting to the last octet; 5 seconds unless set, 60 at most.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(DefaultTimeout);

    /// <summary>The authorities that may have issued the server's certificate; null trusts those that the system trusts.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    internal void ThrowIfInvalid()
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(Timeout, TimeSpan.Zero, nameof(Timeout));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Timeout, TimeSpan.FromSeconds(MaxTimeout), nameof(Timeout));
    }
}
