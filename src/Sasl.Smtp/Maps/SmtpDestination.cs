namespace Sasl.Smtp;

/// <summary>Where a client is about to log in, in the words of Postfix's <c>smtp_sasl_password_maps</c>.</summary>
/// <param name="HostName">The host that was dialled, without brackets and port.</param>
public sealed record SmtpDestination(string HostName)
{
    /// <summary>The destination as the configuration has it, such as <c>[mail.isp.example]:submission</c> (Postfix: the next hop, often
    /// <c>relayhost</c>); null when there is only a host.</summary>
    public string? NextHop { get; init; }

    /// <summary>The port that was dialled; used only when <see cref="NextHop"/> is null; null when it is not to matter.</summary>
    public int? Port { get; init; }

    /// <summary>The envelope sender, where credentials depend on it (Postfix: <c>smtp_sender_dependent_authentication</c>); null or
    /// empty where they do not.</summary>
    public string? Sender { get; init; }
}
