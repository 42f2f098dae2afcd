namespace Sasl.Testing.Peers;

/// <summary>All mail clients of the harness.</summary>
public static class SmtpClients
{
    /// <summary>One of each.</summary>
    public static IReadOnlyList<SmtpClientPeer> All { get; } = [new Swaks(), new Curl(), new Msmtp(), new PythonSmtplib(), new GsaslSmtp()];

    /// <summary>The one that is this program: "swaks", "curl", "msmtp", "python3" or "gsasl".</summary>
    public static SmtpClientPeer Named(string program) => All.Single(client => client.Program == program);
}
