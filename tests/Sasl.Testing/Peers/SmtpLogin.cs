namespace Sasl.Testing.Peers;

/// <summary>What a mail client is told to do: where to connect, as whom, how.</summary>
/// <param name="Port">The server's port.</param>
public sealed record SmtpLogin(int Port)
{
    /// <summary>The server's name; certificates are checked against it.</summary>
    public string Host { get; init; } = "localhost";

    /// <summary>The user name; with ANONYMOUS the token.</summary>
    public string User { get; init; } = "alice";

    /// <summary>The password.</summary>
    public string Password { get; init; } = "secret";

    /// <summary>The only mechanism to use, in upper case; null leaves the choice to the client.</summary>
    public string? Mechanism { get; init; }

    /// <summary>How the connection is protected.</summary>
    public PeerTls Tls { get; init; }

    /// <summary>PEM file of the CA that the server's certificate must come from. Needed with TLS.</summary>
    public string? CaFile { get; init; }

    /// <summary>A certificate to show the server.</summary>
    public TestCertificate? ClientCertificate { get; init; }

    /// <summary>
    /// After authentication send a message from alice@localhost to bob@localhost, rather than end. curl and msmtp always send one,
    /// gsasl never does.
    /// </summary>
    public bool SendMessage { get; init; }

    /// <summary>The message that is sent: its header and body, lines ended by LF.</summary>
    public string Message { get; init; } = "From: alice@localhost\nTo: bob@localhost\nSubject: test\n\nA test message.\n";

    /// <summary>Further arguments for the program, such as gsasl's "--priority" or "--no-cb".</summary>
    public IReadOnlyList<string> ExtraArguments { get; init; } = [];
}
