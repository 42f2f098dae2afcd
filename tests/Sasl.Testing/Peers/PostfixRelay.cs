namespace Sasl.Testing.Peers;

/// <summary>Where and how a <see cref="PostfixClient"/> relays its mail.</summary>
/// <param name="Port">The relay's port on 127.0.0.1; it is addressed as [localhost].</param>
public sealed record PostfixRelay(int Port)
{
    /// <summary>The user name in smtp_sasl_password_maps.</summary>
    public string User { get; init; } = "alice";

    /// <summary>The password in smtp_sasl_password_maps.</summary>
    public string Password { get; init; } = "secret";

    /// <summary>smtp_sasl_mechanism_filter: mechanisms it may use, separated by commas; null for all it has.</summary>
    public string? MechanismFilter { get; init; }

    /// <summary>smtp_sasl_security_options.</summary>
    public string SecurityOptions { get; init; } = "noanonymous";

    /// <summary>How the connection is protected.</summary>
    public PeerTls Tls { get; init; }

    /// <summary>PEM file of the CA that the relay's certificate must come from. Needed with TLS.</summary>
    public string? CaFile { get; init; }

    /// <summary>Further lines of main.cf.</summary>
    public string ExtraSettings { get; init; } = "";
}
