namespace Sasl.Testing.Peers;

/// <summary>Flags of Cyrus's sample programs; both understand the same ones, but for those that say otherwise.</summary>
public sealed record CyrusSampleOptions
{
    /// <summary>-m: the only mechanism; null leaves the choice to Cyrus.</summary>
    public string? Mechanism { get; init; }

    /// <summary>-s: the service name.</summary>
    public string Service { get; init; } = "sample";

    /// <summary>-b: wanted strength of the security layer, "min=N,max=N".</summary>
    public string? Strength { get; init; }

    /// <summary>-f: security flags, such as "noplain".</summary>
    public string? Flags { get; init; }

    /// <summary>-e: a layer outside, "ssf=N,id=ID".</summary>
    public string? External { get; init; }

    /// <summary>-l: the server may send its last message together with success.</summary>
    public bool ServerSendsLast { get; init; }

    /// <summary>-d: the client sends nothing before the server's first challenge. Client only.</summary>
    public bool NoInitialResponse { get; init; }

    /// <summary>-a: the user who authenticates. Client only.</summary>
    public string User { get; init; } = "alice";

    /// <summary>-u: the user to act as; null asks for no other. Client only.</summary>
    public string? ActAs { get; init; } = "alice";

    /// <summary>-r: the realm. Client only.</summary>
    public string? Realm { get; init; }

    /// <summary>The password that the client's prompt gets. Client only.</summary>
    public string Password { get; init; } = "secret";

    /// <summary>Further environment variables, such as those of a KDC.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Further flags.</summary>
    public IReadOnlyList<string> ExtraArguments { get; init; } = [];
}
