namespace Sasl.Testing.Peers;

/// <summary>swaks, the "Swiss army knife for SMTP", on Perl's Authen::SASL. Exit code 28: authentication failed; 29: TLS failed.</summary>
public sealed class Swaks : SmtpClientPeer
{
    /// <inheritdoc/>
    public override string Program => "swaks";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Mechanisms => ["PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5"];

    /// <inheritdoc/>
    protected override PeerCommand Command(SmtpLogin login) => new("swaks",
    [
        "--server", $"{login.Host}:{login.Port}", "--timeout", "15s", "--helo", "localhost",
        "--from", "alice@localhost", "--to", "bob@localhost",
        login.Mechanism is null ? "--auth" : $"--auth={login.Mechanism}", "--auth-user", login.User, "--auth-password", login.Password,
        .. Protection(login),
        .. login.SendMessage ? (string[])["--data", "-"] : ["--quit-after", "AUTH"],
        .. login.ExtraArguments,
    ])
    {
        Input = login.SendMessage ? login.Message : "",
    };

    private static string[] Protection(SmtpLogin login) => login.Tls switch
    {
        PeerTls.None => [],
        PeerTls.StartTls => ["--tls", .. Trust(login)],
        PeerTls.Implicit => ["--tls-on-connect", .. Trust(login)],
    };

    private static string[] Trust(SmtpLogin login) =>
    [
        "--tls-verify", "--tls-ca-path", CaFile(login),
        .. login.ClientCertificate is { } own ? (string[])["--tls-cert", own.CertificateFile, "--tls-key", own.KeyFile] : [],
    ];
}
