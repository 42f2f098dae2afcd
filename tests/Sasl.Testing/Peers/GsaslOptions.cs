namespace Sasl.Testing.Peers;

/// <summary>What the gsasl program is told, as server or as client on standard input and output.</summary>
/// <param name="Mechanism">The mechanism.</param>
public sealed record GsaslOptions(string Mechanism)
{
    /// <summary>The user name.</summary>
    public string User { get; init; } = "alice";

    /// <summary>The password.</summary>
    public string Password { get; init; } = "secret";

    /// <summary>The user to act as; null asks for no other. Client only, but for DIGEST-MD5, whose server wants it too.</summary>
    public string? ActAs { get; init; }

    /// <summary>The service name.</summary>
    public string Service { get; init; } = "smtp";

    /// <summary>Environment variables, as Kerberos needs them.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Further arguments.</summary>
    public IReadOnlyList<string> ExtraArguments { get; init; } = [];
}
