namespace Sasl.Kerberos;

/// <summary>What a context is wanted for.</summary>
/// <param name="Options">Where keys and tickets are.</param>
/// <param name="Service">The service's registered name.</param>
/// <param name="Host">The server's host name.</param>
/// <param name="Negotiates">Whether SPNEGO is spoken.</param>
internal sealed record KerberosRequest(KerberosOptions Options, string Service, string Host, bool Negotiates)
{
    private const string AnyKey = "*";

    /// <summary>What a client asks for.</summary>
    public GssFlags Wanted { get; init; }

    /// <summary>What both sides have to see alike; empty for nothing.</summary>
    public byte[] Binding { get; init; } = [];

    /// <summary>The name of the service; null on a server that takes any key of the keytab.</summary>
    public string? ServiceName => Options.ServicePrincipal switch
    {
        null => $"{Service}@{Host}",
        AnyKey => null,
        var named => named,
    };
}
