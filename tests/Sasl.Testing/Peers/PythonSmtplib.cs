namespace Sasl.Testing.Peers;

/// <summary>smtplib of Python 3. Exit code 1: the server refused; the last line names the exception.</summary>
public sealed class PythonSmtplib : SmtpClientPeer
{
    private const string Script =
        """
        import os, smtplib, ssl, sys
        want = os.environ
        def run():
            tls = None
            if want["PEER_TLS"] != "None":
                tls = ssl.create_default_context(cafile=want["PEER_CA"])
                if want["PEER_CERT"]:
                    tls.load_cert_chain(want["PEER_CERT"], want["PEER_KEY"])
            if want["PEER_TLS"] == "Implicit":
                server = smtplib.SMTP_SSL(timeout=15, context=tls, local_hostname="localhost")
            else:
                server = smtplib.SMTP(timeout=15, local_hostname="localhost")
            server.set_debuglevel(1)
            server._host = want["PEER_HOST"]
            server.connect(want["PEER_HOST"], int(want["PEER_PORT"]))
            server.ehlo()
            if want["PEER_TLS"] == "StartTls":
                server.starttls(context=tls)
                server.ehlo()
            name = want["PEER_MECHANISM"]
            if name:
                server.user, server.password = want["PEER_USER"], want["PEER_PASSWORD"]
                server.auth(name, getattr(server, "auth_" + name.lower().replace("-", "_")))
            else:
                server.login(want["PEER_USER"], want["PEER_PASSWORD"])
            if want["PEER_MESSAGE"]:
                server.sendmail("alice@localhost", ["bob@localhost"], want["PEER_MESSAGE"])
            server.quit()
        try:
            run()
        except Exception as fault:
            print(type(fault).__name__, fault, file=sys.stderr)
            sys.exit(1)
        """;

    /// <inheritdoc/>
    public override string Program => "python3";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Mechanisms => ["PLAIN", "LOGIN", "CRAM-MD5"];

    /// <inheritdoc/>
    protected override PeerCommand Command(SmtpLogin login) => new("python3", ["-I", "-c", Script, .. login.ExtraArguments])
    {
        Environment = new Dictionary<string, string>
        {
            ["PEER_HOST"] = login.Host,
            ["PEER_PORT"] = $"{login.Port}",
            ["PEER_USER"] = login.User,
            ["PEER_PASSWORD"] = login.Password,
            ["PEER_MECHANISM"] = login.Mechanism ?? "",
            ["PEER_TLS"] = login.Tls.ToString(),
            ["PEER_CA"] = login.Tls == PeerTls.None ? "" : CaFile(login),
            ["PEER_CERT"] = login.ClientCertificate?.CertificateFile ?? "",
            ["PEER_KEY"] = login.ClientCertificate?.KeyFile ?? "",
            ["PEER_MESSAGE"] = login.SendMessage ? login.Message : "",
        },
    };
}
