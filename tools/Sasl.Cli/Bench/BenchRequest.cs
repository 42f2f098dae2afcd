namespace Sasl.Cli;

/// <summary>What the arguments of <c>sasl bench</c> ask for.</summary>
/// <param name="Server">The server.</param>
/// <param name="Mechanism">The mechanism, upper case.</param>
internal sealed record BenchRequest(HostAndPort Server, string Mechanism)
{
    /// <summary>How many connections log in at once, each one login after the other.</summary>
    public required int Connections { get; init; }

    /// <summary>For how long.</summary>
    public required TimeSpan Duration { get; init; }

    public string? User { get; init; }

    public string? PasswordFile { get; init; }

    public string? PasswordVariable { get; init; }

    /// <summary>Whether each login derives its keys anew, as a client does that logs in for the first time.</summary>
    public bool Cold { get; init; }

    /// <summary>Whether another machine may be put under load.</summary>
    public bool InsistsOnRemote { get; init; }

    /// <summary>Whether the password may cross a network.</summary>
    public bool AllowPlaintext { get; init; }
}
