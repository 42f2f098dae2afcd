namespace Sasl.Saslauthd;

/// <summary>Where saslauthd is, and how it is asked.</summary>
public sealed record SaslauthdVerifierOptions
{
    /// <summary>The socket, or the folder in which it is called <c>mux</c> (Cyrus: <c>saslauthd_path</c>, which must name the socket);
    /// null looks at <see cref="SaslauthdVerifier.UsualPaths"/>.</summary>
    public string? Path { get; init; }

    /// <summary>Whether to send the client's address as a fifth string, as the development version of Cyrus SASL does. Its daemon does not answer
    /// without; the daemon of 2.1.28 takes no notice.</summary>
    public bool SendClientAddress { get; init; }

    /// <summary>How long and how often it is asked at once.</summary>
    public PasswordDaemonLimits Limits { get; init; } = new();
}
