namespace SmtpAuth;

/// <summary>Lines to paste into another terminal while the server is up.</summary>
internal static class Usage
{
    public static void Print(TextWriter output, int port, string userName, string password, PrivateDirectory directory)
    {
        output.WriteLine($"""

            Paste any of these into another terminal. Mail is kept in {directory.Mail}

            swaks --server 127.0.0.1:{port} --from alice@localhost --to bob@localhost -tls --auth PLAIN --auth-user {userName} --auth-password {password}

            printf 'Subject: hello\r\n\r\nfrom curl\r\n' | curl --url smtp://localhost:{port} --ssl-reqd --cacert {directory.CertificateFile} --user {userName}:{password} --login-options AUTH=PLAIN --mail-from alice@localhost --mail-rcpt bob@localhost --upload-file -

            printf 'Subject: hello\n\nfrom msmtp\n' | msmtp --host=localhost --port={port} --tls=on --tls-starttls=on --tls-trust-file={directory.CertificateFile} --auth=scram-sha-256 --user={userName} --passwordeval="printf %s {password}" --from=alice@localhost bob@localhost

            Press Ctrl-C to stop. Everything above is deleted then.
            """);
    }
}
