namespace Sasl.Testing.Peers;

/// <summary>msmtp, on GNU SASL. It has no -PLUS mechanisms. Exit code 77: authentication failed; 69: the mechanism was not offered.</summary>
public sealed class Msmtp : SmtpClientPeer
{
    private const string PasswordVariable = "PEER_PASSWORD";

    /// <inheritdoc/>
    public override string Program => "msmtp";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Mechanisms => ["PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "NTLM", "SCRAM-SHA-1", "SCRAM-SHA-256"];

    /// <inheritdoc/>
    protected override PeerCommand Command(SmtpLogin login) => new("msmtp",
    [
        "--debug", $"--host={login.Host}", $"--port={login.Port}", "--timeout=15", "--from=alice@localhost", "--domain=localhost",
        $"--auth={(login.Mechanism is null ? "on" : Lower(login.Mechanism))}", $"--user={login.User}",
        $"--passwordeval=printenv {PasswordVariable}",
        .. Protection(login),
        .. login.ExtraArguments,
        "bob@localhost",
    ])
    {
        Environment = new Dictionary<string, string> { [PasswordVariable] = login.Password },
        Input = login.Message,
    };

    private static string[] Protection(SmtpLogin login) => login.Tls switch
    {
        PeerTls.None => ["--tls=off"],
        PeerTls.StartTls => ["--tls=on", "--tls-starttls=on", .. Trust(login)],
        PeerTls.Implicit => ["--tls=on", "--tls-starttls=off", .. Trust(login)],
    };

    private static string[] Trust(SmtpLogin login) =>
    [
        $"--tls-trust-file={CaFile(login)}",
        .. login.ClientCertificate is { } own ? (string[])[$"--tls-cert-file={own.CertificateFile}", $"--tls-key-file={own.KeyFile}"] : [],
    ];

#pragma warning disable CA1308 // msmtp's own names of the mechanisms are in lower case.
    private static string Lower(string mechanism) => mechanism.ToLowerInvariant();
#pragma warning restore CA1308
}
