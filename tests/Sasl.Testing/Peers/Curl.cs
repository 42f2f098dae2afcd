namespace Sasl.Testing.Peers;

/// <summary>curl, with its own SASL. It has no SCRAM on Debian. Exit code 67: the login was refused, or the mechanism was not offered.</summary>
public sealed class Curl : SmtpClientPeer
{
    /// <inheritdoc/>
    public override string Program => "curl";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Mechanisms => ["PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "NTLM"];

    /// <inheritdoc/>
    protected override PeerCommand Command(SmtpLogin login) => new("curl",
    [
        "-q", "--verbose", "--silent", "--show-error", "--max-time", "20",
        "--url", $"{(login.Tls == PeerTls.Implicit ? "smtps" : "smtp")}://{login.Host}:{login.Port}/localhost",
        "--user", $"{login.User}:{login.Password}",
        .. login.Mechanism is null ? (string[])[] : ["--login-options", $"AUTH={login.Mechanism}"],
        .. login.Tls == PeerTls.None ? (string[])[] : ["--ssl-reqd", "--cacert", CaFile(login)],
        .. login.ClientCertificate is { } own ? (string[])["--cert", own.CertificateFile, "--key", own.KeyFile] : [],
        "--mail-from", "alice@localhost", "--mail-rcpt", "bob@localhost", "--upload-file", "-", "--crlf",
        .. login.ExtraArguments,
    ])
    {
        Input = login.Message,
    };
}
