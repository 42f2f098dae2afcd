namespace Sasl.Testing.Peers;

/// <summary>
/// The gsasl program as SMTP client. Its -PLUS mechanisms bind with tls-exporter on TLS 1.3 and tls-unique on TLS 1.2 (choose with
/// "--priority", "NORMAL:-VERS-TLS1.3" in the extra arguments). A SCRAM mechanism without -PLUS gets "--no-cb", without which gsasl fails
/// over TLS where the server offers no -PLUS. Exit code 1: refused.
/// </summary>
public sealed class GsaslSmtp : SmtpClientPeer
{
    /// <inheritdoc/>
    public override string Program => "gsasl";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Mechanisms => ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"];

    /// <inheritdoc/>
    public override IReadOnlyList<PeerTls> Protections => [PeerTls.None, PeerTls.StartTls];

    /// <inheritdoc/>
    protected override PeerCommand Command(SmtpLogin login) => new("gsasl",
    [
        "--smtp", $"--connect={login.Host}:{login.Port}", "--hostname", login.Host, "--verbose",
        "--application-data", // It is on by default, and this turns it off.
        "--anonymous-token", login.User,
        .. login.Mechanism is null ? (string[])[] : ["--mechanism", login.Mechanism],
        .. login.Mechanism?.EndsWith("-PLUS", StringComparison.Ordinal) ?? true ? (string[])[] : ["--no-cb"],
        "--authentication-id", login.User, "--password", login.Password,
        .. Protection(login),
        .. login.ExtraArguments,
    ]);

    private static string[] Protection(SmtpLogin login) => login.Tls switch
    {
        PeerTls.None => ["--no-starttls"],
        PeerTls.StartTls =>
        [
            "--starttls", "--x509-ca-file", CaFile(login),
            .. login.ClientCertificate is { } own ? (string[])["--x509-cert-file", own.CertificateFile, "--x509-key-file", own.KeyFile] : [],
        ],
        PeerTls.Implicit => throw new ArgumentException("gsasl has no TLS from the first octet.", nameof(login)),
    };
}
