namespace Sasl.Testing.Peers;

/// <summary>What docs/interop.md calls the peers, so that every test of one peer writes into the same row.</summary>
public static class InteropPeer
{
    /// <summary>sasl-sample-server and sasl-sample-client.</summary>
    public const string CyrusSample = "Cyrus SASL, sample programs";

    /// <summary>Postfix with Cyrus SASL, as server or as relaying client.</summary>
    public const string Postfix = "Postfix with Cyrus SASL";

    /// <summary>Dovecot's own mechanisms.</summary>
    public const string Dovecot = "Dovecot";

    /// <summary>gsasl, on standard input and output or as a mail client.</summary>
    public const string GnuSasl = "GNU SASL";

    /// <summary>PostgreSQL's own SCRAM.</summary>
    public const string PostgreSql = "PostgreSQL";

    /// <summary>slapd with Cyrus SASL.</summary>
    public const string OpenLdap = "OpenLDAP slapd";

    /// <summary>The classes javax.security.sasl of OpenJDK.</summary>
    public const string OpenJdk = "OpenJDK";

    /// <summary>A mail client of the harness.</summary>
    public static string Of(SmtpClientPeer client) => client.Program switch
    {
        "gsasl" => GnuSasl,
        "python3" => "Python smtplib",
        string program => program,
    };
}
